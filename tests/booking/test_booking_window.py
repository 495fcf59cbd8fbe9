"""When a rule lets one book and cancel: the boundary second on both sides."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.booking.booking_window import (
    BookingRule,
    BookUntil,
    Channel,
    LeadTime,
    LeadUnit,
    bookable_starts,
    leans_on_grace,
    may_book,
    may_cancel,
)
from appliance.booking.reasons import SENTENCES, Reason
from appliance.booking.schedule import stretches
from appliance.foundation.instants import DAY, HOUR, MINUTE, Interval, at_local
from appliance.foundation.refusals import Refusal

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
START = at_local(date(2026, 10, 28), 16 * 60, STOCKHOLM)
PUBLIC = Channel.PUBLIC


def rule(value: int, unit: LeadUnit, **more: int) -> BookingRule:
    return BookingRule("r", LeadTime(value, unit), BookUntil(**more))


def test_seven_days_before_a_16_00_start_opens_at_16_00_local_across_the_clock_change() -> None:
    """BRP-04: days are calendar days of the facility."""
    weekly = rule(7, LeadUnit.DAYS)
    opening = at_local(date(2026, 10, 21), 16 * 60, STOCKHOLM)
    assert START - opening == 7 * DAY + HOUR
    assert may_book(weekly, PUBLIC, opening - 1, START, STOCKHOLM) == Refusal(Reason.TOO_EARLY, opening)
    assert may_book(weekly, PUBLIC, opening, START, STOCKHOLM) is None


@pytest.mark.parametrize(("unit", "seconds"), [(LeadUnit.HOURS, HOUR), (LeadUnit.MINUTES, MINUTE)])
def test_hours_and_minutes_are_elapsed_time(unit: LeadUnit, seconds: int) -> None:
    """BRP-04: 168 hours before are 168 real hours, clock change or not."""
    ahead = rule(168, unit)
    assert may_book(ahead, PUBLIC, START - 168 * seconds, START, STOCKHOLM) is None
    refusal = may_book(ahead, PUBLIC, START - 168 * seconds - 1, START, STOCKHOLM)
    assert refusal == Refusal(Reason.TOO_EARLY, START - 168 * seconds)


def test_a_day_before_a_time_that_was_skipped_opens_when_the_gap_ends() -> None:
    """BRP-04: one day before 02:30 on the Monday after the spring change."""
    start = at_local(date(2027, 3, 29), 150, STOCKHOLM)
    after_gap = at_local(date(2027, 3, 28), 180, STOCKHOLM)
    refusal = may_book(rule(1, LeadUnit.DAYS), PUBLIC, after_gap - 1, start, STOCKHOLM)
    assert refusal == Refusal(Reason.TOO_EARLY, after_gap)


def test_each_channel_closes_in_its_own_time_and_the_kiosk_may_after_the_start() -> None:
    """DY-28: web two hours before, kiosk walk-in until five minutes after the start."""
    late = BookingRule("r", None, BookUntil(public=120, kiosk=-5, staff=0))
    assert may_book(late, PUBLIC, START - 2 * HOUR, START, STOCKHOLM) is None
    assert may_book(late, PUBLIC, START - 2 * HOUR + 1, START, STOCKHOLM) == Refusal(Reason.TOO_LATE)
    assert may_book(late, Channel.KIOSK, START + 5 * MINUTE, START, STOCKHOLM) is None
    assert may_book(late, Channel.KIOSK, START + 5 * MINUTE + 1, START, STOCKHOLM) == Refusal(Reason.IN_THE_PAST)
    assert may_book(late, Channel.STAFF, START, START, STOCKHOLM) is None
    assert may_book(late, Channel.STAFF, START + 1, START, STOCKHOLM) == Refusal(Reason.IN_THE_PAST)


def test_cancelling_is_free_until_the_last_second_and_then_refused() -> None:
    """BRP-05: the boundary second on both sides."""
    day_before = BookingRule("r", cancel_until_minutes=24 * 60)
    committed = START - 3 * DAY
    assert may_cancel(day_before, START - DAY, START, committed, True) is None
    assert may_cancel(day_before, START - DAY + 1, START, committed, False) == Refusal(Reason.TOO_LATE_TO_CANCEL)


def test_whoever_booked_late_has_two_minutes_unless_the_key_was_used() -> None:
    """BRP-21: 120 seconds to think better of it; not after walking in."""
    day_before = BookingRule("r", cancel_until_minutes=24 * 60)
    committed = START + 180
    assert may_cancel(day_before, committed + 120, START, committed, False) is None
    assert leans_on_grace(day_before, committed + 120, START)
    assert may_cancel(day_before, committed + 121, START, committed, False) == Refusal(Reason.TOO_LATE_TO_CANCEL)
    assert may_cancel(day_before, committed + 1, START, committed, True) == Refusal(Reason.TOO_LATE_TO_CANCEL)
    assert not leans_on_grace(day_before, START - DAY, START)


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)


@pytest.mark.parametrize(("value", "unit"), [(-1, LeadUnit.DAYS), (3661, LeadUnit.DAYS), (10**30, LeadUnit.MINUTES)])
def test_a_lead_time_is_at_most_ten_years(value: int, unit: LeadUnit) -> None:
    with pytest.raises(ValueError, match="a lead time"):
        LeadTime(value, unit)


@given(
    st.sampled_from([STOCKHOLM, LORD_HOWE]),
    st.one_of(st.none(), st.builds(LeadTime, st.integers(0, 6), st.sampled_from(LeadUnit))),
    st.integers(-60, 180),
    st.integers(-4 * DAY, DAY),
    st.sampled_from([date(2026, 10, 25), date(2027, 3, 28), date(2026, 10, 4), date(2027, 4, 4)]),
)
def test_the_bookable_part_of_a_span_holds_exactly_the_starts_that_may_be_booked(
    zone: ZoneInfo, earliest: LeadTime | None, until: int, when: int, day: date
) -> None:
    """BRP-04: found by halving, true at every start."""
    midnight = at_local(day, 0, zone)
    now, lenient = midnight + when, BookingRule("r", earliest, BookUntil(public=until))
    for stretch in stretches(zone, Interval(midnight, midnight + DAY)):
        part = bookable_starts(lenient, PUBLIC, now, stretch.interval, zone)
        for start in range(stretch.interval.start, stretch.interval.end, 7 * MINUTE):
            allowed = may_book(lenient, PUBLIC, now, start, zone) is None
            assert allowed == (part is not None and part.contains(start))
