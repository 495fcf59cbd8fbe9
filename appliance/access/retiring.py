"""Retiring the keys of a booking if none was used: the door's half of a cancel that depends on it.

Compare and swap in `access.db`: an entry event and a retirement meet in the one write thread, so that never both win.
"""

from dataclasses import dataclass
from typing import Final

from appliance.access import store
from appliance.access.following import Follower
from appliance.access.judging import RETIRED_S
from appliance.access.snapshot import Following
from appliance.foundation.clock import Clock
from appliance.foundation.errors import Retryable
from appliance.foundation.instants import Instant
from appliance.storage.door_writer import DoorWriter, Transaction

_WRITE_S: Final = 1.0


class NotKnown(Retryable):
    """A pass of the booking might open without the door knowing its key."""


@dataclass(frozen=True, slots=True)
class Retired:
    """used: a key was used before, nothing was shut. until: the shut keys open again then if no cancel follows."""

    used: bool
    until: Instant | None


class Retiring:
    """Shuts keys for a moment."""

    def __init__(self, writer: DoorWriter, follower: Follower, clock: Clock) -> None:
        self._writer = writer
        self._follower = follower
        self._clock = clock

    def retire_if_unused(self, booking_id: str) -> Retired:
        """Shut every key of the booking unless one was used.

        NotDurable when the disk does not answer, NotKnown when the door may not have heard of the booking.
        """
        is_current = self._follower.catch_up() is Following.CURRENT
        now = self._clock.now()

        def swap(tx: Transaction) -> Retired:
            keys = store.keys_of_booking(tx, booking_id)
            if not keys and not is_current:
                raise NotKnown("the door has not heard of this booking, and cannot read the bookings now")
            if any(key.first_used_at is not None for key in keys):
                return Retired(used=True, until=None)
            store.retire_keys(tx, booking_id, now + RETIRED_S)
            return Retired(used=False, until=now + RETIRED_S)

        return self._writer.submit(swap).wait(_WRITE_S)
