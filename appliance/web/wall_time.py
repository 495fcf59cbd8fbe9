"""Dates and times of day as forms of the console send them, on the facility's wall."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked
from appliance.foundation.instants import MINUTE, Instant, at_local

NO_TIME = FieldError("time", "invalid", marked("Write a date and a time, such as 2026-11-30 and 14:30."))
_LATEST: Instant = 1 << 36


def read_day(typed: str) -> date | None:
    """A date as a date field sends it."""
    try:
        found = datetime.strptime(typed, "%Y-%m-%d").date() if len(typed) == 10 else None  # noqa: DTZ007 - a date alone
    except ValueError:
        return None
    return found if found is not None and 1970 < found.year < 4000 else None


def read_at(typed: str) -> Instant | None:
    """An instant as pages of ours write it into addresses."""
    known = typed.isascii() and typed.isdigit() and len(typed) < 12 and int(typed) < _LATEST
    return int(typed) if known else None


def read_start(day: str, time: str, zone: ZoneInfo) -> Instant | None:
    """The instant at which the wall shows `time`, such as 14:30, on `day`."""
    found = read_day(day)
    hour, _, minute = time.partition(":")
    if found is None or not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in (hour, minute)):
        return None
    of_day = int(hour) * 60 + int(minute)
    return at_local(found, of_day, zone) if int(minute) < 60 and of_day < 24 * 60 else None


def written(at: Instant, zone: ZoneInfo) -> tuple[str, str]:
    """An instant as a date field and a time field show it."""
    shown = datetime.fromtimestamp(at // MINUTE * MINUTE, zone)
    return f"{shown:%Y-%m-%d}", f"{shown:%H:%M}"
