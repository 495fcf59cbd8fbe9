"""Nothing is sold while the unit does not know what time it is (AC-16).

The door process judges the clock; it is asked at most once in `KEPT_S`. While it is away the last answer counts, and
before the first one nothing stands in the way: then the doors themselves judge each key.
"""

import threading
from contextlib import suppress
from typing import Final, Protocol

from appliance.access.clock_trust import Trust
from appliance.door_socket.connections import DoorRefused, DoorUnreachable
from appliance.door_socket.health_answers import DoorHealth
from appliance.foundation.clock import Clock
from appliance.foundation.refusals import Refusal

KEPT_S: Final = 2.0
UNKNOWN: Final = Refusal("clock_unknown")


class Judging(Protocol):
    """The door process as this needs it; `appliance.door_socket.client.DoorClient` is one."""

    def health(self) -> DoorHealth: ...


class SureClock:
    """The last word on the clock. Any thread may ask."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._asked_at: float | None = None
        self._trust = ""

    def refusal(self, doors: Judging) -> Refusal | None:
        """Why nothing can be sold now; None when the time is known well enough."""
        now = self._clock.monotonic()
        with self._lock:
            is_fresh = self._asked_at is not None and 0 <= now - self._asked_at < KEPT_S
            self._asked_at = self._asked_at if is_fresh else now
        if not is_fresh:
            with suppress(DoorUnreachable, DoorRefused):
                self._trust = doors.health().clock
        return UNKNOWN if self._trust == Trust.UNKNOWN else None
