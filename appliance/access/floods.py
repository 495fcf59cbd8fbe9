"""A flood of denials becomes one journal row a minute, so that nobody fills the disk from outside (AC-10)."""

from dataclasses import dataclass, replace
from typing import Final

from appliance.foundation.instants import MINUTE, Instant

ROWS_A_MINUTE: Final = 10


@dataclass(frozen=True, slots=True)
class Flood:
    """The denials of one reader in one minute: `written` one by one, `counted` ones only by their number."""

    since: Instant = 0
    written: int = 0
    counted: int = 0

    def is_over(self, now: Instant) -> bool:
        """Whether its minute has passed; also when the clock was set back."""
        return not self.since <= now < self.since + MINUTE


def another(flood: Flood, now: Instant) -> tuple[Flood, bool]:
    """One more denial: the flood after it, and whether it is written as a row of its own.

    When the minute before is over, `owed` must have been asked first.
    """
    if flood.is_over(now):
        flood = Flood(since=now)
    if flood.written < ROWS_A_MINUTE:
        return replace(flood, written=flood.written + 1), True
    return replace(flood, counted=flood.counted + 1), False


def owed(flood: Flood, now: Instant) -> int:
    """The number that a row for a minute that is over must carry; 0 when it needs none."""
    return flood.counted if flood.is_over(now) else 0
