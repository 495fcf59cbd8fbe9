"""Opening hours and exceptions in wall-clock time, projected onto real time (DY-24).

A real minute is open when the wall clock shows, during it, a minute that the hours name. So a local time that the clock
skips is never open, and one that it repeats is open twice. The projection walks stretches of constant offset, never 24
hours of clock face: days of 23, 25 or 24.5 hours come out right by themselves.

Owners are a facility, a service or a resource, by id. An owner without any hours does not restrict (a facility without
any offers nothing at all: `Asking.has_hours`); one that has hours, but none valid on a day, is closed on that day. The
schedules of all owners concerned intersect.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from appliance.foundation.instants import DAY, DAY_MINUTES, HOUR, MINUTE, Instant, Interval, merged

_PROBE_S: Final = 6 * HOUR


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """`owner_id` is open from `from_minute` to `to_minute` of every `weekday` (0 is Monday), in local wall time.

    `to_minute` may run past midnight, up to 2880; the row belongs to the day on which it begins. `valid_from` and
    `valid_to` are the first and the last such day; None is unbounded.
    """

    owner_id: str
    weekday: int
    from_minute: int
    to_minute: int
    valid_from: date | None = None
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"a weekday is 0 (Monday) to 6 (Sunday), got {self.weekday}")
        if not 0 <= self.from_minute < DAY_MINUTES or not self.from_minute < self.to_minute <= 2 * DAY_MINUTES:
            raise ValueError(
                f"hours begin within their day and end after that, got {self.from_minute} to {self.to_minute}"
            )

    def begins_on(self, day: date) -> bool:
        """Whether this row has an opening that begins on `day`."""
        return (
            day.weekday() == self.weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )


class ExceptionKind(StrEnum):
    """What an exception does to the hours of its owner."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ScheduleException:
    """Real time in which `owner_id` is open or closed whatever its weekly hours say.

    Where both kinds meet, open wins: a holiday can be closed whole and opened for a few hours.
    """

    owner_id: str
    interval: Interval
    kind: ExceptionKind


@dataclass(frozen=True, slots=True)
class WallStretch:
    """Real time during which the zone's offset is constant; the wall clock shows UTC plus `offset_s`."""

    interval: Interval
    offset_s: int


@lru_cache(maxsize=64)
def stretches(zone: ZoneInfo, window: Interval) -> tuple[WallStretch, ...]:
    """`window` cut where the offset of `zone` changes, to the second."""
    found: list[WallStretch] = []
    begin, offset, probe = window.start, _offset(window.start, zone), window.start
    while probe < window.end:
        following = min(probe + _PROBE_S, window.end)
        next_offset = _offset(following, zone)
        if next_offset != offset:
            change = _change(probe, following, zone)
            found.append(WallStretch(Interval(begin, change), offset))
            begin, offset = change, next_offset
        probe = following
    if begin < window.end:
        found.append(WallStretch(Interval(begin, window.end), offset))
    return tuple(found)


def project(
    hours: Iterable[WeeklyHours], exceptions: Iterable[ScheduleException], zone: ZoneInfo, window: Interval
) -> list[Interval]:
    """When one owner is open within `window`: sorted, disjoint real intervals. `hours` are all rows the owner has."""
    rows = list(hours)
    opened: list[Interval] = []
    closed: list[Interval] = []
    for exception in exceptions:
        (opened if exception.kind is ExceptionKind.OPEN else closed).append(exception.interval)
    usual = list(_weekly(rows, zone, window)) if rows else [window]
    return merged([*_without(merged(usual), merged(closed)), *_clipped(opened, window)])


def _weekly(rows: list[WeeklyHours], zone: ZoneInfo, window: Interval) -> Iterator[Interval]:
    for stretch in stretches(zone, window):
        wall_start = stretch.interval.start + stretch.offset_s
        wall_end = stretch.interval.end + stretch.offset_s
        for day_number in range(wall_start // DAY - 1, (wall_end - 1) // DAY + 1):
            day = _EPOCH_DAY + timedelta(days=day_number)
            for row in rows:
                if not row.begins_on(day):
                    continue
                start = max(day_number * DAY + row.from_minute * MINUTE, wall_start)
                end = min(day_number * DAY + row.to_minute * MINUTE, wall_end)
                if start < end:
                    yield Interval(start - stretch.offset_s, end - stretch.offset_s)


def _without(kept: list[Interval], removed: list[Interval]) -> Iterator[Interval]:
    """`kept` less `removed`, both sorted and disjoint."""
    for interval in kept:
        start = interval.start
        for hole in removed:
            if hole.end <= start or hole.start >= interval.end:
                continue
            if hole.start > start:
                yield Interval(start, hole.start)
            start = hole.end
        if start < interval.end:
            yield Interval(start, interval.end)


def _clipped(intervals: Iterable[Interval], window: Interval) -> Iterator[Interval]:
    for interval in intervals:
        if interval.overlaps(window):
            yield Interval(max(interval.start, window.start), min(interval.end, window.end))


_EPOCH_DAY: Final = date(1970, 1, 1)


def _offset(instant: Instant, zone: ZoneInfo) -> int:
    moment = datetime.fromtimestamp(instant, UTC).astimezone(zone)
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _change(low: Instant, high: Instant, zone: ZoneInfo) -> Instant:
    """The first instant after `low` with another offset than at `low`; there is one no later than `high`."""
    before = _offset(low, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high
