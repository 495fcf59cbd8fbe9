"""What a gateway does with a message, after `drivers/gateway/PROTOCOL.md` and nothing else. No I/O.

Code of its own for frames, MACs and signatures: a misreading by the unit cannot agree with itself here.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from drivers.emulators.key_book import Key, KeyBook, SystemRefused

LOOK_S: Final = 0.05  # how often a gateway looks for what is to be told by itself
HELLO, WELCOME, REQUEST, REPLY, NAK = range(1, 6)
REMEMBERED: Final = 200
LONGEST_FRAME: Final = 1048
NAMES: Final = ("facility", "controller", "id", "issued_at", "not_after", "body")


@dataclass(slots=True)
class GatewayFirmware:
    """One gateway before one system. clock: UTC seconds as the unit sees them. mono: a stopwatch."""

    system: KeyBook
    clock: Callable[[], int]
    mono: Callable[[], float]
    kept: Callable[[], None]
    _replies: dict[str, bytes] = field(default_factory=dict)
    _notices: list[dict[str, object]] = field(default_factory=list)
    _doors: dict[str, dict[str, object]] = field(default_factory=dict)  # as the unit was told last

    def answered(self, payload: bytes) -> tuple[bytes, str]:
        """The reply to a request, and its op for the journal."""
        try:
            request = json.loads(payload)
            request_id, op = str(request["id"]), str(request["op"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return _no("unreadable", "malformed", "no request"), "malformed"
        if request_id not in self._replies:
            self._replies[request_id] = self._reply(request, request_id, op)
            while len(self._replies) > REMEMBERED:
                self._replies.pop(next(iter(self._replies)))
        return self._replies[request_id], op

    def notice(self, notice: dict[str, object]) -> None:
        """Something happened."""
        self._notices.append({"v": 1, **notice})

    def taken_notices(self, room: int) -> list[dict[str, object]]:
        """What happened since the last time, as far as there is room."""
        taken: list[dict[str, object]] = []
        while self._notices and len(json.dumps([*taken, self._notices[0]])) < room - 100:
            taken.append(self._notices.pop(0))
        return taken

    def look_around(self) -> None:
        """Notice what the system did by itself."""
        settled = self.system.settled()
        for grant, revision, reason in settled:
            told = {"grant": grant, "revision": revision, "applied": not reason, "reason": reason}
            self.notice({"notice": "confirmation", **told})
        if settled:
            self.kept()
        doors = self._looked()
        for device, door in doors.items():
            if self._doors.get(device, door) != door:
                self.notice({"notice": "door", **door})
        self._doors = doors

    def _looked(self) -> dict[str, dict[str, object]]:
        return {str(door["device"]): door for door in self.system.doors(self.mono())}

    def _reply(self, request: dict[str, Any], request_id: str, op: str) -> bytes:
        acts: dict[str, Callable[[dict[str, Any]], dict[str, object]]] = {
            "hello": lambda _: {"kind": self.system.kind, "devices": list(self.system.devices)},
            "upsert": self._upsert, "revoke": self._revoke, "unlock": self._unlock, "hold": self._hold,
            "list": self._list, "events": self._events,
            "state": lambda _: self._state(),
            "poll": lambda asked: {"notices": self.taken_notices(int(asked["room"]))},
        }  # fmt: skip
        try:
            values = acts[op](request)
        except _No as no:
            return _no(request_id, *no.args)
        except SystemRefused as no:
            return _no(request_id, "refused", str(no))
        except (KeyError, TypeError, ValueError):
            return _no(request_id, "malformed", "not as the protocol says")
        return json.dumps({"v": 1, "re": request_id, "ok": True, **values}, separators=(",", ":")).encode()

    def _upsert(self, asked: dict[str, Any]) -> dict[str, object]:
        person = {name: str(asked.get(name, "")) for name in ("card", "email", "template")}
        devices = tuple(sorted(asked["devices"]))
        key = Key(asked["grant"], asked["revision"], devices, asked["from"], asked["to"], **person)
        if not set(devices) <= set(self.system.devices):
            raise _No("refused", "there is no such door")
        self._not_older(key.grant, key.revision)
        is_new = self.system.keys.get(key.grant) != key
        applied = self.system.put(key) if is_new else self.system.in_force(key.grant)
        self.kept()
        return {"applied": applied, "correlation": f"{key.grant}.{key.revision}"}

    def _revoke(self, asked: dict[str, Any]) -> dict[str, object]:
        grant, revision = str(asked["grant"]), int(asked["revision"])
        self._not_older(grant, revision)
        applied = self.system.drop(grant, revision)
        self.kept()
        return {"applied": applied, "correlation": f"{grant}.{revision}"}

    def _not_older(self, grant: str, revision: int) -> None:
        if revision < self.system.revision(grant):
            raise _No("older", "a newer revision is held")

    def _unlock(self, asked: dict[str, Any]) -> dict[str, object]:
        if self.clock() >= asked["not_after"]:
            raise _No("late", "it is too late")
        self.system.unlock(self._device(asked), int(asked["seconds"]), self.mono())
        return {}

    def _hold(self, asked: dict[str, Any]) -> dict[str, object]:
        self.system.hold(self._device(asked), int(asked["seconds"]) if asked["on"] else 0, self.mono())
        return {}

    def _device(self, asked: dict[str, Any]) -> str:
        if asked["device"] not in self.system.devices:
            raise _No("refused", "there is no such door")
        return str(asked["device"])

    def _list(self, asked: dict[str, Any]) -> dict[str, object]:
        listed = self.system.listing(asked["after"])
        shown = _fitting(listed, int(asked["room"]))
        return {"held": shown, "next": str(shown[-1]["grant"]) if len(shown) < len(listed) else ""}

    def _state(self) -> dict[str, object]:
        self._notices = [one for one in self._notices if one["notice"] != "door"]
        self._doors = self._looked()
        return {"doors": list(self._doors.values())}

    def _events(self, asked: dict[str, Any]) -> dict[str, object]:
        now = self.clock()
        first = int(asked["cursor"]) if asked["cursor"] else len(self.system.passages(0, now))
        shown = _fitting(self.system.passages(first, now), int(asked["room"]))
        return {"events": shown, "cursor": str(first + len(shown)), "complete_until": self.system.complete_until(now)}


class SerialEnd:
    """The gateway's end of the line: bytes in, bytes out."""

    def __init__(
        self, firmware: GatewayFirmware, key: bytes, fresh: Callable[[], bytes], set_clock: Callable[[int], None]
    ) -> None:
        self._firmware = firmware
        self._key = key
        self._fresh = fresh
        self._set_clock = set_clock
        self._buffer = b""
        self._sessions: list[bytes] = []  # the one in force, and one that is offered
        self._last: tuple[int, bytes] = (0, b"")

    def heard(self, data: bytes) -> list[tuple[str, bytes]]:
        """What is sent back, each with the op that it answers."""
        self._buffer += data
        out: list[tuple[str, bytes]] = []
        while (start := self._buffer.find(b"\xa5\x5a")) >= 0:
            self._buffer = self._buffer[start:]
            if len(self._buffer) < 4:
                return out
            length = int.from_bytes(self._buffer[2:4], "big")
            if not 18 <= length <= 1042:
                self._buffer = self._buffer[2:]
                continue
            if len(self._buffer) < length + 6:
                return out
            counted, crc = self._buffer[2 : length + 4], self._buffer[length + 4 : length + 6]
            if _crc(counted) != int.from_bytes(crc, "big"):
                self._buffer = self._buffer[2:]
                out.append(("damaged", self._frame(NAK, counted[3], b"\x01", b"", b"")))
                continue
            self._buffer = self._buffer[length + 6 :]
            out += self._understood(counted[2:])
        self._buffer = self._buffer[-1:]
        return out

    def _understood(self, body: bytes) -> list[tuple[str, bytes]]:
        kind, counter = body[0], int.from_bytes(body[2:10], "big")
        payload, mac = body[10:-8], body[-8:]
        if kind == HELLO and len(payload) == 24 and self._mac(self._key, b"M", body[:-8]) == mac:
            theirs = self._fresh()
            session = hmac.new(self._key, b"portvakt gateway session 1" + payload[:16] + theirs, hashlib.sha256)
            self._sessions = [*self._sessions[:1], session.digest()][-2:]
            self._set_clock(int.from_bytes(payload[16:], "big"))
            return [("hello", self._frame(WELCOME, 0, theirs, self._key, payload[:16]))]
        if kind == REQUEST:
            return self._asked(body, counter, payload, mac)
        return []

    def _asked(self, body: bytes, counter: int, payload: bytes, mac: bytes) -> list[tuple[str, bytes]]:
        for session in reversed(self._sessions):
            if hmac.compare_digest(self._mac(session, b"M", body[:-8]), mac):
                break
        else:
            return [("no session", self._frame(NAK, counter, b"\x02", b"", b""))]
        if session != self._sessions[0]:
            self._sessions, self._last = [session], (0, b"")
        number, reply = self._last
        op = "again"
        if counter < number:
            return []
        if counter > number:
            reply, op = self._firmware.answered(payload)
            self._last = (counter, reply)
        return [(op, self._frame(REPLY, counter, reply, session, b""))]

    def _frame(self, kind: int, counter: int, payload: bytes, key: bytes, also: bytes) -> bytes:
        head = bytes([kind, counter % 256]) + counter.to_bytes(8, "big") + payload
        mac = self._mac(key, b"S", head + also) if key else bytes(8)
        counted = (len(head) + 8).to_bytes(2, "big") + head + mac
        return b"\xa5\x5a" + counted + _crc(counted).to_bytes(2, "big")

    def _mac(self, key: bytes, direction: bytes, covered: bytes) -> bytes:
        return hmac.new(key, direction + covered, hashlib.sha256).digest()[:8]


