"""Set-up at a glance: can it be booked, what stands in the way, and the way to everything that is edited (BM-04)."""

from typing import Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions import conflict_resolving
from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import marked, text
from appliance.storage.versioned import ChangedMeanwhile
from appliance.web.admin import choices
from appliance.web.admin.admissions import AdmissionsOfConsole
from appliance.web.admin.asks import Ask, AskKind, Section, body_of, value_in
from appliance.web.admin.console import Console
from appliance.web.admin.door_ways import DoorWays
from appliance.web.admin.hours import HoursOfConsole
from appliance.web.admin.moments import span
from appliance.web.admin.rule_sheet import rule_sheet
from appliance.web.admin.sheet_kinds import sheets
from appliance.web.admin.sheets import SheetsOfConsole, by_ask, changed_told, judged, shown
from appliance.web.api import offer_schemas, offering
from appliance.web.forms import Filled
from appliance.web.readiness import mended_at, readiness_now, told
from appliance.web.speaking import language

_FACILITY: Final = (
    Ask("name", marked("Name"), required=True),
    Ask("zone", marked("Time zone"), help=marked("In force once the unit was started again."), required=True),
    Ask("address", marked("Address"), help=marked("Where customers find it.")),
    Ask("position", marked("Position"), help=marked("Latitude and longitude, such as 59.3057, 18.0731.")),
    Ask("help_phone", marked("Help by phone"), help=marked("Shown at the door when something does not open.")),
    Ask(
        "rule",
        marked("Booking rule"),
        AskKind.FOUND,
        marked("Of every service that has none of its own."),
        choices.rules,
    ),
)


class SetUpOfConsole:
    """`/admin/setup`, the facility, hours, doors and every sheet below it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._sheets = [*sheets(console.unit), rule_sheet(console.unit)]

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/setup", "setup", self.all)
        blueprint.add_url_rule("/setup/facility", "setup_facility", self.facility)
        blueprint.add_url_rule("/setup/facility", "setup_facility_change", self.change, methods=["POST"])
        HoursOfConsole(self._console).register(blueprint)
        AdmissionsOfConsole(self._console).register(blueprint)
        DoorWays(self._console).register(blueprint)
        SheetsOfConsole(self._console, self._sheets).register(blueprint)

    def all(self) -> ResponseReturnValue:
        unit, spoken = self._console.unit, language()
        found = readiness_now(unit)
        conflicts = conflict_resolving.listed(unit.desk).bookings
        return self._console.page(
            "setup.html",
            can_be_booked=found.can_be_booked,
            blockers=[(told(each, spoken), mended_at(unit, each), each.blocks) for each in found.blockers],
            sheets=self._sheets,
            conflicts=[(each.id, each.number, span(each.interval, unit.desk.scope.zone)) for each, _ in conflicts],
        )

    def facility(self) -> ResponseReturnValue:
        found = offering.the_facility(self._console.unit)
        return self._form(offer_schemas.facility_shape(found.value), {}, str(found.version))

    def change(self) -> ResponseReturnValue:
        unit, version = self._console.unit, request.form.get("version", "")
        body = body_of(_FACILITY, request.form, unit.desk.scope.zone)
        sent = {**body, "version": int(version) if version.isdecimal() and len(version) < 10 else 0}
        try:
            offering.change_facility(unit, judged(offer_schemas.FacilitySchema(), sent), self._console.actor)
        except Invalid as fault:
            return self._form(body, by_ask(_FACILITY, fault.errors), version), 422
        except ChangedMeanwhile as meanwhile:
            return self._form(body, {"": [changed_told(unit, meanwhile.now)]}, version), 409
        return self._console.done(url_for("admin.setup"), text(language(), "It is saved and in force."))

    def _form(self, body: dict[str, object], wrong: dict[str, list[str]], version: str) -> str:
        parts = [shown(ask, ask.name, value_in(body, ask.name), self._console) for ask in _FACILITY]
        return self._console.page(
            "setup_form.html",
            heading=text(language(), "The facility"),
            sections=[(Section("", _FACILITY), parts)],
            form=Filled({}, {}, wrong),
            version=version,
        )
