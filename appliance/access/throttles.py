"""The throttles of all readers and doors as the process holds them: in memory, and in `access.db` with each event."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from appliance.access.throttle import (
    FIRST_LOCK_S,
    FREE_TRIES,
    DoorThrottle,
    ReaderThrottle,
    Throttle,
    settle,
)
from appliance.foundation.instants import Instant

READERS_LIMIT: Final = 1_000


class Throttles:
    """What stands in the way of PINs. Memory decides, so that a disk in trouble gives nobody free guesses."""

    def __init__(
        self,
        readers: Mapping[tuple[str, str], ReaderThrottle],
        doors: Mapping[str, DoorThrottle],
        shut_until: Instant,
    ) -> None:
        self._lock = threading.Lock()
        self._readers = dict(readers)
        self._doors = dict(doors)
        self._shut_until = shut_until

    def shut(self, until: Instant) -> None:
        """Try no PIN anywhere until an instant: the past of the throttles was lost."""
        with self._lock:
            self._shut_until = until

    def of(self, door_id: str, reader: str, now: Instant, today: date) -> Throttle:
        """What stands in the way at one reader of one door."""
        with self._lock:
            stored = Throttle(
                self._readers.get((door_id, reader), ReaderThrottle()), self._doors.get(door_id, DoorThrottle())
            )
            # A clock set back must not shut the doors for longer than this ever lasts.
            self._shut_until = min(self._shut_until, now + FIRST_LOCK_S)
            shut_until = self._shut_until
        throttle = settle(stored, now, today)
        if shut_until <= now:
            return throttle
        reader_throttle = throttle.reader
        until, wrong = max(reader_throttle.locked_until, shut_until), max(reader_throttle.wrong, FREE_TRIES)
        return replace(throttle, reader=ReaderThrottle(wrong, until, max(reader_throttle.seen_at, now)))

    def put(self, door_id: str, reader: str, throttle: Throttle) -> None:
        """What stands in the way from now on."""
        with self._lock:
            if (door_id, reader) not in self._readers and len(self._readers) >= READERS_LIMIT:
                # The reader that was quiet for longest; its door still counts for it.
                self._readers.pop(min(self._readers, key=lambda known: self._readers[known].seen_at))
            self._readers[door_id, reader] = throttle.reader
            self._doors[door_id] = throttle.door
