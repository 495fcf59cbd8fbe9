"""Calls for help, as staff sees them; nobody else does (AC-14)."""

from dataclasses import dataclass

from appliance.foundation.instants import Instant


@dataclass(frozen=True, slots=True)
class Alarm:
    """Somebody opened a door and asked for help: which door, for which booking, when in UTC seconds."""

    seq: int
    door_id: str
    booking_id: str | None
    at: Instant
