"""What else hangs on the wall: who is counted inside, outputs that follow bookings, controllers and what they hold.

Rows AC-13, AC-17 and DR-11, for staff.
"""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.access.grant_life import LifeState
from appliance.door_socket.connections import DoorRefused
from appliance.door_socket.controller_answers import HeldGrantView
from appliance.foundation.i18n import marked, plural, text
from appliance.foundation.instants import MINUTE, Instant
from appliance.web.admin.console import Console
from appliance.web.admin.moments import moment
from appliance.web.api import schemas
from appliance.web.forms import Filled, filled
from appliance.web.problems import NotFound
from appliance.web.speaking import language

# A grant's life in words; what a controller only accepted is not shown as working.
LIVES: Final = {
    LifeState.PLANNED: marked("Planned"),
    LifeState.SENT: marked("Sent, not answered yet"),
    LifeState.ACCEPTED: marked("Accepted, not confirmed yet"),
    LifeState.CONFIRMED: marked("Confirmed"),
    LifeState.REMOVING: marked("Being removed"),
    LifeState.REMOVED: marked("Removed"),
    LifeState.FAILED: marked("Refused by the controller"),
    LifeState.DIVERGED: marked("Not held, although it was accepted"),
}
MARKS: Final = {
    LifeState.CONFIRMED: "good",
    LifeState.REMOVED: "shut",
    LifeState.FAILED: "bad",
    LifeState.DIVERGED: "bad",
}


class DevicesOfConsole:
    """`/admin/devices`, a page for each controller, and what staff may do there."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._doors = console.unit.doors

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/devices", "devices", self.all)
        blueprint.add_url_rule("/devices/controllers/<slug>", "controller", self.controller)
        blueprint.add_url_rule("/devices/outputs/<slug>", "output", self.output)
        blueprint.add_url_rule("/devices/outputs/<slug>", "output_override", self.override, methods=["POST"])
        blueprint.add_url_rule("/devices/outputs/<slug>/follow", "output_follow", self.follow, methods=["POST"])
        blueprint.add_url_rule("/devices/areas/<area>", "area", self.area)
        blueprint.add_url_rule("/devices/areas/<area>", "area_empty", self.empty, methods=["POST"])

    def all(self) -> ResponseReturnValue:
        return self._console.page(
            "devices.html",
            areas=self._doors.areas(),
            outputs=self._doors.outputs(),
            controllers=self._doors.controllers(),
            moment=self._moment,
            lives=[(state.value, text(language(), words)) for state, words in LIVES.items()],
        )

    def controller(self, slug: str) -> ResponseReturnValue:
        """What one controller is to hold, and how far each grant has come; nobody's card or address."""
        found = next((each for each in self._doors.controllers() if slug in (each.slug, each.id)), None)
        try:
            grants, following = self._doors.controller_grants(slug, request.args.get("cursor", "")[:64])
        except DoorRefused as refused:
            raise NotFound from refused
        if found is None:
            raise NotFound
        shown = [self._grant(each) for each in grants]
        return self._console.page("controller.html", controller=found, grants=shown, next=following)

    def output(self, slug: str) -> ResponseReturnValue:
        return self._output(slug, None)

    def override(self, slug: str) -> ResponseReturnValue:
        form = filled(schemas.OverrideSchema())
        if form.wrong:
            return self._output(slug, form), 422
        until = self._console.unit.clock.now() + form.values["minutes"] * MINUTE
        reason, is_on = form.values["reason"], form.values["on"]
        seen = self._doors.override(slug, self._console.actor, reason, on=is_on, until=until)
        said = (
            marked("{output} is switched on until {time}.")
            if is_on
            else marked("{output} is switched off until {time}.")
        )
        told = text(language(), said, output=seen.name, time=self._moment(until))
        return self._console.done(url_for("admin.devices"), told)

    def follow(self, slug: str) -> ResponseReturnValue:
        seen = self._doors.override(slug, self._console.actor, "given back", on=None, until=None)
        told = text(language(), "{output} follows the bookings again.", output=seen.name)
        return self._console.done(url_for("admin.devices"), told)

    def area(self, area: str) -> ResponseReturnValue:
        return self._area(area, None)

    def empty(self, area: str) -> ResponseReturnValue:
        form = filled(schemas.ReleaseSchema())
        if form.wrong:
            return self._area(area, form), 422
        people = self._doors.empty_area(area, self._console.actor, form.values["reason"])
        told = plural(
            language(),
            "{count} person is no longer counted inside.",
            "{count} people are no longer counted inside.",
            people,
        )
        return self._console.done(url_for("admin.devices"), told)

    def _output(self, slug: str, form: Filled | None) -> str:
        found = next((each for each in self._doors.outputs() if slug in (each.slug, each.id)), None)
        if found is None:
            raise NotFound
        return self._console.page("output.html", output=found, form=form, moment=self._moment)

    def _area(self, name: str, form: Filled | None) -> str:
        found = next((each for each in self._doors.areas() if each.area == name), None)
        if found is None:
            raise NotFound
        return self._console.page("area.html", area=found, form=form)

    def _grant(self, grant: HeldGrantView) -> Mapping[str, object]:
        state = LifeState(grant.state)
        return {
            "booking": grant.booking_id,
            "mark": MARKS.get(state, "away"),
            "words": text(language(), LIVES[state]),
            "reason": grant.reason,
            "since": self._moment(grant.since),
            "starts": self._moment(grant.starts),
            "ends": self._moment(grant.ends),
            "attempts": grant.attempts,
        }

    def _moment(self, at: Instant | None) -> str:
        return moment(at, self._console.reception.zone)
