"""Time as an argument: nothing in Portvakt reads the machine's clock except the classes in this module.

Instants are whole UTC seconds since 1970. Durations that must survive a clock correction (strike pulses, lock-outs
while the process lives) are measured with `monotonic`, in seconds as a float.
"""

import os
import time
from pathlib import Path
from typing import Protocol

from appliance.foundation.instants import Instant


class Clock(Protocol):
    """What may be asked of a clock."""

    def now(self) -> Instant:
        """The current instant in whole UTC seconds."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> Instant:
        return int(time.time())

    def monotonic(self) -> float:
        return time.monotonic()


class FakeClock:
    """A clock that stands still until it is moved, for tests."""

    def __init__(self, now: Instant = 1_800_000_000) -> None:
        self._now = float(now)
        self._monotonic = 0.0

    def now(self) -> Instant:
        return int(self._now)

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass on both scales."""
        self._now += seconds
        self._monotonic += seconds

    def set(self, now: Instant) -> None:
        """Correct the wall clock without letting time pass, as NTP or a person would."""
        self._now = float(now)


class PretendClock:
    """A clock that runs at normal speed from an instant of one's choosing, shared by every process of a demo.

    The shift from the machine's clock lies in one small file, so that moving time moves it everywhere at once. Refused
    by configuration whenever a real door is connected.
    """

    def __init__(self, shift_file: Path) -> None:
        self._file = shift_file
        self._stamp = -1
        self._shift = 0

    def now(self) -> Instant:
        return int(time.time()) + self._read_shift()

    def monotonic(self) -> float:
        return time.monotonic()

    def set(self, now: Instant) -> None:
        """Make every process that shares the file believe it is `now`."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(now - int(time.time())))
        fresh.replace(self._file)

    def _read_shift(self) -> int:
        try:
            stamp = os.stat(self._file).st_mtime_ns
        except FileNotFoundError:
            return 0
        if stamp != self._stamp:
            self._shift = int(self._file.read_text())
            self._stamp = stamp
        return self._shift
