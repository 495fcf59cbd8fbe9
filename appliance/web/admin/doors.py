"""The doors for staff: what their contacts say, who came with what, and what staff may do at one (AC-11, AC-12, AC-19).

Rules stand where the API finds them: in the door process and the capabilities. A page only asks and tells.
"""

from collections.abc import Sequence

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue

from appliance.door_socket.answers import DoorEvent, DoorView
from appliance.door_socket.connections import DoorUnreachable
from appliance.web.admin.console import Console
from appliance.web.admin.door_views import Told, events_of, shown
from appliance.web.problems import NotFound
from appliance.web.speaking import language

EVENTS = 200


class DoorsOfConsole:
    """`/admin/doors` and a page for each."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._doors = console.unit.doors

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/doors", "doors", self.all)
        blueprint.add_url_rule("/doors/<slug>", "door", self.one)

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
        door, events = self._seen(slug)
        told = self._told()
        return self._console.page("door.html", door=shown(door, events, told), events=events_of(door, events, told))

    def _seen(self, slug: str) -> tuple[DoorView, Sequence[DoorEvent]]:
        found = next((door for door in self._doors.doors() if slug in (door.slug, door.id)), None)
        if found is None:
            raise NotFound
        return found, self._doors.history(EVENTS)

    def _told(self) -> Told:
        reception = self._console.reception
        return Told(reception.names(), language(), reception.zone)
