"""The wall of doors: each drawn as its contact sees it, live, with a hand for pretend ones and a release for staff.

In a demo everybody may look, try a key at a door and move pretend doors; otherwise only who is signed in may look.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.access.reasons import SENTENCES, Reason
from appliance.door_socket.answers import DoorEvent, DoorView, Verdict
from appliance.door_socket.connections import DoorRefused
from appliance.door_socket.controller_answers import ControllerView
from appliance.foundation import cards
from appliance.foundation.errors import Retryable
from appliance.foundation.i18n import marked, text
from appliance.web.live import LiveHub
from appliance.web.pages.door_history import HISTORY, MODE_WORDS, STATE_WORDS, clock_text, lines, release_words, since
from appliance.web.pages.pretend_readers import VALUE_LENGTH, WAYS, AtReader, PretendReaders, shown_readers
from appliance.web.pages.reception import Reception
from appliance.web.pages.showing import page
from appliance.web.pages.wall_controllers import (
    ACT_WORDS,
    GRANTS,
    OWN_APP,
    TYPED_WORDS,
    VERDICT_WORDS,
    Onlooker,
    PretendControllers,
    controller_of,
    shown_controller,
    shown_grants,
)
from appliance.web.speaking import language

HANDS: Final = ("open", "close", "force", "rex")
REASON_LENGTH: Final = 200
# A form on another site cannot set a header, so that no page elsewhere moves a door.
PAGE_HEADER: Final = "X-Portvakt-Page"


class DoorProcess(Protocol):
    """The door process as this page needs it; `appliance.door_socket.client.DoorClient` is one."""

    def doors(self) -> Sequence[DoorView]: ...

    def history(self, limit: int) -> Sequence[DoorEvent]: ...

    def controllers(self, grants: int = 0) -> Sequence[ControllerView]: ...

    def present(self, door: str, kind: str, value: str, reader: str, presentation_id: str | None = None) -> Verdict: ...

    def release(self, door: str, actor: str, reason: str, presentation_id: str | None = None) -> Verdict: ...

    def hand(self, door: str, act: str) -> None: ...


class PretendWorld(PretendReaders, PretendControllers, Protocol):
    """What a demo's visitors can do with their hands."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that the page draws, at one time. acts: what a hand can do, by controller."""

    away: bool = False
    doors: Sequence[DoorView] = ()
    events: Sequence[DoorEvent] = ()
    controllers: Sequence[ControllerView] = ()
    at_readers: Mapping[str, AtReader] = field(default_factory=dict)
    acts: Mapping[str, Sequence[str]] = field(default_factory=dict)


