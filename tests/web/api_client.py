"""The API of a furnished unit through Flask's test client, with doors that are played."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from appliance.boot.web import unit_of
from appliance.door_socket.client import (
    Alarm,
    AreaView,
    Challenge,
    DoorClient,
    DoorEvent,
    DoorHealth,
    DoorRecord,
    DoorRefused,
    DoorUnreachable,
    DoorView,
    OutputView,
    Retirement,
    Verdict,
)
from appliance.door_socket.controller_answers import ControllerView, HeldGrantView
from appliance.foundation.instants import Instant, format_instant
from appliance.identity.signing_in import issue_device_token
from appliance.identity.store import DeviceToken
from appliance.web.app import make_app
from tests.builders import ADMIN, NOW, STOCKHOLM, Site

API = "/api/v1"


GYM = ControllerView(
    "gym-id", "gym", "Gym", "rco", True, "", NOW, ("card",), "on_sync", None, 60, True, True, {"accepted": 1}, NOW, None
)
ACCEPTED = HeldGrantView("grant", "booking", "accepted", "", NOW, NOW, NOW + 3600, ("D1",), 1, 0, NOW + 600)
LAMP = OutputView("lamp-id", "lamp", "Lampor", "simulated", False, None, True, "")


class PlayedDoors(DoorClient):
    """A door process that answers as it is told, and notes what it was asked. No socket is ever opened."""

    def __init__(self, site: Site) -> None:
        super().__init__(site.settings.run)
        self.views = [
            DoorView(door_id, slug, slug.title(), "closed", "normal", "simulated", True, "", False, False)
            for slug, door_id in site.world.door_ids.items()
        ]
        self.away = False
        self.helped: list[Alarm] = []
        self.kept: list[DoorRecord] = []
        self.held = False
        self.events: list[DoorEvent] = []
        self._clock = site.clock
        self.used = False
        self.reached: int | None = None
        self.asked: list[tuple[object, ...]] = []

    def present(self, door: str, kind: str, value: str, reader: str, presentation_id: str | None = None) -> Verdict:
        self._note("present", door, kind, value, reader, presentation_id)
        self._known(door)
        granted = value == "123456"
        reason = "granted" if granted else "unknown"
        return Verdict(
            presentation_id or "",
            granted,
            reason,
            reason,
            5 if granted else 0,
            None,
            False,
            False,
            None,
            None if granted else 3,
        )

    def release(self, door: str, actor: str, reason: str, presentation_id: str | None = None) -> Verdict:
        self._note("release", door, actor, reason)
        return Verdict("p", True, "granted", "granted", 5, None, False, False, None)

    def challenge(self, door: str, reader: str) -> Challenge:
        self._note("challenge", door, reader)
        self._known(door)
        return Challenge("AAECAwQFBgcICQoLDA0ODw", self._clock.now() + 45)

    def alarms(self, since: Instant) -> list[Alarm]:
        self._note("alarms", since)
        return self.helped

    def doors(self) -> list[DoorView]:
        self._note("doors")
        return self.views

    def history(self, limit: int) -> tuple[DoorEvent, ...]:
        self._note("history", limit)
        return tuple(self.events[:limit])

    def mode(self, door: str, mode: str, actor: str, reason: str, *, on: bool = True) -> DoorView:
        self._note("mode", door, mode, actor, reason, on)
        return replace(next(view for view in self.views if door in (view.id, view.slug)), mode=mode if on else "normal")

    def controllers(self, grants: int = 0) -> list[ControllerView]:
        self._note("controllers")
        return [GYM]

    def controller_grants(self, controller: str, after: str = "") -> tuple[list[HeldGrantView], str]:
        self._note("controller_grants", controller, after)
        if controller not in (GYM.id, GYM.slug):
            raise DoorRefused("no_such_controller", "there is no such controller")
        return [ACCEPTED], "" if after else ACCEPTED.id

    def outputs(self) -> list[OutputView]:
        self._note("outputs")
        return [LAMP]

    def override(self, output: str, actor: str, reason: str, *, on: bool | None, until: Instant | None) -> OutputView:
        self._note("override", output, actor, reason, on, until)
        if output != LAMP.slug:
            raise DoorRefused("no_such_output", "there is no such output")
        return replace(LAMP, on=on is True, override_until=until)

    def areas(self) -> list[AreaView]:
        self._note("areas")
        return [AreaView("hall", 2, 5)]

    def empty_area(self, area: str, actor: str, reason: str) -> int:
        self._note("empty_area", area, actor, reason)
        return 5 if area == "hall" else 0

    def health(self) -> DoorHealth:
        self._note("health")
        return DoorHealth("green", (), "trusted", "current", 1, 1, None, 0, 0)

    def retire_if_unused(self, booking_id: str) -> Retirement:
        self._note("retire", booking_id)
        return Retirement(not self.used, self.used, None)

    def catch_up(self, seq: int, *, wait_ms: int = 500) -> int:
        self._note("catch_up", seq)
        return seq if self.reached is None else self.reached

    def records(self, booking_ids: Sequence[str]) -> list[DoorRecord]:
        self._note("records", tuple(booking_ids))
        return [each for each in self.kept if each.booking_id in booking_ids]

    def forget_records(self, booking_ids: Sequence[str], actor: str) -> int:
        self._note("forget", actor)
        if self.held:
            raise DoorRefused("refused", "a legal hold is in force")
        gone = [each for each in self.kept if each.booking_id in booking_ids]
        self.kept = [each for each in self.kept if each not in gone]
        return len(gone)

    def _note(self, *call: object) -> None:
        if self.away:
            raise DoorUnreachable("played away")
        self.asked.append(call)

    def _known(self, name: str) -> None:
        if not any(name in (view.id, view.slug) for view in self.views):
            raise DoorRefused("no_such_door", "there is no such door")


@dataclass
class Api:
    """One caller of one unit: its cookies are its own."""

    site: Site
    app: Flask
    doors: PlayedDoors
    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: object) -> TestResponse:
        """GET; a trailing underscore falls from the names of the query."""
        asked = {name.rstrip("_"): str(value) for name, value in query.items()}
        return self.client.get(API + path, query_string=asked, headers=self.headers)

    def post(self, path: str, body: object, **headers: str) -> TestResponse:
        """POST of a JSON body; an underscore in a header's name is a dash."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(API + path, json=body, headers={**self.headers, **named})

    def put(self, path: str, body: object) -> TestResponse:
        return self.client.put(API + path, json=body, headers=self.headers)

    def delete(self, path: str, **query: object) -> TestResponse:
        asked = {name: str(value) for name, value in query.items()}
        return self.client.delete(API + path, query_string=asked or None, headers=self.headers)

    def another(self) -> "Api":
        """Somebody else, who shares nothing with this one."""
        return Api(self.site, self.app, self.doors, self.app.test_client())

    def staff(self, password: str | None = None) -> "Api":
        """A signed-in member of staff with the CSRF token; `password` where it is not the one of the site."""
        somebody = self.another()
        answer = somebody.post("/session", {"user": ADMIN, "password": password or self.site.password})
        assert answer.status_code == 200, answer.text
        somebody.headers["X-CSRF-Token"] = answer.json["csrf_token"] if answer.json else ""
        return somebody

    def bearer(self, kind: str, *, door_id: str | None = None) -> "Api":
        """A kiosk or a reader."""
        with self.site.side.book.write(self.site.side.scope, "test") as tx:
            token = issue_device_token(tx, DeviceToken(kind, f"{kind}-1", door_id))
        somebody = self.another()
        somebody.headers["Authorization"] = f"Bearer {token}"
        return somebody

    def booking(self, start: Instant, **parts: object) -> dict[str, object]:
        """The body of a booking."""
        customer = {"name": "Anna Ek", "email": "anna.ek@example.se"}
        return {"service": "padel", "start": format_instant(start, STOCKHOLM), "customer": customer, **parts}

    def booked(self, start: Instant, **parts: object) -> dict[str, Any]:
        """The answer to a booking that was made."""
        answer = self.post("/bookings", self.booking(start, **parts))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.get_json()
        return made


def api_of(site: Site) -> Api:
    doors = PlayedDoors(site)
    app = make_app(replace(unit_of(site.settings, site.side), doors=doors))
    return Api(site, app, doors, app.test_client())


def codes(answer: TestResponse) -> set[tuple[str, str]]:
    """(field, code) of every error in a problem."""
    return {(error["field"], error["code"]) for error in problem(answer)["errors"]}


def problem(answer: TestResponse) -> dict[str, Any]:
    """The problem document that an answer must be."""
    assert answer.content_type == "application/problem+json", (answer.status_code, answer.text[:300])
    body = answer.get_json()
    assert body["status"] == answer.status_code
    assert body["title"]
    assert isinstance(body["errors"], list)
    read: dict[str, Any] = body
    return read
