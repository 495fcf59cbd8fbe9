"""Instants, half-open intervals, and the one place where wall-clock time becomes real time.

An instant is a whole number of UTC seconds since 1970; an interval [start, end) includes its start, not its end.
Wall-clock rules live in a facility's IANA zone and are projected per occurrence: a local time that the clock skips does
not exist, one that it repeats exists twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self, TypeAlias
from zoneinfo import ZoneInfo

Instant: TypeAlias = int

MINUTE = 60
HOUR = 3600
DAY = 86_400
DAY_MINUTES = DAY // MINUTE


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Real time from `start` up to but not including `end`; never empty."""

    start: Instant
    end: Instant

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"an interval must end after it starts, got [{self.start}, {self.end})")

    @property
    def seconds(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Self) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, instant: Instant) -> bool:
        return self.start <= instant < self.end

    def widened(self, before: int, after: int) -> "Interval":
        """The interval with `before` and `after` seconds added at its ends."""
        return Interval(self.start - before, self.end + after)


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same real time as the fewest sorted intervals; neighbours that touch become one."""
    result: list[Interval] = []
    for interval in sorted(intervals):
        if result and interval.start <= result[-1].end:
            if interval.end > result[-1].end:
                result[-1] = Interval(result[-1].start, interval.end)
        else:
            result.append(interval)
    return result


def intersection(one: list[Interval], other: list[Interval]) -> list[Interval]:
    """The real time in both lists, each sorted and without overlaps."""
    shared: list[Interval] = []
    first = second = 0
    while first < len(one) and second < len(other):
        start = max(one[first].start, other[second].start)
        end = min(one[first].end, other[second].end)
        if start < end:
            shared.append(Interval(start, end))
        if one[first].end < other[second].end:
            first += 1
        else:
            second += 1
    return shared


def parse_instant(text: str) -> Instant:
    """Read an RFC 3339 date-time. It must carry an offset and whole seconds; anything else is a ValueError."""
    if len(text) > 40:
        raise ValueError("too long for an RFC 3339 time")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text.upper():
        raise ValueError("an RFC 3339 time needs a date, a time and an offset such as +02:00 or Z")
    if moment.microsecond:
        raise ValueError("an instant is a whole second")
    try:
        return int(moment.timestamp())
    except OverflowError as overflow:
        raise ValueError("outside the calendar") from overflow


def format_instant(instant: Instant, zone: ZoneInfo) -> str:
    """RFC 3339 in `zone` with its offset at that instant."""
    return datetime.fromtimestamp(instant, zone).isoformat(timespec="seconds")


def local_date(instant: Instant, zone: ZoneInfo) -> date:
    """The calendar date that a clock on the wall in `zone` shows."""
    return datetime.fromtimestamp(instant, zone).date()


def at_local(day: date, minute_of_day: int, zone: ZoneInfo, *, second_pass: bool = False) -> Instant:
    """The instant at which a wall clock in `zone` shows `minute_of_day` on `day`.

    `minute_of_day` may be 1440 or more and then runs into the next day. A repeated time is its first pass unless
    `second_pass`; a skipped time is the first instant after the gap.
    """
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute_of_day)
    aware = wall.replace(tzinfo=zone, fold=1 if second_pass else 0)
    instant = int(aware.timestamp())
    shown = datetime.fromtimestamp(instant, zone).replace(tzinfo=None)
    if shown == wall:
        return instant
    # Both readings of a skipped time miss it by the width of the gap; the transition lies between them.
    low, high = sorted(int(wall.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (0, 1))
    return _clock_change(low, high, zone)


def clock_changes(day: date, zone: ZoneInfo) -> tuple[Instant, ...]:
    """The instant on a local day from which the clock in `zone` shows another offset; none on most days."""
    bounds = day_bounds(day, zone)
    if _offset(bounds.start, zone) == _offset(bounds.end, zone):
        return ()
    return (_clock_change(bounds.start, bounds.end, zone),)


def _clock_change(low: Instant, high: Instant, zone: ZoneInfo) -> Instant:
    """The first instant with another offset than `low`; `high` has another one."""
    offset_before = _offset(low, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, zone) == offset_before:
            low = middle
        else:
            high = middle
    return high


def _offset(instant: Instant, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(instant, zone).utcoffset()


def day_bounds(day: date, zone: ZoneInfo) -> Interval:
    """The real time of one calendar day in `zone`: 23, 24 or 25 hours, or what the zone makes of it."""
    return Interval(at_local(day, 0, zone), at_local(day + timedelta(days=1), 0, zone))