class DoorsPage:
    """`/doors` and what its buttons ask."""

    def __init__(
        self,
        doors: DoorProcess,
        reception: Reception,
        *,
        demo: bool,
        live: LiveHub | None,
        pretend: PretendWorld | None = None,
    ) -> None:
        self._doors = doors
        self._reception = reception
        self._demo = demo
        self._live = live
        self._pretend = pretend

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/doors", "doors", self.wall)
        blueprint.add_url_rule("/doors/states", "door_states", self.states)
        blueprint.add_url_rule("/doors/<slug>/hand", "door_hand", self.hand, methods=["POST"])
        blueprint.add_url_rule("/doors/readers/<slug>", "at_reader", self.at_reader, methods=["POST"])
        blueprint.add_url_rule("/doors/controllers/<slug>", "at_controller", self.at_controller, methods=["POST"])
        blueprint.add_url_rule("/doors/<slug>/present", "door_present", self.present, methods=["POST"])
        blueprint.add_url_rule("/doors/<slug>/release", "door_release", self.release, methods=["POST"])

    def wall(self) -> ResponseReturnValue:
        visitor = self._reception.visitor()
        if not self._demo and visitor is None:
            return redirect(url_for(".sign_in", next=url_for(".doors")), 303)
        seen = self._seen()
        return page(
            "doors.html",
            self._reception,
            doors=seen.doors,
            away=seen.away,
            shown=lambda door: self._shown(door, seen),
            controllers=self._controllers(seen),
            act_words=ACT_WORDS,
            typed_words=TYPED_WORDS,
            happened=self._lines(seen),
            pretend=self._pretend,
            visitor=visitor,
            demo=self._demo,
            live=self._stream(),
            console=url_for("admin.home") if "admin.home" in current_app.view_functions else "",
            commission=url_for(".commission") if "pages.commission" in current_app.view_functions else "",
        )

    def states(self) -> ResponseReturnValue:
        """What every door looks like now; 304 when nothing changed since the page last asked."""
        self._only_for_us()
        seen = self._seen()
        drawn = {
            "away": seen.away,
            "doors": [self._shown(door, seen) for door in seen.doors],
            "controllers": self._controllers(seen),
            "happened": self._lines(seen),
        }
        answer = make_response(jsonify({**drawn, "live": self._stream()}))
        answer.set_etag(hashlib.sha256(json.dumps(drawn).encode()).hexdigest()[:24] + language())
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer.make_conditional(request)

    def hand(self, slug: str) -> ResponseReturnValue:
        """Move a pretend door."""
        act = request.get_json(silent=True) or {}
        if not self._demo or request.headers.get(PAGE_HEADER) != "doors" or act.get("act") not in HANDS:
            abort(403)
        try:
            self._doors.hand(slug, act["act"])
        except DoorRefused:
            return jsonify(sentence=text(language(), "The door does not give way.")), 409
        if act["act"] == "rex":
            # Nothing else on the page moves: the leaf stays shut until somebody pushes it.
            return jsonify(sentence=text(language(), "The exit button was pressed."), granted=True)
        return "", 204

    def at_reader(self, slug: str) -> ResponseReturnValue:
        """Present something at a pretend reader, where its lamp and the door answer, as to any person."""
        asked = request.get_json(silent=True) or {}
        way, value = asked.get("way"), str(asked.get("value", "")).strip()[:VALUE_LENGTH]
        if self._pretend is None or request.headers.get(PAGE_HEADER) != "doors" or way not in WAYS or not value:
            abort(403)
        try:
            self._pretend.at_reader(slug, way, value)
        except (DoorRefused, Retryable):
            return jsonify(sentence=text(language(), "The reader does not take this.")), 409
        return jsonify(sentence=text(language(), "Presented. The reader's lamp and the door answer."), granted=True)

    def at_controller(self, slug: str) -> ResponseReturnValue:
        """Do something at an emulated controller: a card at its own reader, a phone at its lock, a fault."""
        asked = request.get_json(silent=True) or {}
        act, value = str(asked.get("act", "")), str(asked.get("value", "")).strip()[:VALUE_LENGTH]
        is_ours = request.headers.get(PAGE_HEADER) == "doors" and act in ACT_WORDS
        if self._pretend is None or not is_ours or (act in TYPED_WORDS and not value):
            abort(403)
        try:
            verdict = self._pretend.at_controller(slug, act, value)
        except (DoorRefused, Retryable):
            return jsonify(sentence=text(language(), "The controller does not take this.")), 409
        said = VERDICT_WORDS.get(verdict, marked("Done."))
        return jsonify(sentence=text(language(), said), granted=verdict != "denied")

    def present(self, slug: str) -> ResponseReturnValue:
        """Try a PIN, a QR code or a card at a door, as its reader would."""
        asked = request.get_json(silent=True) or {}
        value = str(asked.get("value", "")).strip()[:VALUE_LENGTH]
        if not self._demo or request.headers.get(PAGE_HEADER) != "doors" or not value:
            abort(403)
        verdict = self._doors.present(slug, *_credential(value), f"wall@{slug}")
        sentence = SENTENCES[Reason(verdict.told)]
        return _told(verdict, f"{text(language(), sentence.what)} {text(language(), sentence.next_step)}")

    def release(self, slug: str) -> ResponseReturnValue:
        """Release a door for a reason; only for somebody who is signed in."""
        visitor = self._reception.visitor()
        asked = request.get_json(silent=True) or {}
        reason = " ".join(str(asked.get("reason", "")).split())[:REASON_LENGTH]
        if visitor is None or not reason:
            abort(403)
        verdict = self._doors.release(slug, visitor.actor, reason)
        return _told(verdict, release_words(verdict, language()))

    def _only_for_us(self) -> None:
        if not self._demo and self._reception.visitor() is None:
            abort(403)

    def _seen(self) -> _Seen:
        try:
            doors, events, held = self._doors.doors(), self._doors.history(HISTORY), self._doors.controllers(GRANTS)
        except Retryable:
            return _Seen(away=True)
        if self._pretend is None:
            return _Seen(False, doors, events, held)
        return _Seen(False, doors, events, held, self._pretend.at_readers(), self._pretend.at_controllers())

    def _lines(self, seen: _Seen) -> list[dict[str, str]]:
        names = {door.id: door.name for door in seen.doors}
        return lines(seen.events, names, self._reception.names(), language(), self._reception.zone)

    def _controllers(self, seen: _Seen) -> list[dict[str, object]]:
        names, reader = {door.id: door.name for door in seen.doors}, self._onlooker()
        return [shown_controller(one, seen.acts.get(one.slug, ()), names, reader) for one in seen.controllers]

    def _onlooker(self) -> Onlooker:
        return Onlooker(language(), self._reception.zone)

    def _shown(self, door: DoorView, seen: _Seen) -> dict[str, object]:
        """A door as the page draws it: stable codes for the shape, words for people."""
        spoken = language()
        mode = MODE_WORDS.get(door.mode, "")
        in_state_at = since(seen.events, door.id, door.state)
        controller = controller_of(door.id, seen.controllers)
        return {
            "slug": door.slug,
            "state": door.state if door.state in STATE_WORDS else "offline",
            "words": text(spoken, STATE_WORDS.get(door.state, STATE_WORDS["offline"])),
            "since": "" if in_state_at is None else clock_text(in_state_at, self._reception.zone),
            "mode": text(spoken, mode) if mode else "",
            "fault": door.fault,
            "readers": shown_readers(door, seen.at_readers, spoken),
            "controller": controller.name if controller else "",
            "own_app": text(spoken, OWN_APP) if controller and not controller.unlocks else "",
            "grants": shown_grants(door.id, controller, self._onlooker()) if controller else [],
        }

    def _stream(self) -> str:
        """Where this page hears of changes at once; empty when it has to ask every two seconds."""
        if self._live is None or not self._live.port:
            return ""
        host = urlsplit(request.host_url).hostname or "127.0.0.1"
        origin = request.host_url.rstrip("/")
        return f"http://{host}:{self._live.port}/?ticket={self._live.ticket(origin)}"


def _credential(value: str) -> tuple[str, str]:
    """What a person typed, as the kind that it looks like: digits are a PIN, bits a card, all else a QR code."""
    digits = value.replace(" ", "")
    if digits.isascii() and digits.isdigit():
        return "pin", digits
    return ("card", value) if cards.parse(value) else ("qr", value)


def _told(verdict: Verdict, sentence: str) -> Response:
    """The answer to a key or a release."""
    return jsonify(granted=verdict.granted, reason=verdict.told, sentence=sentence, released_s=verdict.released_s)
