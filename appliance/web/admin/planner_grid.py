"""The planner as cells: for each resource its bookings in lanes, and between them what is free and what is not.

Pure. Time goes in columns of a quarter of an hour; what is free comes in half hours, each a place to begin a booking.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from appliance.booking.bookings import Booking
from appliance.foundation.instants import HOUR, MINUTE, Instant, Interval

STEP_S: Final = 15 * MINUTE
FREE_COLUMNS: Final = 2
CellKind = Literal["free", "shut", "taken", "meeting"]


@dataclass(frozen=True, slots=True)
class Cell:
    """So many columns of one lane from `start` on. bookings: one, or all of a class meeting; none unless taken.

    words: what meets there; empty unless a meeting.
    """

    kind: CellKind
    start: Instant
    columns: int
    bookings: tuple[Booking, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of a class that has a resource to itself, and what it is called."""

    interval: Interval
    words: str


@dataclass(frozen=True, slots=True)
class _Block:
    first: int
    end: int
    bookings: tuple[Booking, ...]
    words: str = ""


def shown_hours(day: Interval, opening: Iterable[Interval], bookings: Iterable[Booking]) -> Interval:
    """The whole hours of a day in which something is open or booked; else from 8 to 18 hours after midnight."""
    spans = [*opening, *(booked.interval for booked in bookings)]
    inside = [(max(span.start, day.start), min(span.end, day.end)) for span in spans if span.overlaps(day)]
    if not inside:
        return Interval(day.start + 8 * HOUR, day.start + 18 * HOUR)
    first = min(start for start, _ in inside) - day.start
    end = max(end for _, end in inside) - day.start
    return Interval(day.start + first // HOUR * HOUR, min(day.start - -end // HOUR * HOUR, day.end))


def by_resource(bookings: Iterable[Booking]) -> dict[str, list[Booking]]:
    """The bookings that claim each resource, in their order."""
    found: dict[str, list[Booking]] = {}
    for booked in bookings:
        for resource_id in booked.resource_ids:
            found.setdefault(resource_id, []).append(booked)
    return found


def lanes(
    hours: Interval,
    resource_id: str,
    bookings: Sequence[Booking],
    opening: Sequence[Interval],
    now: Instant,
    meetings: Sequence[Meeting] = (),
) -> list[list[Cell]]:
    """The row of one resource, one lane under the other where bookings stand side by side; cells fill each lane."""
    kept: list[list[_Block]] = [[]]
    blocks = [*_blocks(hours, resource_id, bookings), *_meeting_blocks(hours, meetings)]
    for block in sorted(blocks, key=lambda each: (each.first, each.end)):
        lane = next((each for each in kept if not each or each[-1].end <= block.first), None)
        if lane is None:
            kept.append([block])
        else:
            lane.append(block)
    able = _able(hours, opening, now)
    nowhere = [False] * len(able)
    return [_filled(hours, lane, nowhere if number else able) for number, lane in enumerate(kept)]


def _blocks(hours: Interval, resource_id: str, bookings: Sequence[Booking]) -> Iterable[_Block]:
    together: dict[str, list[Booking]] = {}
    for booked in bookings:
        together.setdefault(booked.session_id or booked.id, []).append(booked)
    for found in together.values():
        claims = [each.interval for each in found[0].claims if each.resource_id == resource_id]
        first, last = _columns(hours, min(each.start for each in claims), max(each.end for each in claims))
        if first < last:
            yield _Block(first, last, tuple(found))


def _meeting_blocks(hours: Interval, meetings: Sequence[Meeting]) -> Iterable[_Block]:
    for meeting in meetings:
        first, last = _columns(hours, meeting.interval.start, meeting.interval.end)
        if first < last:
            yield _Block(first, last, (), meeting.words)


def _columns(hours: Interval, start: Instant, end: Instant) -> tuple[int, int]:
    """From the first column that is touched to after the last; empty beside the hours."""
    return max(0, (start - hours.start) // STEP_S), min(-((hours.start - end) // STEP_S), hours.seconds // STEP_S)


def _able(hours: Interval, opening: Sequence[Interval], now: Instant) -> list[bool]:
    """For each column whether a booking could begin there: it is open throughout, and not over."""
    able = [False] * (hours.seconds // STEP_S)
    for span in opening:
        first = max(0, -((hours.start - span.start) // STEP_S))
        for column in range(first, min(len(able), (span.end - hours.start) // STEP_S)):
            able[column] = hours.start + (column + 1) * STEP_S > now
    return able


def _filled(hours: Interval, lane: Sequence[_Block], able: Sequence[bool]) -> list[Cell]:
    cells: list[Cell] = []
    column = 0
    for block in (*lane, None):
        cells += _gap(hours, column, len(able) if block is None else block.first, able)
        if block is not None:
            kind: CellKind = "taken" if block.bookings else "meeting"
            at, columns = _at(hours, block.first), block.end - block.first
            cells.append(Cell(kind, at, columns, block.bookings, block.words))
            column = block.end
    return cells


def _gap(hours: Interval, column: int, end: int, able: Sequence[bool]) -> Iterable[Cell]:
    while column < end:
        until = column + 1
        if able[column]:
            half = (column // FREE_COLUMNS + 1) * FREE_COLUMNS
            while until < min(end, half) and able[until]:
                until += 1
            yield Cell("free", _at(hours, column), until - column)
        else:
            while until < end and not able[until]:
                until += 1
            yield Cell("shut", _at(hours, column), until - column)
        column = until


def _at(hours: Interval, column: int) -> Instant:
    return hours.start + column * STEP_S


def starting_on(
    days: Sequence[Interval], bookings: Mapping[str, Sequence[Booking]], resource_id: str
) -> list[list[Booking]]:
    """For each of some days the bookings of one resource that occupy some of it."""
    mine = bookings.get(resource_id, ())
    return [[booked for booked in mine if booked.interval.overlaps(day)] for day in days]
