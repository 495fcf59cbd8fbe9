"""Hours that come again every week, in the wall-clock time of a zone (AC-06, AC-12).

Something is open while the clock on the wall shows, on a named day, a minute that a stretch covers. So a local time
that the clock skips opens nothing, and one that it repeats opens twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from appliance.foundation.documents import Section
from appliance.foundation.instants import DAY_MINUTES, Instant, at_local, clock_changes, local_date

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STRETCHES_LIMIT: Final = 50
_LONGEST_WAIT_DAYS: Final = 15  # a week, and another one when the clock skipped the only stretch of the first


@dataclass(frozen=True, slots=True)
class WeeklyStretch:
    """Every week on `weekdays` (0 is Monday), from one minute of the day up to another; that may lie past midnight."""

    weekdays: frozenset[int]
    from_minute: int
    to_minute: int

    def began(self, wall: datetime) -> date | None:
        """The date on which the occurrence began that a wall clock is in; None outside."""
        for days_ago in (0, 1):
            day = wall.date() - timedelta(days=days_ago)
            minute = wall.hour * 60 + wall.minute + days_ago * DAY_MINUTES
            if day.weekday() in self.weekdays and self.from_minute <= minute < self.to_minute:
                return day
        return None


def is_open(hours: Iterable[WeeklyStretch], now: Instant, zone: ZoneInfo) -> bool:
    """Whether the clock on the wall is in one of the stretches."""
    wall = datetime.fromtimestamp(now, zone)
    return any(stretch.began(wall) is not None for stretch in hours)


def opens_at(hours: Sequence[WeeklyStretch], now: Instant, zone: ZoneInfo) -> Instant | None:
    """The first instant from `now` on that lies in a stretch; None where there is none."""
    if is_open(hours, now, zone):
        return now
    first = local_date(now, zone)
    for day in (first + timedelta(days=ahead) for ahead in range(_LONGEST_WAIT_DAYS)):
        begins = {
            at_local(day, stretch.from_minute, zone, second_pass=again) for stretch in hours for again in (False, True)
        }
        # A clock that is put back may show once more a time in the middle of a stretch.
        begins.update(clock_changes(day, zone))
        found = [at for at in sorted(begins) if at > now and is_open(hours, at, zone)]
        if found:
            return found[0]
    return None


def parse_stretch(section: Section) -> WeeklyStretch:
    """`{"days": ["mon", …], "from": "08:00", "to": "22:00"}`; `to` at or before `from` is on the day after."""
    days = section.list_of("days", DAYS.__contains__, f"of {', '.join(DAYS)}", len(DAYS))
    start, end = _minute(section, "from", DAY_MINUTES - 1), _minute(section, "to", DAY_MINUTES)
    section.finish()
    return weekly_stretch(frozenset(DAYS.index(day) for day in days), start, end)


def weekly_stretch(weekdays: frozenset[int], from_minute: int, to_minute: int) -> WeeklyStretch:
    """A stretch whose end, a minute of the day, is on the day after when it is not behind its beginning."""
    return WeeklyStretch(weekdays, from_minute, to_minute if to_minute > from_minute else to_minute + DAY_MINUTES)


def spelled(stretch: WeeklyStretch) -> dict[str, object]:
    """The stretch as `parse_stretch` reads it."""
    days = [DAYS[day] for day in sorted(stretch.weekdays)]
    return {"days": days, "from": _time(stretch.from_minute), "to": _time(end_minute(stretch))}


def end_minute(stretch: WeeklyStretch) -> int:
    """The minute of the day, up to 1440, at which a stretch ends, be it on the day after."""
    return stretch.to_minute - DAY_MINUTES if stretch.to_minute > DAY_MINUTES else stretch.to_minute


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(section: Section, name: str, latest: int) -> int:
    written = section.checked(name, lambda text: _read(text, latest) is not None, "a time such as 08:00")
    return _read(written, latest) or 0


def _read(text: str, latest: int) -> int | None:
    hours, colon, minutes = text.partition(":")
    if len(text) != 5 or not colon or not (hours + minutes).isascii() or not (hours + minutes).isdigit():
        return None
    minute = int(hours) * 60 + int(minutes)
    return minute if int(minutes) < 60 and minute <= latest else None
