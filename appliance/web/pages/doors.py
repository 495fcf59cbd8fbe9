"""The wall of doors: each drawn as its contact sees it, live, with a hand for pretend ones and a release for staff.

In a demo everybody may look, try a key at a door and move pretend doors; otherwise only who is signed in may look.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, Protocol
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.access.reasons import SENTENCES, Reason
from appliance.door_socket.answers import DoorEvent, DoorView, Verdict
from appliance.door_socket.connections import DoorRefused
from appliance.foundation.errors import Retryable
from appliance.foundation.i18n import text
from appliance.web.live import LiveHub
from appliance.web.pages.door_history import HISTORY, MODE_WORDS, STATE_WORDS, clock_text, lines, release_words, since
from appliance.web.pages.pretend_readers import VALUE_LENGTH, WAYS, AtReader, PretendReaders, shown_readers
from appliance.web.pages.reception import Reception
from appliance.web.pages.showing import page
from appliance.web.speaking import language

HANDS: Final = ("open", "close", "force", "rex")
REASON_LENGTH: Final = 200
# A form on another site cannot set a header, so that no page elsewhere moves a door.
PAGE_HEADER: Final = "X-Portvakt-Page"


class DoorProcess(Protocol):
    """The door process as this page needs it; `appliance.door_socket.client.DoorClient` is one."""

    def doors(self) -> Sequence[DoorView]: ...

    def history(self, limit: int) -> Sequence[DoorEvent]: ...

    def present(self, door: str, kind: str, value: str, reader: str, presentation_id: str | None = None) -> Verdict: ...

    def release(self, door: str, actor: str, reason: str, presentation_id: str | None = None) -> Verdict: ...

    def hand(self, door: str, act: str) -> None: ...


class DoorsPage:
    """`/doors` and what its buttons ask."""

    def __init__(
        self,
        doors: DoorProcess,
        reception: Reception,
        *,
        demo: bool,
        live: LiveHub | None,
        pretend: PretendReaders | None = None,
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
        blueprint.add_url_rule("/doors/<slug>/present", "door_present", self.present, methods=["POST"])
        blueprint.add_url_rule("/doors/<slug>/release", "door_release", self.release, methods=["POST"])

    def wall(self) -> ResponseReturnValue:
        visitor = self._reception.visitor()
        if not self._demo and visitor is None:
            return redirect(url_for(".sign_in", next=url_for(".doors")), 303)
        doors, events, away = self._seen()
        at = self._at_readers()
        return page(
            "doors.html",
            self._reception,
            doors=doors,
            away=away,
            shown=lambda door: self._shown(door, events, at),
            happened=self._lines(doors, events),
            visitor=visitor,
            demo=self._demo,
            live=self._stream(),
            console=url_for("admin.home") if "admin.home" in current_app.view_functions else "",
            commission=url_for(".commission") if "pages.commission" in current_app.view_functions else "",
        )

    def states(self) -> ResponseReturnValue:
        """What every door looks like now; 304 when nothing changed since the page last asked."""
        self._only_for_us()
        doors, events, away = self._seen()
        at = self._at_readers()
        shown = [self._shown(door, events, at) for door in doors]
        happened = self._lines(doors, events)
        answer = make_response(jsonify(away=away, doors=shown, happened=happened, live=self._stream()))
        seen = "|".join(f"{door.slug}:{door.state}:{door.mode}:{door.fault}" for door in doors) + str(away)
        seen += str(events[0].seq if events else 0) + str([one["readers"] for one in shown])
        answer.set_etag(hashlib.sha256(seen.encode()).hexdigest()[:24] + language())
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

    def present(self, slug: str) -> ResponseReturnValue:
        """Try a PIN or a QR code at a door, as its reader would."""
        asked = request.get_json(silent=True) or {}
        value = str(asked.get("value", "")).strip()[:VALUE_LENGTH]
        if not self._demo or request.headers.get(PAGE_HEADER) != "doors" or not value:
            abort(403)
        digits = value.replace(" ", "")
        kind, value = ("pin", digits) if digits.isascii() and digits.isdigit() else ("qr", value)
        verdict = self._doors.present(slug, kind, value, f"wall@{slug}")
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

    def _seen(self) -> tuple[Sequence[DoorView], Sequence[DoorEvent], bool]:
        try:
            return self._doors.doors(), self._doors.history(HISTORY), False
        except Retryable:
            return (), (), True

    def _lines(self, doors: Sequence[DoorView], events: Sequence[DoorEvent]) -> list[dict[str, str]]:
        names = {door.id: door.name for door in doors}
        return lines(events, names, self._reception.names(), language(), self._reception.zone)

    def _at_readers(self) -> Mapping[str, AtReader]:
        return {} if self._pretend is None else self._pretend.at_readers()

    def _shown(self, door: DoorView, events: Sequence[DoorEvent], at: Mapping[str, AtReader]) -> dict[str, object]:
        """A door as the page draws it: stable codes for the shape, words for people."""
        spoken = language()
        mode = MODE_WORDS.get(door.mode, "")
        in_state_at = since(events, door.id, door.state)
        return {
            "slug": door.slug,
            "state": door.state if door.state in STATE_WORDS else "offline",
            "words": text(spoken, STATE_WORDS.get(door.state, STATE_WORDS["offline"])),
            "since": "" if in_state_at is None else clock_text(in_state_at, self._reception.zone),
            "mode": text(spoken, mode) if mode else "",
            "fault": door.fault,
            "readers": shown_readers(door, at, spoken),
        }

    def _stream(self) -> str:
        """Where this page hears of changes at once; empty when it has to ask every two seconds."""
        if self._live is None or not self._live.port:
            return ""
        host = urlsplit(request.host_url).hostname or "127.0.0.1"
        origin = request.host_url.rstrip("/")
        return f"http://{host}:{self._live.port}/?ticket={self._live.ticket(origin)}"


def _told(verdict: Verdict, sentence: str) -> Response:
    """The answer to a key or a release."""
    return jsonify(granted=verdict.granted, reason=verdict.told, sentence=sentence, released_s=verdict.released_s)
