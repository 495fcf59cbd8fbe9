"""What the firmware of a lock over MQTT does, after `drivers/mqtt_lock/PROTOCOL.md` and nothing else. No I/O.

It is an emulator's firmware: it verifies signatures and expiry by itself, with code of its own, and moves no steel.
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NAMES: Final = ("facility", "door", "id", "verb", "release_s", "issued_at", "not_after")
TYPES: Final = (str, str, str, str, int, int, int)
LARGEST_COMMAND: Final = 1024
AHEAD_S: Final = 60
LIFE_S: Final = 120
RELEASES: Final = range(1, 601)


class Refused(Exception):
    """The command does nothing; the text says why, in one word."""


@dataclass(slots=True)
class Body:
    """The steel."""

    bolt_free: bool = False
    leaf_open: bool = False
    tamper: bool = False
    jammed: bool = False
    mute: bool = False


@dataclass(slots=True)
class Firmware:
    """One lock from its start on. `booted_at` and every `now` are UTC seconds, every `mono` seconds of a stopwatch."""

    facility: str
    door: str
    key: Ed25519PublicKey
    boot: str
    booted_at: int
    body: Body = field(default_factory=Body)
    _seen: dict[str, int] = field(default_factory=dict)
    _release_until: float = float("-inf")
    _hold_until: float = float("-inf")
    _state_seq: int = 0
    _event_seq: int = 0

    def command(self, payload: bytes, now: int, mono: float) -> dict[str, object]:
        """Obey or refuse; what to write in the journal."""
        try:
            order = self._verified(payload, now)
        except Refused as refused:
            return {"verdict": "refused", "reason": str(refused)}
        noted = {"id": order["id"], "verb": order["verb"], "not_after": order["not_after"]}
        if self.body.mute:
            return {"verdict": "swallowed", "reason": "mute", **noted}
        seconds = order["release_s"]
        if not isinstance(seconds, int):
            return {"verdict": "refused", "reason": "malformed"}
        if order["verb"] == "release":
            self._release_until = max(self._release_until, mono + seconds)
        elif order["verb"] == "hold":
            self._hold_until = mono + seconds
        else:
            self._release_until = self._hold_until = float("-inf")
        return {"verdict": "obeyed", "reason": "jammed" if self.body.jammed else "", **noted}

    def settle(self, mono: float) -> str | None:
        """Move the bolt to where it should be by now; the event of that, if it moved."""
        wanted = mono < max(self._release_until, self._hold_until)
        if self.body.jammed or wanted is self.body.bolt_free:
            return None
        self.body.bolt_free = wanted
        return "released" if wanted else "locked"

    def due_in(self, mono: float) -> float | None:
        """Seconds until the bolt should fall by itself."""
        until = max(self._release_until, self._hold_until)
        return until - mono if until > mono else None

    def hand(self, act: str) -> tuple[str | None, str]:
        """What a hand at the door does: the event of it, or why it does not give way."""
        body = self.body
        if act == "rex":
            return "rex", ""
        if act == "open" and not (body.bolt_free or body.leaf_open):
            return None, "locked"
        if act in ("open", "force", "close"):
            before, body.leaf_open = body.leaf_open, act != "close"
            return self._if_changed(before, body.leaf_open, "opened", "closed"), ""
        if act in ("tamper", "tamper_over"):
            before, body.tamper = body.tamper, act == "tamper"
            return self._if_changed(before, body.tamper, "tamper", "tamper_over"), ""
        if act in ("jam", "free"):
            before, body.jammed = body.jammed, act == "jam"
            return self._if_changed(before, body.jammed, "jammed", "locked"), ""
        if act in ("mute", "speak"):
            body.mute = act == "mute"
            return None, ""
        return None, f"a hand cannot {act}"

    def state(self) -> bytes:
        """The next state message."""
        self._state_seq += 1
        body = self.body
        bolt = "jammed" if body.jammed else "released" if body.bolt_free else "locked"
        contact = "open" if body.leaf_open else "closed"
        return self._message(self._state_seq, lock=bolt, contact=contact, tamper=body.tamper)

    def event(self, kind: str) -> bytes:
        """The next event message."""
        self._event_seq += 1
        return self._message(self._event_seq, event_type=kind)

    def _message(self, seq: int, **values: object) -> bytes:
        return json.dumps({"v": 1, "boot": self.boot, "seq": seq, **values}).encode()

    def _if_changed(self, before: bool, after: bool, on: str, off: str) -> str | None:
        if before is after:
            return None
        return on if after else off

    def _verified(self, payload: bytes, now: int) -> dict[str, object]:
        order = _read(payload)
        text = "\n".join(["portvakt door command v1", *(str(order[name]) for name in NAMES)])
        try:
            self.key.verify(_signature(order["sig"]), text.encode())
        except InvalidSignature:
            raise Refused("bad_signature") from None
        if (order["facility"], order["door"]) != (self.facility, self.door):
            raise Refused("foreign")
        self._fresh(order, now)
        seconds, verb = order["release_s"], order["verb"]
        if (seconds != 0) if verb == "lock" else (seconds not in RELEASES or verb not in ("release", "hold")):
            raise Refused("malformed")
        return order

    def _fresh(self, order: dict[str, object], now: int) -> None:
        issued_at, not_after, order_id = order["issued_at"], order["not_after"], order["id"]
        if not (isinstance(issued_at, int) and isinstance(not_after, int) and isinstance(order_id, str)):
            raise Refused("malformed")
        if now >= not_after:
            raise Refused("expired")
        if issued_at > now + AHEAD_S or not_after > issued_at + LIFE_S:
            raise Refused("bad_times")
        # A clock that was set back makes what was issued before unknown again, as a start does.
        self.booted_at = min(self.booted_at, now)
        if issued_at < self.booted_at:
            raise Refused("before_boot")
        self._seen = {known: until for known, until in self._seen.items() if until > now}
        if order_id in self._seen:
            raise Refused("replayed")
        self._seen[order_id] = not_after


def _read(payload: bytes) -> dict[str, object]:
    if len(payload) > LARGEST_COMMAND:
        raise Refused("too_large")
    try:
        order = json.loads(payload, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    if not isinstance(order, dict) or set(order) != {"v", "sig", *NAMES} or order["v"] != 1 or order["v"] is True:
        raise Refused("malformed")
    if any(type(order[name]) is not kind for name, kind in zip(NAMES, TYPES, strict=True)):
        raise Refused("malformed")
    return order


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name is repeated")
    return dict(pairs)


def _signature(text: object) -> bytes:
    if not isinstance(text, str) or len(text) != 86:
        raise Refused("malformed")
    try:
        signature = base64.b64decode(text + "==", altchars=b"-_", validate=True)
    except ValueError:
        raise Refused("malformed") from None
    if base64.urlsafe_b64encode(signature) != text.encode() + b"==":  # the four spare bits are not zero
        raise Refused("malformed")
    return signature
