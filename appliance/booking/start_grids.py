"""Grids of starts that a resource has of its own, such as an employee who works in full hours (SB-18).

Whoever picks such a resource starts on its grid instead of the service's. The steps are counted on the wall clock, from
midnight or from the start of each shift; a shift is one line of the resource's own weekly hours, or an exception that
opens it. Without any shift they are counted from midnight.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from appliance.booking.bitsets import Axis, Minutes
from appliance.booking.grid import grid_starts
from appliance.booking.schedule import ExceptionKind, ScheduleException, WeeklyHours, stretches
from appliance.foundation.instants import DAY, DAY_MINUTES, MINUTE, Instant, Interval


class Anchor(StrEnum):
    """Where a grid of starts begins."""

    MIDNIGHT = "midnight"  # 00:00 on the wall clock of every day
    SHIFT = "shift"  # when the hours of its resource begin


@dataclass(frozen=True, slots=True)
class StartGrid:
    """A start every `minutes`, from 1 to 1440."""

    minutes: int
    anchor: Anchor = Anchor.MIDNIGHT

    def __post_init__(self) -> None:
        if not 1 <= self.minutes <= DAY_MINUTES:
            raise ValueError(f"a grid has steps of 1 to {DAY_MINUTES} minutes, got {self.minutes}")


def own_starts(
    axis: Axis,
    grid: StartGrid,
    hours: Sequence[WeeklyHours],
    exceptions: Sequence[ScheduleException],
    zone: ZoneInfo,
) -> Minutes:
    """The minutes of `axis` that lie on `grid`; `hours` and `exceptions` are those of its resource alone."""
    opened = [each.interval for each in exceptions if each.kind is ExceptionKind.OPEN]
    if grid.anchor is Anchor.MIDNIGHT or not (hours or opened):
        return grid_starts(axis, grid.minutes, zone)
    found = _from_shifts(axis, grid.minutes, hours, zone)
    for shift in opened:
        first, end = -((axis.origin - shift.start) // MINUTE), -((axis.origin - shift.end) // MINUTE)
        for bit in range(first, min(end, axis.length), grid.minutes):
            found |= 1 << bit if bit >= 0 else 0
    return found


def since_running(starts_on: Callable[[Axis], Minutes], axis: Axis, now: Instant) -> Minutes:
    """The starts of a grid on `axis` that are not before the running one: the last that is not after `now`.

    What began more than a day before `now` is not running any more.
    """
    now_bit = axis.bit(now)
    if now_bit < 0:
        return starts_on(axis)
    if now_bit >= axis.length + DAY // MINUTE:
        return 0
    found = starts_on(Axis(axis.origin, max(axis.length, now_bit + 1)))
    begun = found & (1 << now_bit + 1) - 1
    running = begun.bit_length() - 1
    later = found >> now_bit + 1 << now_bit + 1
    if running >= 0 and now_bit - running <= DAY // MINUTE:
        later |= 1 << running
    return later & axis.full


def _from_shifts(axis: Axis, step: int, hours: Sequence[WeeklyHours], zone: ZoneInfo) -> Minutes:
    found = 0
    for stretch in stretches(zone, Interval(axis.origin, axis.instant(axis.length))):
        wall = (stretch.interval.start + stretch.offset_s) // MINUTE
        count = stretch.interval.seconds // MINUTE
        piece = 0
        # A shift may last until the end of the day after that on which it begins.
        for day in range(wall // DAY_MINUTES - 2, (wall + count - 1) // DAY_MINUTES + 1):
            date = datetime.fromtimestamp(day * DAY, UTC).date()
            for row in hours:
                if row.begins_on(date):
                    ahead = day * DAY_MINUTES + row.from_minute - wall
                    piece |= _shifted(_steps(row.to_minute - row.from_minute, step), ahead)
        found |= (piece & (1 << count) - 1) << axis.bit(stretch.interval.start)
    return found


def _steps(length: int, step: int) -> Minutes:
    return sum(1 << minute for minute in range(0, length, step))


def _shifted(minutes: Minutes, ahead: int) -> Minutes:
    return minutes << ahead if ahead >= 0 else minutes >> -ahead
