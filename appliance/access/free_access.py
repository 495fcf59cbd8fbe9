"""When a door stands free by its schedule, in the facility's wall-clock time (AC-12).

A door is free while the clock on the wall shows, on a named day, a minute that a stretch covers. So a local time that
the clock skips frees nobody, and one that it repeats frees the door twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from appliance.foundation.documents import Section
from appliance.foundation.instants import DAY_MINUTES, Instant

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STRETCHES_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class FreeStretch:
    """Every week on `weekdays` (0 is Monday), from one minute of the day up to another; that may lie past midnight."""

    weekdays: frozenset[int]
    from_minute: int
    to_minute: int


def stretch_at(stretches: Iterable[FreeStretch], now: Instant, zone: ZoneInfo) -> str:
    """The name of the stretch that the wall clock is in, one for each date and stretch; empty between them."""
    wall = datetime.fromtimestamp(now, zone)
    for stretch in stretches:
        for days_ago in (0, 1):
            began = wall.date() - timedelta(days=days_ago)
            minute = wall.hour * 60 + wall.minute + days_ago * DAY_MINUTES
            if began.weekday() in stretch.weekdays and stretch.from_minute <= minute < stretch.to_minute:
                return f"{began:%Y%m%d}-{stretch.from_minute:04}"
    return ""


def parse_stretch(section: Section) -> FreeStretch:
    """`{"days": ["mon", …], "from": "08:00", "to": "22:00"}`; `to` at or before `from` is on the day after."""
    days = section.list_of("days", DAYS.__contains__, f"of {', '.join(DAYS)}", len(DAYS))
    start, end = _minute(section, "from", DAY_MINUTES - 1), _minute(section, "to", DAY_MINUTES)
    section.finish()
    return FreeStretch(frozenset(DAYS.index(day) for day in days), start, end if end > start else end + DAY_MINUTES)


def _minute(section: Section, name: str, latest: int) -> int:
    written = section.checked(name, lambda text: _read(text, latest) is not None, "a time such as 08:00")
    return _read(written, latest) or 0


def _read(text: str, latest: int) -> int | None:
    hours, colon, minutes = text.partition(":")
    if len(text) != 5 or not colon or not (hours + minutes).isascii() or not (hours + minutes).isdigit():
        return None
    minute = int(hours) * 60 + int(minutes)
    return minute if int(minutes) < 60 and minute <= latest else None
