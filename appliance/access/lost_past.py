"""What happens to PINs when `access.db`, and with it the memory of wrong tries, was lost (AC-10)."""

from typing import Final

from appliance.access import store
from appliance.access.throttle import FIRST_LOCK_S
from appliance.access.throttles import Throttles
from appliance.foundation.clock import Clock
from appliance.foundation.instants import HOUR, Instant
from appliance.storage.door_file import DoorFile, Origin
from appliance.storage.door_writer import DoorWriter

NEW_UNIT_S: Final = HOUR


class LostPast:
    """Shuts all PINs for 30 s after a rebuild, so that removing the file gives nobody fresh tries.

    A unit whose bookings are younger than an hour has no past to lose.
    """

    def __init__(self, file: DoorFile, throttles: Throttles, writer: DoorWriter, clock: Clock) -> None:
        self._is_lost = file.is_rebuilt
        self._is_damage = file.origin is Origin.SET_ASIDE
        self._throttles = throttles
        self._writer = writer
        self._clock = clock
        if self._is_lost:
            self._shut(clock.now() + FIRST_LOCK_S)

    def keys_read(self, made_at: Instant) -> None:
        """The keys were read anew from a file made at `made_at`."""
        if not self._is_lost:
            return
        self._is_lost = False
        now = self._clock.now()
        is_new_unit = not self._is_damage and 0 <= now - made_at < NEW_UNIT_S
        self._shut(0 if is_new_unit else now + FIRST_LOCK_S)

    def _shut(self, until: Instant) -> None:
        self._throttles.shut(until)
        self._writer.submit(lambda tx: store.put_pins_shut_until(tx, until))
