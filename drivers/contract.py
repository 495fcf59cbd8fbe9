"""What every door driver must do, and the values that cross the border (DR-01).

A driver's word is not proof: it reports what it sees (`Observation`) and never what it wishes. All its methods may be
called from any thread; `observe` may be called from any thread of the driver's.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError, NeedsAttention, Retryable
from appliance.foundation.grants import Grant
from appliance.foundation.instants import Instant

Part = TypeVar("Part")


class Fact(StrEnum):
    """What a driver can see of its door."""

    OPENED = "opened"  # the contact says that the leaf left its frame
    CLOSED = "closed"  # the contact says that the leaf is in its frame
    RELEASED = "released"  # the strike or lock is free
    LOCKED = "locked"  # the strike or lock holds
    REX = "rex"  # somebody asks to leave
    TAMPER = "tamper"  # a cover was opened
    TAMPER_OVER = "tamper_over"
    ONLINE = "online"  # the link to the door works
    OFFLINE = "offline"  # the link to the door is lost


@dataclass(frozen=True, slots=True)
class Observation:
    """One fact about one door, reported once, in the order in which it was seen."""

    door_id: str
    fact: Fact


Observe = Callable[[Observation], None]


class Capability(StrEnum):
    """What a kind of door can do; declared by its driver, shown to the installer, relied on by the door machine."""

    CONTACT = "contact"
    LOCK_STATE = "lock_state"  # the bolt itself reports; without it `RELEASED` and `LOCKED` say what the strike is told
    REX = "rex"
    TAMPER = "tamper"
    HOLD = "hold"


class Fail(StrEnum):
    """What a door does without power or program."""

    SECURE = "secure"  # locked from outside
    SAFE = "safe"  # unlocked


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """One door as its driver needs to know it. `settings` are the driver's own, checked by its factory."""

    door_id: str
    door_slug: str
    facility_slug: str
    fail: Fail
    settings: Mapping[str, object]


class Pins(StrEnum):
    """Where the pins of GPIO doors are; chosen by configuration alone, there is no fallback from one to the other."""

    NATIVE = "native"  # the pins of this board
    WIRE = "wire"  # another process that plays the board, reached through a Unix socket


@dataclass(frozen=True, slots=True)
class Broker:
    """The site's MQTT broker, as the door process signs in to it."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)


class Shared:
    """What the drivers of one process share, such as one connection to the broker: each kind is made once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[object, object] = {}

    def get(self, kind: type[Part], make: Callable[[], Part]) -> Part:
        """The part of this kind; `make` is called for the first who asks."""
        with self._lock:
            part = self._parts.get(kind)
            if not isinstance(part, kind):
                part = self._parts[kind] = make()
            return part


@dataclass(frozen=True, slots=True)
class Site:
    """What drivers may need of their surroundings; one value for all doors of a process.

    broker: None where no door needs one. pins_socket: the wire's socket, when `pins` is WIRE.
    signing_key: 32 bytes, the Ed25519 private key (RFC 8032) that signs commands to locks; empty where there is none.
    """

    broker: Broker | None = None
    pins: Pins = Pins.NATIVE
    pins_socket: Path | None = None
    signing_key: bytes = field(default=b"", repr=False)
    shared: Shared = field(default_factory=Shared, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DriverHealth:
    """How a driver is doing.

    fault: what is wrong now and what to do, in plain English; empty when all is well.
    last_seen: when the device was last heard of, UTC seconds; None before the first time.
    last_fault, last_fault_at: the latest fault, kept also after it is over.
    """

    online: bool
    fault: str = ""
    last_seen: Instant | None = None
    last_fault: str = ""
    last_fault_at: Instant | None = None


class DriverUnreachable(Retryable):
    """The device did not answer; the driver keeps trying by itself."""


class DriverRefused(NeedsAttention):
    """The device or its set-up says no; a person must act."""


class DoorDriver(Protocol):
    """The release half of the driver contract, for one door.

    must: `start` returns within two seconds also when the device is away, and connects in its own time.
    must: after `start`, the door is locked, and `observe` has been told or will be told its first state.
    must: `release` is idempotent by `grant.presentation_id` and does nothing at or after `grant.not_after`.
    must: a release ends by itself after `grant.release_s`, also when the process dies: device or kernel see to it.
    may: raise `DriverUnreachable` or `DriverRefused` from `release` and `hold`; the caller journals it as `door_fault`.
    """

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this door can do; constant for the life of the driver."""

    def start(self, observe: Observe) -> None:
        """Take hold of the device and begin to observe it. `observe` returns quickly and never calls the driver."""

    def release(self, grant: Grant) -> None:
        """Release the door for `grant.release_s` seconds; returns when the command is on its way, within 50 ms."""

    def hold(self, released: bool) -> None:
        """Keep the door released until told otherwise (free access, emergency), or end that and lock.

        A hold is in force again after a break of the link. Ending one is remembered also when this raises.
        """

    def health(self) -> DriverHealth:
        """A snapshot; never blocks."""

    def stop(self) -> None:
        """Put the door in the safe state of its `Fail` and let go of the device, within two seconds."""


class Act(StrEnum):
    """What a hand at a pretend door can do."""

    OPEN = "open"  # push the leaf; it moves only when the lock is free
    CLOSE = "close"
    FORCE = "force"  # break the leaf open, locked or not
    REX = "rex"  # press the button beside the door
    TAMPER = "tamper"  # take the cover off
    TAMPER_OVER = "tamper_over"
    UNPLUG = "unplug"  # cut the device off
    PLUG = "plug"
    JAM = "jam"  # the bolt sticks: commands are taken, nothing moves
    FREE = "free"


class Hand(Protocol):
    """A driver whose door a person can move by hand because there is no steel behind it."""

    def hand(self, act: Act) -> None:
        """Do this at the door. Raises `DriverRefused` when the door does not give way."""


def _nothing(_door: DoorSettings) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class DriverInfo:
    """How a driver presents itself; its module exposes one as `DRIVER`.

    capabilities: the most that its doors can do; a door may have fewer.
    check: every mistake in a door's settings and in what it needs of the site; touches no device.
    build: one door, not yet started; called only after `check` found nothing.
    is_real: whether such a door may be steel, so that nobody may pretend about the time.
    claims: names of what only one door can have, such as "pin 17".
    """

    name: str
    capabilities: frozenset[Capability]
    check: Callable[[DoorSettings, Site], list[FieldError]]
    build: Callable[[DoorSettings, Site, Clock], DoorDriver]
    is_real: Callable[[DoorSettings, Site], bool]
    claims: Callable[[DoorSettings], frozenset[str]] = _nothing
