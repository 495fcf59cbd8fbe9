"""Series fall on the dates that a walk over the calendar, day by day, finds for them (DY-48)."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from appliance.booking.recurrence import MOST_OCCURRENCES, Cadence, Recurrence, Turn, turns
from appliance.foundation.errors import Invalid

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
MONTHLY = (Cadence.MONTHLY_DATE, Cadence.MONTHLY_WEEKDAY, Cadence.MONTHLY_LAST_WEEKDAY)


def days_of(rule: Recurrence, first: date) -> list[date]:
    return [turn.day for turn in turns(rule, first) if turn.day is not None]


def nth(day: date) -> int:
    """Which of its weekday a day is in its month, by counting."""
    return sum(day.replace(day=number).weekday() == day.weekday() for number in range(1, day.day + 1))


def is_last(day: date) -> bool:
    return (day + timedelta(days=7)).month != day.month


def falls(rule: Recurrence, first: date) -> Callable[[date], bool]:
    """Whether a day belongs to the series, asked of the day alone."""

    def weekly(day: date) -> bool:
        mondays = [each - timedelta(days=each.weekday()) for each in (first, day)]
        weeks = (mondays[1] - mondays[0]).days // 7
        return weeks % rule.every == 0 and day.weekday() in (rule.weekdays or {first.weekday()})

    def monthly(day: date) -> bool:
        months = day.year * 12 + day.month - first.year * 12 - first.month
        if months % rule.every:
            return False
        if rule.cadence is Cadence.MONTHLY_DATE:
            return day.day == first.day
        if day.weekday() != first.weekday():
            return False
        return is_last(day) if rule.cadence is Cadence.MONTHLY_LAST_WEEKDAY else nth(day) == nth(first)

    if rule.cadence is Cadence.DAILY:
        return lambda day: (day - first).days % rule.every == 0
    return weekly if rule.cadence is Cadence.WEEKLY else monthly


@st.composite
def rules(draw: st.DrawFn, until: date | None = None, times: int | None = None) -> Recurrence:
    cadence = draw(st.sampled_from(Cadence))
    weekdays: frozenset[int] = frozenset()
    if cadence is Cadence.WEEKLY:
        weekdays = draw(st.frozensets(st.integers(0, 6)))
    return Recurrence(cadence, draw(st.integers(1, 5)), weekdays, until, times)


@pytest.mark.feature("DY-48")
@given(st.data(), DAYS, st.integers(0, 400))
def test_a_series_until_a_day_is_what_a_walk_finds(data: st.DataObject, first: date, span: int) -> None:
    """DY-48: daily, weekly, every n weeks on weekdays, monthly by date, by nth and by last weekday."""
    last = first + timedelta(days=span)
    rule = data.draw(rules(until=last))
    fits = falls(rule, first)
    walked = [day for day in (first + timedelta(days=n) for n in range(span + 1)) if fits(day)]
    if 1 <= len(walked) <= MOST_OCCURRENCES:
        assert days_of(rule, first) == walked
    else:
        with pytest.raises(Invalid):
            turns(rule, first)


@given(st.data(), DAYS, st.integers(1, 12))
def test_a_series_of_so_many_times_has_so_many_dates(data: st.DataObject, first: date, times: int) -> None:
    """DY-48: turns without a day do not count."""
    rule = data.draw(rules(times=times))
    # Not the 29th of February every fourth year, and its like.
    assume(first.day < 29 or rule.every < 3)
    found = turns(rule, first)
    days = [turn.day for turn in found if turn.day is not None]
    assert len(days) == times
    assert found[-1].day is not None
    assert days == [day for day in days_of(Recurrence(rule.cadence, rule.every, rule.weekdays, days[-1]), first)]


@given(DAYS, st.integers(1, 5), st.sampled_from(MONTHLY[:2]), st.integers(1, 800))
def test_a_month_without_such_a_day_is_named(first: date, every: int, cadence: Cadence, span: int) -> None:
    """DY-48: every month in turn is there, with its day or without."""
    found = turns(Recurrence(cadence, every, until=first + timedelta(days=span)), first)
    months = [turn.month.year * 12 + turn.month.month for turn in found]
    assert months == list(range(months[0], months[-1] + 1, every))
    fits = falls(Recurrence(cadence, every, times=1), first)
    for turn in (turn for turn in found if turn.day is None):
        length = calendar.monthrange(turn.month.year, turn.month.month)[1]
        assert not any(fits(turn.month.replace(day=number)) for number in range(1, length + 1))


@pytest.mark.feature("DY-48")
def test_the_31st_skips_the_short_months() -> None:
    """DY-48: 31 January, then March; February is shown as skipped."""
    rule = Recurrence(Cadence.MONTHLY_DATE, times=3)
    assert turns(rule, date(2027, 1, 31)) == [
        Turn(date(2027, 1, 1), date(2027, 1, 31)),
        Turn(date(2027, 2, 1), None),
        Turn(date(2027, 3, 1), date(2027, 3, 31)),
        Turn(date(2027, 4, 1), None),
        Turn(date(2027, 5, 1), date(2027, 5, 31)),
    ]


def test_a_fifth_tuesday_is_not_the_last() -> None:
    """DY-48: 29 June 2027 is both; in July only the last is left."""
    first = date(2027, 6, 29)
    assert turns(Recurrence(Cadence.MONTHLY_WEEKDAY, times=2), first)[1] == Turn(date(2027, 7, 1), None)
    assert days_of(Recurrence(Cadence.MONTHLY_LAST_WEEKDAY, times=2), first)[1] == date(2027, 7, 27)


@pytest.mark.feature("DY-48")
def test_ten_thousand_are_refused_and_the_cap_is_named() -> None:
    """DY-48."""
    with pytest.raises(Invalid, match=str(MOST_OCCURRENCES)):
        turns(Recurrence(Cadence.DAILY, times=10_000), date(2027, 1, 1))
    with pytest.raises(Invalid, match=str(MOST_OCCURRENCES)):
        turns(Recurrence(Cadence.DAILY, until=date(2050, 1, 1)), date(2027, 1, 1))
    with pytest.raises(Invalid, match="10 years"):
        turns(Recurrence(Cadence.MONTHLY_DATE, every=48, times=104), date(2027, 1, 1))
    with pytest.raises(Invalid):
        turns(Recurrence(Cadence.WEEKLY, weekdays=frozenset({0}), until=date(2027, 1, 2)), date(2027, 1, 1))
