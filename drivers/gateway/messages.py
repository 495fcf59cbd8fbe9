"""Messages of the gateway protocol, version 1 (PROTOCOL.md): to bytes and from bytes, no I/O (DR-13).

What a gateway sends is parsed strictly; whatever is not exactly a message is None.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from appliance.foundation.grants import Grant
from appliance.foundation.instants import Instant
from drivers.controller_contract import (
    Confirmation,
    ControllerEvent,
    ControllerGrant,
    EventPage,
    HeldGrant,
    Passage,
    Receipt,
)
from drivers.signed_orders import Sign, signed
from drivers.strict_json import object_of

VERSION: Final = 1
DOMAIN: Final = "portvakt controller command v1"
LIFE_S: Final = 30
LARGEST_MESSAGE: Final = 48 * 1024
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TEXT: Final = 200
_LATEST: Final = 1 << 40

Request = dict[str, object]


@dataclass(frozen=True, slots=True)
class ControllerTopics:
    """The topics of one gateway, by slugs."""

    facility: str
    controller: str

    @property
    def command(self) -> str:
        return self._of("command")

    @property
    def reply(self) -> str:
        return self._of("reply")

    @property
    def notice(self) -> str:
        return self._of("notice")

    @property
    def availability(self) -> str:
        return self._of("availability")

    def _of(self, kind: str) -> str:
        return f"portvakt/v{VERSION}/{self.facility}/controller/{self.controller}/{kind}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back of one request. code and text: why not, when it is not `ok`."""

    re: str
    ok: bool
    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class DoorNotice:
    """How one door of the controller stands. is_open: None where there is no contact."""

    device: str
    is_released: bool
    is_open: bool | None


Notice = Confirmation | DoorNotice


def upsert(grant: ControllerGrant, extra: Mapping[str, object]) -> Request:
    """Let the controller hold a grant; of the person only what the controller takes is said."""
    person = {name: known for name, known in (("card", grant.card), ("email", grant.email)) if known is not None}
    window = {"from": grant.window.start, "to": grant.window.end}
    head = {"op": "upsert", "grant": grant.id, "revision": grant.revision, "devices": list(grant.devices)}
    return {**head, **window, **person, **extra}


def revoke(grant: ControllerGrant) -> Request:
    """Let it hold it no more."""
    return {"op": "revoke", "grant": grant.id, "revision": grant.revision}


def unlock(device: str, grant: Grant) -> Request:
    """Open one door once."""
    return {"op": "unlock", "device": device, "seconds": grant.release_s, "not_after": grant.not_after}


def request_bytes(request: Request, request_id: str) -> bytes:
    """A request as it goes over the wire."""
    return json.dumps({"v": VERSION, "id": request_id, **request}, separators=(",", ":")).encode()


def command_bytes(topics: ControllerTopics, request: Request, request_id: str, now: Instant, sign: Sign) -> bytes:
    """A request as a signed command over MQTT that dies after `LIFE_S` seconds."""
    values: dict[str, str | int] = {
        "facility": topics.facility, "controller": topics.controller, "id": request_id, "issued_at": now,
        "not_after": now + LIFE_S, "body": request_bytes(request, request_id).decode(),
    }  # fmt: skip
    return signed(DOMAIN, VERSION, values, sign)


def parse_reply(payload: bytes) -> Reply | None:
    """A reply, or None for anything that is not one."""
    match object_of(payload, LARGEST_MESSAGE):
        case {"v": 1, "re": str(re), "ok": True, **values} if _ID.fullmatch(re):
            return Reply(re, True, values)
        case {"v": 1, "re": str(re), "ok": False, "code": str(code), "text": str(text), **rest} if (
            not rest and _ID.fullmatch(re)
        ):
            return Reply(re, False, {}, code[:_TEXT], _plain(text))
    return None


