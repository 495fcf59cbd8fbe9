"""Today's board: one row a place, with what is taken and what can still be had, as shapes on a day-long line (KI-01).

Pure geometry. A row is `WIDTH` units wide whatever the length of the day (23, 24 or 25 hours).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from appliance.foundation.i18n import text
from appliance.foundation.instants import HOUR, MINUTE, Instant, Interval, day_bounds, merged
from appliance.foundation.wording import clock_text, span_text
from kiosk_ui.desk import BoardRow

WIDTH: Final = 1440
_WORTH_SAYING_S = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a row, in units of `WIDTH`."""

    x: int
    width: int


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One place: what to draw, and the sentence that says the same."""

    place_name: str
    free: tuple[Bar, ...]
    busy: tuple[Bar, ...]
    sentence: str
    is_free_now: bool
    has_chosen: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """An hour written under the board."""

    x: int
    label: str


@dataclass(frozen=True, slots=True)
class DrawnBoard:
    """The whole board. `now_x` is None on another day than today, `chosen` the time being booked."""

    rows: tuple[DrawnRow, ...]
    ticks: tuple[Tick, ...]
    now_x: int | None
    chosen: Bar | None


def drawn_board(
    rows: Sequence[BoardRow], day: date, zone: ZoneInfo, now: Instant, language: str, chosen: Interval | None = None
) -> DrawnBoard:
    """Draw one local day; `now` only matters when it lies in it."""
    bounds = day_bounds(day, zone)
    return DrawnBoard(
        tuple(_drawn_row(row, bounds, zone, now, language, chosen) for row in rows),
        _ticks(bounds, zone),
        _x(now, bounds) if bounds.contains(now) else None,
        _bar(chosen, bounds) if chosen and chosen.overlaps(bounds) else None,
    )


def free_times(row: BoardRow, bounds: Interval, now: Instant) -> tuple[Interval, ...]:
    """Open and not taken, from `now` on."""
    free: list[Interval] = []
    for stretch in merged(row.open):
        start = max(stretch.start, bounds.start, now)
        end = min(stretch.end, bounds.end)
        for taken in merged(row.busy):
            if start < end and taken.overlaps(Interval(start, end)):
                if start < taken.start:
                    free.append(Interval(start, taken.start))
                start = taken.end
        if start < end:
            free.append(Interval(start, end))
    return tuple(free)


def _drawn_row(
    row: BoardRow, bounds: Interval, zone: ZoneInfo, now: Instant, language: str, chosen: Interval | None
) -> DrawnRow:
    free = free_times(row, bounds, now)
    worth_saying = [interval for interval in free if interval.seconds >= _WORTH_SAYING_S]
    is_free_now = bool(worth_saying) and worth_saying[0].start == now
    return DrawnRow(
        row.place_name,
        tuple(_bar(interval, bounds) for interval in free),
        tuple(_bar(interval, bounds) for interval in merged(row.busy) if interval.overlaps(bounds)),
        _sentence(worth_saying[0] if worth_saying else None, is_free_now, bounds, zone, language),
        is_free_now,
        # What runs already may be booked too, so only the rest of the chosen time has to be free.
        chosen is not None
        and any(free_one.contains(max(chosen.start, now)) and chosen.end <= free_one.end for free_one in free),
    )


def _sentence(first: Interval | None, is_free_now: bool, bounds: Interval, zone: ZoneInfo, language: str) -> str:
    if first is None:
        return text(language, "Full")
    if is_free_now and first.end >= bounds.end:
        return text(language, "Free now")
    if is_free_now:
        return text(language, "Free until {time}", time=clock_text(language, first.end, zone))
    if first.start <= bounds.start and first.end >= bounds.end:
        return text(language, "Free all day")
    if first.end >= bounds.end:
        return text(language, "Free from {time}", time=clock_text(language, first.start, zone))
    return text(language, "Free {span}", span=span_text(language, first, zone))


def _ticks(bounds: Interval, zone: ZoneInfo) -> tuple[Tick, ...]:
    shown = [Tick(WIDTH, "24")]
    for instant in range(bounds.start, bounds.end, HOUR):
        local = datetime.fromtimestamp(instant, zone)
        if local.hour % 3 == 0 and local.minute == 0 and not local.fold:
            shown.append(Tick(_x(instant, bounds), f"{local.hour:02d}"))
    return tuple(sorted(shown, key=lambda tick: tick.x))


def _bar(interval: Interval, bounds: Interval) -> Bar:
    left, right = _x(interval.start, bounds), _x(interval.end, bounds)
    return Bar(left, max(right - left, 1))


def _x(instant: Instant, bounds: Interval) -> int:
    return (min(max(instant, bounds.start), bounds.end) - bounds.start) * WIDTH // bounds.seconds
