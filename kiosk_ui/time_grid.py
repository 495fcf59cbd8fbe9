"""How the starts of one day are laid out for a finger: by part of the day, and in one row an hour where they repeat.

Pure: times in, rows out. A day of quarter hours has 96 starts; a person sees at most one part of it, 24 tiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from appliance.foundation.i18n import marked
from kiosk_ui.desk import TimeView

MOST_TILES: Final = 24
MOST_COLUMNS: Final = 4


@dataclass(frozen=True, slots=True)
class DayPart:
    """A quarter of a day, from `first_hour` up to but not including `end_hour` on the wall clock."""

    key: str
    name: str
    first_hour: int
    end_hour: int


DAY_PARTS: Final = (
    DayPart("night", marked("Night"), 0, 6),
    DayPart("morning", marked("Morning"), 6, 12),
    DayPart("afternoon", marked("Afternoon"), 12, 18),
    DayPart("evening", marked("Evening"), 18, 24),
)


@dataclass(frozen=True, slots=True)
class TimeGrid:
    """What to draw. `parts` is empty when the whole day fits; a None in a row is a start that cannot be had."""

    parts: tuple[DayPart, ...]
    part: DayPart | None
    rows: tuple[tuple[TimeView | None, ...], ...]


def time_grid(times: Sequence[TimeView], zone: ZoneInfo, wanted_part: str) -> TimeGrid:
    """Lay out the starts of one day; an unknown or empty `wanted_part` becomes the first that has a start."""
    if len(times) <= MOST_TILES:
        return TimeGrid((), None, _rows(times, zone))
    parts = tuple(part for part in DAY_PARTS if _within(times, part, zone))
    part = next((part for part in parts if part.key == wanted_part), parts[0])
    return TimeGrid(parts, part, _rows(_within(times, part, zone), zone))


def _within(times: Sequence[TimeView], part: DayPart, zone: ZoneInfo) -> list[TimeView]:
    return [time for time in times if part.first_hour <= _local(time, zone).hour < part.end_hour]


def _rows(times: Sequence[TimeView], zone: ZoneInfo) -> tuple[tuple[TimeView | None, ...], ...]:
    columns = sorted({_local(time, zone).minute for time in times})
    if not 1 < len(columns) <= MOST_COLUMNS:
        return tuple(tuple(times[first : first + MOST_COLUMNS]) for first in range(0, len(times), MOST_COLUMNS))
    hours: dict[tuple[int, int], dict[int, TimeView]] = {}
    for time in times:
        local = _local(time, zone)
        # An hour that comes twice is two rows.
        hours.setdefault((local.hour, local.fold), {})[local.minute] = time
    by_instant = sorted(hours.values(), key=lambda cells: min(time.start for time in cells.values()))
    return tuple(tuple(cells.get(column) for column in columns) for cells in by_instant)


def _local(time: TimeView, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(time.start, zone)
