"""`/admin/me`: one's own profile, and the address of one's own calendar (DY-33)."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import LANGUAGES, marked, text
from appliance.foundation.wording import LANGUAGE_NAMES
from appliance.identity.store import StaffMember
from appliance.storage.versioned import ChangedMeanwhile
from appliance.web.admin.asks import Ask, AskKind, body_of, value_in
from appliance.web.admin.console import Console
from appliance.web.admin.sheets import by_ask, changed_told, judged, shown
from appliance.web.api import me_schemas
from appliance.web.callers import staff
from appliance.web.forms import Filled, is_confirmed
from appliance.web.speaking import language
from appliance.web.staff_calendar import calendar_address


def _languages() -> list[tuple[str, str]]:
    as_usual = ("", text(language(), "As the facility writes to staff"))
    return [as_usual, *((each, LANGUAGE_NAMES[each]) for each in LANGUAGES)]


_ASKS: Final = (
    Ask("name", marked("Name to show")),
    Ask(
        "email",
        marked("E-mail"),
        help=marked("Where you are told on the evening before what you have on the next day."),
    ),
    Ask("phone", marked("Phone number")),
    Ask("language", marked("Language"), AskKind.CHOICE, marked("In which you are written to."), _languages),
)


class MeOfConsole:
    """The page of whoever is signed in."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unit = console.unit

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/me", "me", self.show)
        blueprint.add_url_rule("/me", "me_change", self.change, methods=["POST"])
        blueprint.add_url_rule("/me/calendar", "me_calendar", self.calendar, methods=["POST"])
        blueprint.add_url_rule("/me/calendar/off", "me_calendar_off", self.calendar_off, methods=["POST"])

    def show(self) -> ResponseReturnValue:
        found, _ = self._unit.own_profiles.of(self._who())
        return self._form(me_schemas.profile_shape(found.value), {}, str(found.version))

    def change(self) -> ResponseReturnValue:
        version = request.form.get("version", "")
        body = body_of(_ASKS, request.form, self._unit.desk.scope.zone)
        sent = {**body, "version": int(version) if version.isdecimal() and len(version) < 10 else -1}
        try:
            read = judged(me_schemas.ProfileSchema(), sent)
            self._unit.own_profiles.change(self._who(), me_schemas.profile_of(read), read["version"])
        except Invalid as fault:
            return self._form(body, by_ask(_ASKS, fault.errors), version), 422
        except ChangedMeanwhile as meanwhile:
            return self._form(body, {"": [changed_told(self._unit, meanwhile.now)]}, version), 409
        return self._console.done(url_for("admin.me"), text(language(), "Your profile is saved."))

    def calendar(self) -> ResponseReturnValue:
        """A new address, shown this once; a former one is asked about first."""
        if self._unit.own_profiles.of(self._who())[1] and not is_confirmed():
            said = text(language(), "The former address leads nowhere from then on. Subscribe by the new one instead.")
            button, back = text(language(), "New address"), url_for("admin.me")
            return self._console.confirmation(text(language(), "My calendar"), said, button, back)
        address = calendar_address(self._unit, self._unit.own_profiles.open_calendar(self._who()))
        return self._console.page("me_calendar.html", address=address)

    def calendar_off(self) -> ResponseReturnValue:
        back = url_for("admin.me")
        if not is_confirmed():
            said = text(language(), "Calendars that subscribe to yours are told nothing more.")
            button = text(language(), "Switch off the calendar")
            return self._console.confirmation(text(language(), "My calendar"), said, button, back)
        self._unit.own_profiles.close_calendar(self._who())
        return self._console.done(back, text(language(), "Your calendar has no address any more."))

    def _who(self) -> StaffMember:
        return staff(self._unit)

    def _form(self, body: Mapping[str, Any], wrong: Mapping[str, list[str]], version: str) -> str:
        return self._console.page(
            "me.html",
            asked=[shown(ask, ask.name, value_in(body, ask.name), self._console) for ask in _ASKS],
            form=Filled({}, {}, wrong),
            version=version,
            has_calendar=self._unit.own_profiles.of(self._who())[1],
        )