def parse_notice(payload: bytes) -> Notice | None:
    """A notice, or None for anything that is not one."""
    return notice_of(object_of(payload, LARGEST_MESSAGE))


def parse_availability(payload: bytes) -> bool | None:
    """Whether the gateway is there; None for anything else."""
    return {b"online": True, b"offline": False}.get(bytes(payload[:16]))


def notice_of(value: object) -> Notice | None:
    """The notice in an object."""
    match value:
        case {
            "v": 1, "notice": "confirmation", "grant": str(grant), "revision": int(revision), "applied": bool(applied),
            "reason": str(reason), **rest,
        } if not rest and _ID.fullmatch(grant):  # fmt: skip
            return Confirmation(grant, revision, applied, _plain(reason))
        case {
            "v": 1, "notice": "door", "device": str(device), "bolt": "locked" | "released" as bolt,
            "leaf": "open" | "closed" | "none" as leaf, **rest,
        } if not rest:  # fmt: skip
            return DoorNotice(device[:_TEXT], bolt == "released", {"open": True, "closed": False}.get(leaf))
    return None


def receipt_of(reply: Reply) -> Receipt | None:
    """What a gateway said to a grant."""
    match reply.values:
        case {"applied": bool(applied), "correlation": str(correlation), **rest} if not rest:
            return Receipt(applied, correlation[:_TEXT])
    return None


def held_of(reply: Reply) -> tuple[list[HeldGrant], str] | None:
    """One page of a listing and where the next one begins."""
    match reply.values:
        case {"held": list(listed), "next": str(after), **rest} if not rest:
            held = [_held(one) for one in listed]
            found = [one for one in held if one is not None]
            return (found, after) if len(found) == len(held) else None
    return None


def doors_of(reply: Reply) -> list[DoorNotice] | None:
    """How all doors of the controller stand."""
    match reply.values:
        case {"doors": list(listed), **rest} if not rest:
            notices = [notice_of({"v": 1, "notice": "door", **one} if isinstance(one, dict) else one) for one in listed]
            found = [one for one in notices if isinstance(one, DoorNotice)]
            return found if len(found) == len(notices) else None
    return None


def notices_of(reply: Reply) -> list[Notice] | None:
    """What happened since the last poll."""
    match reply.values:
        case {"notices": list(listed), **rest} if not rest:
            notices = [notice_of(one) for one in listed]
            found = [one for one in notices if one is not None]
            return found if len(found) == len(notices) else None
    return None


def events_of(reply: Reply) -> EventPage | None:
    """One page of events."""
    match reply.values:
        case {"events": list(listed), "cursor": str(cursor), "complete_until": int() | None as until, **rest} if (
            not rest and not isinstance(until, bool)
        ):
            events = [_event(one) for one in listed]
            found = tuple(one for one in events if one is not None)
            return EventPage(found, cursor, until) if len(found) == len(events) else None
    return None


def _held(value: object) -> HeldGrant | None:
    match value:
        case {"grant": str(grant), "revision": int(revision), "on_device": bool(on), "fingerprint": str(print_)} if (
            _ID.fullmatch(grant) and not isinstance(revision, bool) and 0 <= revision < _LATEST
        ):
            return HeldGrant(grant, revision, on, print_ or None)
    return None


def _event(value: object) -> ControllerEvent | None:
    match value:
        case {
            "id": str(id_), "device": str(device), "what": str(what), "at": int(at), "heard_at": int(heard_at),
            "grant": str() | None as grant, "reason": str(reason), **rest,
        } if not rest and what in set(Passage) and _ID.fullmatch(id_) and _are_instants(at, heard_at):  # fmt: skip
            return ControllerEvent(id_, device[:_TEXT], Passage(what), at, heard_at, grant, _plain(reason))
    return None


def _are_instants(*values: int) -> bool:
    return all(not isinstance(value, bool) and 0 <= value < _LATEST for value in values)


def _plain(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[:_TEXT]).split())
