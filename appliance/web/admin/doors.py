"""The doors for staff: what their contacts say, who came with what, and what staff may do at one (AC-11, AC-12, AC-19).

Rules stand where the API finds them: in the door process and the capabilities. A page only asks and tells.
"""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue

from appliance.door_socket.answers import DoorView
from appliance.door_socket.connections import DoorUnreachable
from appliance.foundation.i18n import marked, text
from appliance.web.admin.backup_pin import give_backup_pin
from appliance.web.admin.console import Console
from appliance.web.admin.door_views import Told, events_of, shown
from appliance.web.api import key_schemas, schemas
from appliance.web.forms import Filled, filled, is_confirmed
from appliance.web.pages.door_history import MODE_WORDS, release_words
from appliance.web.problems import NotFound
from appliance.web.speaking import language

EVENTS: Final = 200
KEYS_DECIDE: Final = marked("As the keys say")
BEGINS: Final = {
    "free_access": marked("Free access: unlocked for everybody"),
    "lockdown": marked("Lockdown: no key opens"),
    "emergency": marked("Emergency: unlocked, whatever else was asked"),
}
# What is asked once more, because a slip of the finger would hurt.
RISKS: Final = {
    "free_access": marked("{door} will stand unlocked for everybody until somebody ends it."),
    "lockdown": marked("No key will open {door} until somebody ends it. Who is inside gets out as before."),
    "emergency": marked("{door} will stand unlocked for everybody, also in a lockdown, until somebody ends it."),
}


class DoorsOfConsole:
    """`/admin/doors` and a page for each."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._doors = console.unit.doors

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/doors", "doors", self.all)
        blueprint.add_url_rule("/doors/<slug>", "door", self.one)
        blueprint.add_url_rule("/doors/<slug>/release", "door_release", self.release, methods=["POST"])
        blueprint.add_url_rule("/doors/<slug>/mode", "door_mode", self.mode, methods=["POST"])
        blueprint.add_url_rule("/doors/<slug>/backup-pin", "door_backup_pin", self.backup_pin, methods=["POST"])

    def all(self) -> ResponseReturnValue:
        try:
            doors, events, away = self._doors.doors(), self._doors.history(EVENTS), False
        except DoorUnreachable:
            doors, events, away = [], (), True
        told = self._told()
        return self._console.page(
            "doors.html",
            doors=[shown(door, events, told) for door in doors],
            away=away,
            commission=url_for("pages.commission") if "pages.commission" in current_app.view_functions else "",
        )

    def one(self, slug: str) -> ResponseReturnValue:
        return self._page(slug, {})

    def release(self, slug: str) -> ResponseReturnValue:
        """Release a door once, for a reason."""
        form = filled(schemas.ReleaseSchema())
        if form.wrong:
            return self._page(slug, {"release": form}), 422
        verdict = self._doors.release(self._find(slug).slug, self._console.actor, form.values["reason"])
        return self._console.done(_at(slug), release_words(verdict, language()), is_trouble=not verdict.granted)

    def mode(self, slug: str) -> ResponseReturnValue:
        """Begin or end how a door is run; what shuts people out or lets everybody in is asked once more."""
        form, door = filled(schemas.ModeSchema()), self._find(slug)
        if form.wrong:
            return self._page(slug, {"mode": form}), 422
        wanted, is_on, spoken = form.values["mode"], form.values["on"], language()
        if is_on and wanted in RISKS and not is_confirmed():
            asked = text(spoken, RISKS[wanted], door=door.name)
            return self._console.confirmation(door.name, asked, text(spoken, MODE_WORDS[wanted]), _at(slug))
        seen = self._doors.mode(door.slug, wanted, self._console.actor, form.values["reason"], on=is_on)
        now = MODE_WORDS.get(seen.mode, "") or KEYS_DECIDE
        return self._console.done(_at(slug), text(spoken, "The door is now run so: {mode}.", mode=text(spoken, now)))

    def backup_pin(self, slug: str) -> ResponseReturnValue:
        form, door = filled(key_schemas.BackupPinRequestSchema()), self._find(slug)
        if form.wrong:
            return self._page(slug, {"backup": form}), 422
        return give_backup_pin(self._console, door, form, _at(slug))

    def _page(self, slug: str, forms: Mapping[str, Filled]) -> str:
        door, told, events = self._find(slug), self._told(), self._doors.history(EVENTS)
        spoken = language()
        return self._console.page(
            "door.html",
            door=shown(door, events, told),
            events=events_of(door, events, told),
            readers=door.readers,
            modes=[(mode, text(spoken, words)) for mode, words in BEGINS.items() if mode != door.mode],
            forms_sent=forms,
        )

    def _find(self, slug: str) -> DoorView:
        found = next((door for door in self._doors.doors() if slug in (door.slug, door.id)), None)
        if found is None:
            raise NotFound
        return found

    def _told(self) -> Told:
        reception = self._console.reception
        return Told(reception.names(), language(), reception.zone)


def _at(slug: str) -> str:
    return url_for("admin.door", slug=slug)
