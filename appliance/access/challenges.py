"""Challenges: what a door asks a phone to sign, each fresh, for 45 seconds, in memory only (AC-05).

A restart forgets the open ones, so that it cannot open one again; what was answered is kept by `spent`.
"""

import os
import threading
from dataclasses import dataclass
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.errors import Retryable
from appliance.foundation.instants import Instant
from appliance.keys.mobile_keys import CHALLENGE_BYTES, CHALLENGE_S

OPEN_LIMIT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Challenge:
    """What one door asked, so many seconds ago by a clock that nobody sets."""

    door_id: str
    age_s: float


class Challenges:
    """The open challenges of all doors; any thread may ask."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[bytes, tuple[str, float]] = {}

    def ask(self, door_id: str) -> tuple[bytes, Instant]:
        """A fresh challenge of a door, and when it is too late to answer. Retryable when too many are open."""
        challenge, at = os.urandom(CHALLENGE_BYTES), self._clock.monotonic()
        with self._lock:
            if len(self._open) >= OPEN_LIMIT:
                self._open = {known: asked for known, asked in self._open.items() if at - asked[1] < CHALLENGE_S}
            if len(self._open) >= OPEN_LIMIT:
                raise Retryable("too many challenges are open")
            self._open[challenge] = (door_id, at)
        return challenge, self._clock.now() + CHALLENGE_S

    def find(self, challenge: bytes) -> Challenge | None:
        """What is known of a challenge; None for one that this process never gave out, or has forgotten."""
        with self._lock:
            asked = self._open.get(challenge)
        return Challenge(asked[0], self._clock.monotonic() - asked[1]) if asked else None
