"""Recurrence: on which dates a series falls, on the calendar that hangs on the wall (DY-48).

Pure dates; no clock and no zone. A turn whose date does not exist, such as the 31st of April or a fifth Tuesday, is
named as one without a day, so that people see that it was not forgotten.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import count
from typing import Final

from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked

MOST_OCCURRENCES: Final = 104
MOST_EVERY: Final = 52
LONGEST_YEARS: Final = 10
_WEEK: Final = 7
_TOO_MANY: Final = marked("A series has at most {most} dates. Choose an earlier end.")
_TOO_LONG: Final = marked("A series ends at most {years} years after it begins. Choose an earlier end.")
_NO_DATES: Final = marked("No date of the series lies before this end. Choose a later one.")


class Cadence(StrEnum):
    """How a series goes from one turn to the next."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY_DATE = "monthly_date"  # always on the 15th, say
    MONTHLY_WEEKDAY = "monthly_weekday"  # always on the second Tuesday, say
    MONTHLY_LAST_WEEKDAY = "monthly_last_weekday"  # always on the last Tuesday, say


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule that makes dates out of a first one, from which it takes its weekday or its day of the month.

    every: each turn is so many days, weeks (from Monday) or months after the one before.
    weekdays: of a weekly series, 0 is Monday; empty is that of the first date.
    until, times: the last day on which a turn may fall, and how many dates there are; exactly one is given. A turn
    without a day does not count.
    """

    cadence: Cadence
    every: int = 1
    weekdays: frozenset[int] = frozenset()
    until: date | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.every <= MOST_EVERY or (self.until is None) == (self.times is None):
            raise ValueError(f"a series comes every 1 to {MOST_EVERY}, until a day or so many times; got {self}")
        if not self.weekdays <= frozenset(range(_WEEK)) or (self.weekdays and self.cadence is not Cadence.WEEKLY):
            raise ValueError(f"weekdays are those of a weekly series, from 0 to 6; got {self}")


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a series: its day, or None where `month`, by its first day, has no such day."""

    month: date
    day: date | None


def turns(rule: Recurrence, first: date) -> list[Turn]:
    """Every turn of a series from `first` on. Invalid when there are none, or more than a series may have."""
    found: list[Turn] = []
    dates = 0
    for turn in _endless(rule, first):
        at = turn.day or turn.month
        if dates == rule.times or (rule.until is not None and at > rule.until):
            break
        dates += turn.day is not None
        if dates > MOST_OCCURRENCES:
            raise Invalid(FieldError(_ending(rule), "too_many", _TOO_MANY, {"most": MOST_OCCURRENCES}))
        if at.year > first.year + LONGEST_YEARS:
            raise Invalid(FieldError(_ending(rule), "too_far", _TOO_LONG, {"years": LONGEST_YEARS}))
        found.append(turn)
    if not dates:
        raise Invalid(FieldError(_ending(rule), "out_of_range", _NO_DATES))
    return found


def _ending(rule: Recurrence) -> str:
    return "repeat.until" if rule.times is None else "repeat.times"


def _endless(rule: Recurrence, first: date) -> Iterator[Turn]:
    if rule.cadence is Cadence.DAILY:
        days: Iterator[date] = (first + timedelta(days=number * rule.every) for number in count())
    elif rule.cadence is Cadence.WEEKLY:
        days = _weekly(rule, first)
    else:
        yield from _monthly(rule, first)
        return
    for day in days:
        yield Turn(day.replace(day=1), day)


def _weekly(rule: Recurrence, first: date) -> Iterator[date]:
    monday = first - timedelta(days=first.weekday())
    weekdays = sorted(rule.weekdays or {first.weekday()})
    for number in count():
        for weekday in weekdays:
            day = monday + timedelta(days=number * rule.every * _WEEK + weekday)
            if day >= first:
                yield day


def _monthly(rule: Recurrence, first: date) -> Iterator[Turn]:
    for months in count(0, rule.every):
        years, index = divmod(first.month - 1 + months, 12)
        month = date(first.year + years, index + 1, 1)
        day = _day_of(rule.cadence, month, first)
        if day is None or day >= first:
            yield Turn(month, day)


def _day_of(cadence: Cadence, month: date, first: date) -> date | None:
    """The day of `month` that stands where `first` does in its own."""
    following = (month + timedelta(days=31)).replace(day=1)
    last = following - timedelta(days=1)
    if cadence is Cadence.MONTHLY_LAST_WEEKDAY:
        return last - timedelta(days=(last.weekday() - first.weekday()) % _WEEK)
    if cadence is Cadence.MONTHLY_WEEKDAY:
        nth = (first.day - 1) // _WEEK
        number = 1 + (first.weekday() - month.weekday()) % _WEEK + nth * _WEEK
    else:
        number = first.day
    return month.replace(day=number) if number <= last.day else None
