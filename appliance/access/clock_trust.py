"""How far the door may believe its clock (AC-16).

Trusted: the time was set from outside (NTP) or kept by a battery. Degraded: the clock runs on by itself since then.
Unknown: it stands before the latest time that this unit has been sure of, or nothing has set it since the start. A unit
writes that latest time down once a minute: the high-water mark.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

from appliance.foundation.instants import HOUR, MINUTE, Instant

SLACK_S: Final = 2 * MINUTE
MARK_EVERY_S: Final = MINUTE
BELIEVE_AFTER_S: Final = 10 * MINUTE
UNKNOWN_REACH_S: Final = 12 * HOUR


class Trust(StrEnum):
    """How far the clock may be believed."""

    TRUSTED = "trusted"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TimeSource:
    """What the machine says of its clock.

    synced: set from outside and still followed. kept: a battery-backed clock agrees with it. boot_id: names this run
    of the machine. declared: a pretend clock, right by definition.
    """

    synced: bool = False
    kept: bool = False
    boot_id: str = ""
    declared: bool = False


class TimeProbe(Protocol):
    """Where a TimeSource is read."""

    def look(self) -> TimeSource:
        """What the machine says now; never blocks."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The trust, and the latest time that the unit has been sure of, in UTC seconds."""

    trust: Trust
    floor: Instant


@dataclass(frozen=True, slots=True)
class ClockMemory:
    """What is remembered between looks.

    mark: the high-water mark, UTC seconds; 0 on a new unit. boot_id: the run of the machine in which it was last sure.
    synced_since: since when the clock has been synced without a break, monotonic seconds; None while it is not.
    """

    mark: Instant = 0
    boot_id: str = ""
    synced_since: float | None = None


def assess(memory: ClockMemory, source: TimeSource, now: Instant, monotonic: float) -> tuple[ClockReading, ClockMemory]:
    """How far `now` may be believed, and what to remember of it."""
    if source.declared:
        return ClockReading(Trust.TRUSTED, now), ClockMemory(now, source.boot_id, None)
    memory = _timed(memory, source, monotonic)
    if _is_behind(memory, now, monotonic):
        return ClockReading(Trust.UNKNOWN, memory.mark), memory
    trust = _trust(memory, source)
    if trust is Trust.UNKNOWN:
        return ClockReading(trust, memory.mark), memory
    return ClockReading(trust, now), replace(memory, mark=now, boot_id=source.boot_id)


def _timed(memory: ClockMemory, source: TimeSource, monotonic: float) -> ClockMemory:
    if not source.synced:
        return replace(memory, synced_since=None)
    return memory if memory.synced_since is not None else replace(memory, synced_since=monotonic)


def _is_behind(memory: ClockMemory, now: Instant, monotonic: float) -> bool:
    if now >= memory.mark - SLACK_S:
        return False
    # A mark can itself be wrong (a battery clock that said 2099): a clock that stays synced for long wins in the end.
    return memory.synced_since is None or monotonic - memory.synced_since < BELIEVE_AFTER_S


def _trust(memory: ClockMemory, source: TimeSource) -> Trust:
    if source.synced or source.kept:
        return Trust.TRUSTED
    # Without either, a machine that has started anew shows the time at which it was switched off.
    is_new_start = memory.boot_id not in ("", source.boot_id)
    return Trust.UNKNOWN if is_new_start else Trust.DEGRADED
