"""What a decision depends on: a door, its mode, what it knows of the credential, its throttles and its clock."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from appliance.access.challenges import Challenge
from appliance.access.clock_trust import ClockReading
from appliance.access.door_plan import DoorPlan
from appliance.access.known_keys import KnownKey
from appliance.access.presence import Presence
from appliance.access.throttle import Throttle
from appliance.keys.derived_pins import DerivedClaims


class Mode(StrEnum):
    """How a door is run; the later in this list, the stronger."""

    NORMAL = "normal"
    FREE_ACCESS = "free_access"
    LOCKDOWN = "lockdown"
    EMERGENCY = "emergency"


class Following(StrEnum):
    """How well the door knows the bookings."""

    CURRENT = "current"
    STALE = "stale"  # they could not be read in time, this once
    STOPPED = "stopped"  # the file was replaced: a person must look
    NEVER = "never"  # no file was ever read


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a decision depends on, as it stood at one moment.

    keys: those that the credential names. today: the date at the facility. facility_tag: of the door's own facility.
    is_online: whether the driver reaches its door. zone: that of the facility. derived: what a derived PIN may stand
    for, by whether it was revoked. step: the 30 s whose code came with a pass, None for a code that is not good now.
    challenge: what the door asked that a phone answers, None when it asked no such thing. spent: what other
    presentations used up at this door. is_exit: presented inside, to go out. presences: how many are inside by the
    named keys' bookings, by booking id.
    """

    door: DoorPlan
    facility_tag: bytes
    mode: Mode
    keys: tuple[KnownKey, ...]
    throttle: Throttle
    today: date
    clock: ClockReading
    following: Following
    is_online: bool
    zone: ZoneInfo
    derived: tuple[tuple[DerivedClaims, bool], ...] = ()
    step: int | None = None
    challenge: Challenge | None = None
    spent: Container[str] = frozenset()
    is_exit: bool = False
    presences: Mapping[str, Presence] = field(default_factory=dict)
