"""What every door driver must do, and the values that cross the border.

A driver's word is not proof: it reports what it sees (`Observation`) and never what it wishes. All its methods may be
called from any thread; `observe` may be called from any thread of the driver's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from appliance.foundation.errors import NeedsAttention, Retryable
from appliance.foundation.grants import Grant


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
    LOCK_STATE = "lock_state"
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


@dataclass(frozen=True, slots=True)
class DriverHealth:
    """How a driver is doing. `fault` says what is wrong and what to do, in plain English; empty when all is well."""

    online: bool
    fault: str = ""


class DriverUnreachable(Retryable):
    """The device did not answer; the driver keeps trying by itself."""


class DriverRefused(NeedsAttention):
    """The device or its set-up says no; a person must act."""


class DoorDriver(Protocol):
    """The release half of the driver contract, for one door.

    must: `start` returns within two seconds also when the device is away, and connects in its own time.
    must: after `start`, the door is in its safe state, and `observe` has been told or will be told its first state.
    must: `release` is idempotent by `grant.presentation_id` and does nothing at or after `grant.not_after`.
    must: a release ends by itself after `grant.release_s`, also when the process dies (the device or kernel sees to it).
    may: raise `DriverUnreachable` or `DriverRefused` from `release` and `hold`; the caller journals it as `door_fault`.
    """

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this door can do; constant for the life of the driver."""

    def start(self, observe: Observe) -> None:
        """Take hold of the device and begin to observe it."""

    def release(self, grant: Grant) -> None:
        """Release the door for `grant.release_s` seconds; returns when the command is on its way, within 50 ms."""

    def hold(self, released: bool) -> None:
        """Keep the door released until told otherwise (free access, emergency), or end that and lock."""

    def health(self) -> DriverHealth:
        """A snapshot; never blocks."""

    def stop(self) -> None:
        """Put the door in its safe state and let go of the device, within two seconds."""