class MqttEnd:
    """The gateway's end of the bus: which commands it obeys."""

    def __init__(self, firmware: GatewayFirmware, facility: str, controller: str, key: Ed25519PublicKey) -> None:
        self._firmware = firmware
        self._named = (facility, controller)
        self._key = key
        self._started = firmware.clock()

    def heard(self, payload: bytes) -> tuple[bytes | None, str]:
        """The reply, None for what is not obeyed, and a word for the journal."""
        try:
            order = json.loads(payload)
            lines = ["portvakt controller command v1", *(str(order[name]) for name in NAMES)]
            self._key.verify(base64.urlsafe_b64decode(order["sig"] + "=="), "\n".join(lines).encode())
            issued_at, not_after, now = int(order["issued_at"]), int(order["not_after"]), self._firmware.clock()
        except (ValueError, KeyError, TypeError, RecursionError, InvalidSignature):
            return None, "bad_signature"
        if (order["facility"], order["controller"]) != self._named:
            return None, "foreign"
        if now >= not_after or not_after > issued_at + 120 or issued_at < self._started or issued_at > now + 60:
            return None, "expired"
        reply, op = self._firmware.answered(str(order["body"]).encode())
        return reply, op


class _No(Exception):
    """A code and a text."""


def _no(request_id: str, code: str, text: str) -> bytes:
    return json.dumps({"v": 1, "re": request_id, "ok": False, "code": code, "text": text}).encode()


def _fitting(listed: list[dict[str, object]], room: int) -> list[dict[str, object]]:
    shown: list[dict[str, object]] = []
    used = 200
    for one in listed:
        used += len(json.dumps(one, separators=(",", ":"))) + 1
        if used > room:
            break
        shown.append(one)
    return shown


def _crc(data: bytes) -> int:
    """CRC-16/CCITT-FALSE, bit by bit."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc
