"""Messages of the door over MQTT, version 1 (PROTOCOL.md): to bytes and from bytes, no I/O.

What a lock sends is parsed strictly: exactly these names once each, these types, within 512 bytes; all else is None.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.foundation.instants import Instant
from drivers.signed_orders import Sign, signed
from drivers.strict_json import object_of

VERSION: Final = 1
DOMAIN: Final = "portvakt door command v1"
LONGEST_RELEASE_S: Final = 600
LONGEST_LIFE_S: Final = 120
LARGEST_MESSAGE: Final = 512
LARGEST_SEQ: Final = 1 << 53
_BOOT = re.compile(r"[A-Za-z0-9_-]{1,32}")
_ID = re.compile(r"[A-Za-z0-9_.:@-]{1,64}")


class Verb(StrEnum):
    """What a lock can be told."""

    RELEASE = "release"
    HOLD = "hold"
    LOCK = "lock"


class Bolt(StrEnum):
    """What a bolt's own switch says."""

    LOCKED = "locked"
    RELEASED = "released"
    JAMMED = "jammed"


class Leaf(StrEnum):
    """What the contact says."""

    OPEN = "open"
    CLOSED = "closed"
    NONE = "none"


class Event(StrEnum):
    """What a lock tells as it happens."""

    OPENED = "opened"
    CLOSED = "closed"
    RELEASED = "released"
    LOCKED = "locked"
    JAMMED = "jammed"
    REX = "rex"
    TAMPER = "tamper"
    TAMPER_OVER = "tamper_over"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class DoorTopics:
    """The topics of one door, by slugs."""

    facility: str
    door: str

    @property
    def command(self) -> str:
        return self._of("command")

    @property
    def state(self) -> str:
        return self._of("state")

    @property
    def event(self) -> str:
        return self._of("event")

    @property
    def availability(self) -> str:
        return self._of("availability")

    def _of(self, kind: str) -> str:
        return f"portvakt/v{VERSION}/{self.facility}/door/{self.door}/{kind}"


@dataclass(frozen=True, slots=True)
class Command:
    """One order to one lock; seconds throughout."""

    facility: str
    door: str
    id: str
    verb: Verb
    release_s: int
    issued_at: Instant
    not_after: Instant


@dataclass(frozen=True, slots=True)
class State:
    """How a lock stands."""

    boot: str
    seq: int
    bolt: Bolt
    leaf: Leaf
    tamper: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a lock."""

    boot: str
    seq: int
    event: Event


def command_bytes(command: Command, sign: Sign) -> bytes:
    """The signed payload. A command that no lock would read is a ValueError."""
    if _ID.fullmatch(command.id) is None:
        raise ValueError("a command's id is 1 to 64 characters A-Z a-z 0-9 _ . : @ -")
    if not 0 <= command.release_s <= LONGEST_RELEASE_S:
        raise ValueError(f"a lock is released for at most {LONGEST_RELEASE_S} seconds")
    body: dict[str, str | int] = {
        "facility": command.facility,
        "door": command.door,
        "id": command.id,
        "verb": command.verb.value,
        "release_s": command.release_s,
        "issued_at": command.issued_at,
        "not_after": command.not_after,
    }
    return signed(DOMAIN, VERSION, body, sign)


def parse_state(payload: bytes) -> State | None:
    """A lock's state, or None for anything that is not exactly one."""
    match object_of(payload, LARGEST_MESSAGE):
        case {
            "v": 1,
            "boot": str(boot),
            "seq": int(seq),
            "lock": str(lock),
            "contact": str(leaf),
            "tamper": bool(tamper),
            **rest,
        } if not rest and _counted(boot, seq) and lock in set(Bolt) and leaf in set(Leaf):
            return State(boot, seq, Bolt(lock), Leaf(leaf), tamper)
    return None


def parse_event(payload: bytes) -> Happening | None:
    """A lock's event, or None for anything that is not exactly one."""
    match object_of(payload, LARGEST_MESSAGE):
        case {"v": 1, "boot": str(boot), "seq": int(seq), "event_type": str(event), **rest} if (
            not rest and _counted(boot, seq) and event in set(Event)
        ):
            return Happening(boot, seq, Event(event))
    return None


def parse_availability(payload: bytes) -> bool | None:
    """Whether the lock is there; None for anything else."""
    return {b"online": True, b"offline": False}.get(bytes(payload[:16]))


def _counted(boot: str, seq: int) -> bool:
    return _BOOT.fullmatch(boot) is not None and not isinstance(seq, bool) and 0 <= seq < LARGEST_SEQ
