"""A door process of its own making for the desk pages: doors that move when told, a key that opens, one visitor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response

from appliance.door_socket.answers import DoorEvent, DoorView, Verdict
from appliance.door_socket.connections import DoorRefused, DoorUnreachable
from appliance.door_socket.controller_answers import ControllerView
from appliance.foundation.refusals import Refusal
from appliance.web.pages.reception import Visitor
from tests.builders import STOCKHOLM

PIN = "048271"
PASSWORD = "K7QF-29ZM-4TXR-8BCD"
CSRF = "c" * 64
NAMES = {"entrance": "Entré", "court-1": "Bana 1", "court-2": "Bana 2", "court-3": "Bana 3", "court-4": "Bana 4"}
AFTER = {"open": "open", "close": "locked", "force": "forced", "rex": "released"}


def event(seq: int, verb: str, *, is_move: bool = False, **parts: Any) -> DoorEvent:
    """What happened at the entrance on Tuesday 24 November 2026, 23:30:05 in Stockholm."""
    plain = DoorEvent(seq, 1_795_559_405, "door", verb, is_move, "entrance-id", "", "", "", 1, "", None)
    return replace(plain, **parts)


def door(slug: str, state: str = "locked") -> DoorView:
    """A door that is well."""
    driver = "gpio" if slug == "entrance" else "simulated"
    return DoorView(f"{slug}-id", slug, NAMES[slug], state, "normal", driver, True, "", False, slug != "entrance")


@dataclass
class FakeDoors:
    """The door process; `is_away` makes it unreachable."""

    views: dict[str, DoorView] = field(default_factory=lambda: {slug: door(slug) for slug in NAMES})
    presented: list[tuple[str, str, str, str]] = field(default_factory=list)
    released: list[tuple[str, str, str]] = field(default_factory=list)
    is_away: bool = False
    events: list[DoorEvent] = field(default_factory=list)
    vendors: list[ControllerView] = field(default_factory=list)
    release_reason: str = "granted"

    def history(self, limit: int) -> Sequence[DoorEvent]:
        return self.events[:limit]

    def doors(self) -> Sequence[DoorView]:
        if self.is_away:
            raise DoorUnreachable("away")
        return tuple(self.views.values())

    def controllers(self, grants: int = 0) -> Sequence[ControllerView]:
        return [replace(one, grants=one.grants[:grants]) for one in self.vendors]

    def present(self, door: str, kind: str, value: str, reader: str, presentation_id: str | None = None) -> Verdict:
        self.presented.append((door, kind, value, reader))
        granted = value == PIN
        if granted:
            self.set(door, "released")
        reason = "granted" if granted else "unknown"
        return Verdict("id", granted, reason, reason, 5 if granted else 0, None, False, False, None)

    def release(self, door: str, actor: str, reason: str, presentation_id: str | None = None) -> Verdict:
        self.released.append((door, actor, reason))
        if self.release_reason != "granted":
            return Verdict("id", False, self.release_reason, self.release_reason, 0, None, False, False, None)
        self.set(door, "released")
        return Verdict("id", True, "granted", "granted", 5, None, False, False, None)

    def hand(self, door: str, act: str) -> None:
        if act == "open" and self.views[door].state == "locked":
            raise DoorRefused("locked", "the door is locked")
        self.set(door, AFTER[act])

    def set(self, slug: str, state: str) -> None:
        """Make the contact of a door say something; it is on record like everything that a door does."""
        verb = "opened" if state == "open" else state
        self.events.insert(0, event(len(self.events) + 1, verb, is_move=True, door_id=f"{slug}-id"))
        self.views[slug] = replace(self.views[slug], state=state)


@dataclass
class FakeReception:
    """A reception where one person may sign in, and keeps the password."""

    seen: Visitor | None = None
    zone: ZoneInfo = STOCKHOLM

    def visitor(self) -> Visitor | None:
        return self.seen

    def owner(self) -> Visitor | None:
        return self.seen

    def names(self) -> Mapping[str, str]:
        return {"staff:1": "anna"}

    def csrf_token(self) -> str:
        return CSRF if self.seen else ""

    def sign_in(self, user: str, password: str, answer: Response) -> Refusal | None:
        if password != PASSWORD:
            return Refusal("wrong_sign_in")
        self.seen = Visitor("staff:1", user)
        answer.set_cookie("portvakt_session", "token")
        return None

    def change_password(self, old: str, new: str, repeated: str, answer: Response) -> tuple[Refusal, ...]:
        return (Refusal("wrong_sign_in"),)

    def sign_out(self, answer: Response) -> None:
        self.seen = None
