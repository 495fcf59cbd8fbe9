"""The grid of starts, and which starts the booking rule allows; both before any resource is asked.

The grid is anchored at midnight on the wall clock. After a change of the clock it stays on the same wall minutes: of a
60-minute grid the start at 02:30 that follows a gap of half an hour is none, and a repeated hour has its starts twice.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.booking.bitsets import Axis, Minutes, Run, from_runs
from appliance.booking.booking_window import Window, bookable_starts
from appliance.booking.limits import Bar
from appliance.booking.schedule import stretches
from appliance.foundation.instants import DAY_MINUTES, MINUTE, Instant, Interval


def is_on_grid(start: Instant, grid_minutes: int, zone: ZoneInfo) -> bool:
    """Whether the wall clock shows a minute of the grid at `start`, and no seconds."""
    wall = datetime.fromtimestamp(start, zone)
    return wall.second == 0 and (wall.hour * 60 + wall.minute) % grid_minutes == 0


def running_start(now: Instant, grid_minutes: int, zone: ZoneInfo) -> Instant:
    """The last start of the grid that is not after `now`."""
    start = now - now % MINUTE
    while not is_on_grid(start, grid_minutes, zone):
        start -= MINUTE
    return start


def grid_starts(axis: Axis, grid_minutes: int, zone: ZoneInfo) -> Minutes:
    """The minutes of `axis` that lie on the grid."""
    one_day = sum(1 << minute for minute in range(0, DAY_MINUTES, grid_minutes))
    result = 0
    for stretch in stretches(zone, _span(axis)):
        count = stretch.interval.seconds // MINUTE
        wall = (stretch.interval.start + stretch.offset_s) // MINUTE
        piece = 0
        for day in range(wall // DAY_MINUTES, (wall + count - 1) // DAY_MINUTES + 1):
            ahead = day * DAY_MINUTES - wall
            piece |= one_day << ahead if ahead >= 0 else one_day >> -ahead
        result |= (piece & (1 << count) - 1) << axis.bit(stretch.interval.start)
    return result


def allowed_starts(axis: Axis, window: Window, now: Instant, running: Instant, minutes: int, zone: ZoneInfo) -> Minutes:
    """The minutes at which `may_book` lets a booking of so many `minutes` start, none before the `running` start."""
    runs: list[Run] = []
    for stretch in stretches(zone, _span(axis)):
        if stretch.interval.end <= running:
            continue
        span = Interval(max(stretch.interval.start, running), stretch.interval.end)
        bookable = bookable_starts(window, now, span, minutes * MINUTE, zone)
        if bookable is not None:
            runs.append((_ceiling(axis, bookable.start), _ceiling(axis, bookable.end)))
    return from_runs(runs, axis.length)


def barred_starts(axis: Axis, bars: Iterable[Bar]) -> Minutes:
    """The minutes of `axis` at which one of `bars` keeps a booking from starting."""
    minutes = 0
    for bar in bars:
        minutes |= axis.inside([bar.starts])
    return minutes


def _span(axis: Axis) -> Interval:
    return Interval(axis.origin, axis.instant(axis.length))


def _ceiling(axis: Axis, instant: Instant) -> int:
    return -((axis.origin - instant) // MINUTE)
