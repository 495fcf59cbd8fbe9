"""Opening hours are wall-clock time: what the clock skips is never open, what it repeats is open twice."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.booking.schedule import ExceptionKind, ScheduleException, WeeklyHours, project, stretches
from appliance.foundation.instants import HOUR, MINUTE, Interval, at_local, day_bounds, format_instant

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SPRING = date(2027, 3, 28)
AUTUMN = date(2026, 10, 25)


def daily(first: int, end: int, **validity: date) -> list[WeeklyHours]:
    return [WeeklyHours("f", weekday, first, end, **validity) for weekday in range(7)]


def shown(intervals: list[Interval], zone: ZoneInfo) -> list[tuple[str, str]]:
    return [(format_instant(each.start, zone)[8:22], format_instant(each.end, zone)[8:22]) for each in intervals]


def minutes_open(hours: list[WeeklyHours], day: date, zone: ZoneInfo) -> int:
    return sum(each.seconds for each in project(hours, (), zone, day_bounds(day, zone))) // MINUTE


def test_hours_hold_on_their_weekday_between_their_dates() -> None:
    """DY-24: hours by weekday and season; both dates are included."""
    row = WeeklyHours("f", 0, 7 * 60, 22 * 60, date(2026, 11, 23), date(2026, 11, 30))
    window = Interval(at_local(date(2026, 11, 14), 0, STOCKHOLM), at_local(date(2026, 12, 10), 0, STOCKHOLM))
    assert shown(project([row], (), STOCKHOLM, window), STOCKHOLM) == [
        ("23T07:00:00+01", "23T22:00:00+01"),
        ("30T07:00:00+01", "30T22:00:00+01"),
    ]


def test_hours_may_run_past_midnight() -> None:
    """DY-24: Friday 20:00 to Saturday 02:00 is one row of Friday."""
    row = WeeklyHours("f", 4, 20 * 60, 26 * 60)
    open_on = project([row], (), STOCKHOLM, day_bounds(date(2026, 11, 28), STOCKHOLM))
    assert shown(open_on, STOCKHOLM) == [("28T00:00:00+01", "28T02:00:00+01")]


@pytest.mark.parametrize(
    ("zone", "day", "minutes"),
    [
        (STOCKHOLM, SPRING, 23 * 60),
        (STOCKHOLM, AUTUMN, 25 * 60),
        (LORD_HOWE, date(2026, 10, 4), 23 * 60 + 30),
        (LORD_HOWE, date(2027, 4, 4), 24 * 60 + 30),
        (ZoneInfo("Asia/Beirut"), date(2027, 3, 28), 23 * 60),
        (STOCKHOLM, date(2026, 11, 23), 24 * 60),
    ],
)
def test_round_the_clock_is_every_real_minute_of_the_day(zone: ZoneInfo, day: date, minutes: int) -> None:
    """DY-24: open round the clock is 23, 24 or 25 hours, or what the zone makes of it."""
    assert minutes_open(daily(0, 1440), day, zone) == minutes
    assert len(project(daily(0, 1440), (), zone, day_bounds(day, zone))) == 1


def test_a_skipped_hour_is_never_open_and_a_repeated_one_twice() -> None:
    """DY-24: 02:00 to 03:00 on both nights of the change."""
    assert minutes_open(daily(120, 180), SPRING, STOCKHOLM) == 0
    twice = project(daily(120, 150), (), STOCKHOLM, day_bounds(AUTUMN, STOCKHOLM))
    assert shown(twice, STOCKHOLM) == [("25T02:00:00+02", "25T02:30:00+02"), ("25T02:00:00+01", "25T02:30:00+01")]


def test_exceptions_close_and_open_and_where_they_meet_open_wins() -> None:
    """DY-24: a holiday closed whole and opened for two hours."""
    day = day_bounds(date(2026, 12, 24), STOCKHOLM)
    noon = day.start + 12 * HOUR
    exceptions = [
        ScheduleException("f", day, ExceptionKind.CLOSED),
        ScheduleException("f", Interval(noon, noon + 2 * HOUR), ExceptionKind.OPEN),
    ]
    assert project(daily(420, 1320), exceptions, STOCKHOLM, day) == [Interval(noon, noon + 2 * HOUR)]
    assert project([], exceptions[:1], STOCKHOLM, day) == []


def test_who_has_no_hours_is_not_restricted_but_who_has_some_elsewhere_is_closed() -> None:
    """DY-24: no row leaves all open; rows of another season leave nothing open."""
    day = day_bounds(date(2026, 12, 24), STOCKHOLM)
    assert project([], (), STOCKHOLM, day) == [day]
    assert project(daily(0, 1440, valid_to=date(2026, 12, 23)), (), STOCKHOLM, day) == []


@pytest.mark.parametrize(
    ("weekday", "first", "end"), [(7, 0, 60), (0, -1, 60), (0, 60, 60), (0, 0, 2881), (0, 1440, 1500)]
)
def test_hours_that_are_none_are_refused(weekday: int, first: int, end: int) -> None:
    with pytest.raises(ValueError, match=r"weekday|hours begin"):
        WeeklyHours("f", weekday, first, end)


ZONES = st.sampled_from(["Europe/Stockholm", "Australia/Lord_Howe", "America/New_York", "Pacific/Chatham", "UTC"])


@given(ZONES, st.integers(1_700_000_000, 1_900_000_000), st.integers(1, 40 * 24 * 60))
def test_stretches_cut_a_window_without_gap_and_know_the_offset_all_along(key: str, start: int, minutes: int) -> None:
    zone, window = ZoneInfo(key), Interval(start, start + minutes * MINUTE)
    found = stretches(zone, window)
    assert found[0].interval.start == window.start
    assert found[-1].interval.end == window.end
    assert all(one.interval.end == two.interval.start for one, two in pairwise(found))
    for each in found:
        for instant in (each.interval.start, each.interval.end - 1):
            assert datetime.fromtimestamp(instant, zone).utcoffset() == timedelta(seconds=each.offset_s)


@given(ZONES, st.dates(date(2026, 1, 1), date(2028, 1, 1)), st.integers(0, 1439), st.integers(1, 1441), st.data())
def test_a_minute_is_open_exactly_when_the_wall_clock_says_so(
    key: str, day: date, first: int, length: int, data: st.DataObject
) -> None:
    """DY-24: at any minute of any zone, the wall clock decides."""
    zone = ZoneInfo(key)
    instant = day_bounds(day, zone).start + MINUTE * data.draw(st.integers(0, 1499))
    window = Interval(instant - 3 * HOUR, instant + 3 * HOUR)
    is_open = any(each.contains(instant) for each in project(daily(first, first + length), (), zone, window))
    wall = datetime.fromtimestamp(instant, zone)
    minute = wall.hour * 60 + wall.minute
    assert is_open == (first <= minute < first + length or first <= minute + 1440 < first + length)
