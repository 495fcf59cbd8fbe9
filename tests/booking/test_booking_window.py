"""From when and until when a rule lets one book: the boundary second on both sides."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.booking.booking_window import Window, bookable_starts, may_book
from appliance.booking.lead_time import LeadTime, LeadUnit, minutes
from appliance.booking.reasons import SENTENCES, Reason
from appliance.booking.schedule import stretches
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, Interval, at_local
from appliance.foundation.refusals import Refusal

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
START = at_local(date(2026, 10, 28), 16 * 60, STOCKHOLM)


def asked(window: Window, now: Instant, start: Instant = START, zone: ZoneInfo = STOCKHOLM) -> Refusal | None:
    """What the window says of an hour."""
    return may_book(window, now, Interval(start, start + HOUR), zone)


def test_seven_days_before_a_16_00_start_opens_at_16_00_local_across_the_clock_change() -> None:
    """BRP-04: days are calendar days of the facility."""
    weekly = Window(LeadTime(7, LeadUnit.DAYS))
    opening = at_local(date(2026, 10, 21), 16 * 60, STOCKHOLM)
    assert START - opening == 7 * DAY + HOUR
    assert asked(weekly, opening - 1) == Refusal(Reason.TOO_EARLY, opening)
    assert asked(weekly, opening) is None


def test_a_release_time_replaces_the_hour_of_the_start() -> None:
    """BRP-04: seven days before, but at seven in the morning, whatever the hour that is booked."""
    morning = Window(LeadTime(7, LeadUnit.DAYS), release_minute=7 * 60)
    opening = at_local(date(2026, 10, 21), 7 * 60, STOCKHOLM)
    assert asked(morning, opening - 1) == Refusal(Reason.TOO_EARLY, opening)
    assert asked(morning, opening) is None
    assert asked(morning, opening, START + 5 * HOUR) is None


def test_the_earliest_time_may_be_counted_from_the_end_of_the_slot() -> None:
    """BRP-04: a slot from 16 to 17 opens a day before 17:00."""
    from_end = Window(LeadTime(24, LeadUnit.HOURS), from_end=True)
    assert asked(from_end, START + HOUR - DAY - 1) == Refusal(Reason.TOO_EARLY, START + HOUR - DAY)
    assert asked(from_end, START + HOUR - DAY) is None


@pytest.mark.parametrize(("unit", "seconds"), [(LeadUnit.HOURS, HOUR), (LeadUnit.MINUTES, MINUTE)])
def test_hours_and_minutes_are_elapsed_time(unit: LeadUnit, seconds: int) -> None:
    """BRP-04: 168 hours before are 168 real hours, clock change or not."""
    ahead = Window(LeadTime(168, unit))
    assert asked(ahead, START - 168 * seconds) is None
    assert asked(ahead, START - 168 * seconds - 1) == Refusal(Reason.TOO_EARLY, START - 168 * seconds)


def test_a_day_before_a_time_that_was_skipped_opens_when_the_gap_ends() -> None:
    """BRP-04: one day before 02:30 on the Monday after the spring change."""
    start = at_local(date(2027, 3, 29), 150, STOCKHOLM)
    after_gap = at_local(date(2027, 3, 28), 180, STOCKHOLM)
    assert asked(Window(LeadTime(1, LeadUnit.DAYS)), after_gap - 1, start) == Refusal(Reason.TOO_EARLY, after_gap)


def test_a_window_closes_in_its_own_time_and_may_stay_open_after_the_start() -> None:
    """DY-28: web two hours before, kiosk walk-in until five minutes after the start."""
    web, kiosk, staff = Window(latest=minutes(120)), Window(latest=minutes(-5)), Window()
    assert asked(web, START - 2 * HOUR) is None
    assert asked(web, START - 2 * HOUR + 1) == Refusal(Reason.TOO_LATE)
    assert asked(kiosk, START + 5 * MINUTE) is None
    assert asked(kiosk, START + 5 * MINUTE + 1) == Refusal(Reason.IN_THE_PAST)
    assert asked(staff, START) is None
    assert asked(staff, START + 1) == Refusal(Reason.IN_THE_PAST)


def test_a_window_may_close_whole_days_before() -> None:
    """DY-28: one day before 16:00 is 16:00 the day before, also across the clock change."""
    day = Window(latest=LeadTime(1, LeadUnit.DAYS))
    monday = at_local(date(2026, 10, 26), 12 * 60, STOCKHOLM)
    closing = at_local(date(2026, 10, 25), 12 * 60, STOCKHOLM)
    assert asked(day, closing, monday) is None
    assert asked(day, closing + 1, monday) == Refusal(Reason.TOO_LATE)


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)


@pytest.mark.parametrize(
    ("value", "unit"),
    [(-1, LeadUnit.DAYS), (-25, LeadUnit.HOURS), (3661, LeadUnit.DAYS), (10**30, LeadUnit.MINUTES)],
)
def test_a_lead_time_is_at_most_ten_years_before_and_a_day_after(value: int, unit: LeadUnit) -> None:
    with pytest.raises(ValueError, match="a lead time"):
        LeadTime(value, unit)


LEADS = st.builds(LeadTime, st.integers(0, 6), st.sampled_from(LeadUnit))


@given(
    st.sampled_from([STOCKHOLM, LORD_HOWE]),
    st.one_of(st.none(), LEADS),
    st.one_of(st.none(), st.integers(0, 1439)),
    st.booleans(),
    st.one_of(LEADS, st.integers(-180, 60).map(minutes)),
    st.integers(-4 * DAY, DAY),
    st.sampled_from([date(2026, 10, 25), date(2027, 3, 28), date(2026, 10, 4), date(2027, 4, 4)]),
)
def test_the_bookable_part_of_a_span_holds_exactly_the_starts_that_may_be_booked(
    zone: ZoneInfo,
    earliest: LeadTime | None,
    release: int | None,
    from_end: bool,
    latest: LeadTime,
    when: int,
    day: date,
) -> None:
    """BRP-04: found by halving, true at every start."""
    midnight = at_local(day, 0, zone)
    now, window = midnight + when, Window(earliest, release, from_end, latest)
    for stretch in stretches(zone, Interval(midnight, midnight + DAY)):
        part = bookable_starts(window, now, stretch.interval, HOUR, zone)
        for start in range(stretch.interval.start, stretch.interval.end, 7 * MINUTE):
            allowed = may_book(window, now, Interval(start, start + HOUR), zone) is None
            assert allowed == (part is not None and part.contains(start))
