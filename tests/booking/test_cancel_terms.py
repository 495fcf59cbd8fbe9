"""On which terms one may cancel and move: the boundary second on both sides, the strictest step, the grace."""

from zoneinfo import ZoneInfo

import pytest

from appliance.booking.cancel_terms import CancelTerms, Made, cancel_terms, leans_on_grace, may_move
from appliance.booking.lead_time import LeadTime, LeadUnit, minutes
from appliance.booking.reasons import Reason
from appliance.booking.rules import BookingRule, Cancelling, CancelTier, Moving
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant
from appliance.foundation.refusals import Refusal

ZONE = ZoneInfo("Europe/Stockholm")
START: Instant = 1_790_000_000
DAY_BEFORE = BookingRule("r", cancelling=Cancelling(until=minutes(24 * 60)))


def terms(rule: BookingRule, now: Instant, *, made_at: Instant = START - 9 * DAY, used: bool = False) -> object:
    return cancel_terms(rule, now, Made(START, made_at, used), ZONE)


def test_cancelling_is_open_until_the_last_second_and_then_refused() -> None:
    """DY-11, BRP-05: the boundary second on both sides."""
    assert terms(DAY_BEFORE, START - DAY, used=True) == CancelTerms(0)
    assert terms(DAY_BEFORE, START - DAY + 1) == Refusal(Reason.TOO_LATE_TO_CANCEL)


def test_a_rule_may_say_from_when_on_one_may_cancel() -> None:
    """BRP-05: not earlier than three days before."""
    rule = BookingRule("r", cancelling=Cancelling(earliest=LeadTime(72, LeadUnit.HOURS)))
    assert terms(rule, START - 3 * DAY - 1) == Refusal(Reason.TOO_EARLY_TO_CANCEL, START - 3 * DAY)
    assert terms(rule, START - 3 * DAY) == CancelTerms(0)


def test_without_a_step_cancelling_is_free() -> None:
    """BRP-07."""
    assert terms(BookingRule("r"), START) == CancelTerms(0)


TIERS = (CancelTier(24 * 60, 50), CancelTier(2 * 60, 100), CancelTier(7 * 24 * 60, 10))


@pytest.mark.parametrize(
    ("before", "percent"),
    [
        (8 * DAY, 0),
        (7 * DAY, 0),
        (7 * DAY - 1, 10),
        (25 * HOUR, 10),
        (24 * HOUR, 10),
        (24 * HOUR - 1, 50),
        (2 * HOUR, 50),
        (HOUR, 100),
        (0, 100),
        (-HOUR, 100),
    ],
)
def test_the_strictest_step_that_applies_decides(before: int, percent: int) -> None:
    """BRP-15: 25 h, 24 h exactly, 1 h, none and after the start."""
    rule = BookingRule("r", cancelling=Cancelling(until=minutes(-600), tiers=TIERS))
    assert terms(rule, START - before) == CancelTerms(percent)


def test_whoever_booked_late_has_two_minutes_unless_the_key_was_used() -> None:
    """BRP-21: at 119 seconds free, at 121 refused; after walking in not at all."""
    made_at = START + 180
    assert terms(DAY_BEFORE, made_at + 120, made_at=made_at) == CancelTerms(0, by_grace=True)
    assert terms(DAY_BEFORE, made_at + 121, made_at=made_at) == Refusal(Reason.TOO_LATE_TO_CANCEL)
    assert terms(DAY_BEFORE, made_at + 1, made_at=made_at, used=True) == Refusal(Reason.TOO_LATE_TO_CANCEL)
    assert leans_on_grace(DAY_BEFORE, made_at + 120, Made(START, made_at, False), ZONE)
    assert not leans_on_grace(DAY_BEFORE, START - DAY, Made(START, START - DAY - 1, False), ZONE)


def test_the_grace_also_waives_the_fee() -> None:
    """BRP-21: with 24 h to go for a fee, booked five minutes before: free for two minutes, then it costs."""
    rule = BookingRule("r", cancelling=Cancelling(tiers=(CancelTier(24 * 60, 100),)))
    made_at = START - 5 * MINUTE
    assert terms(rule, made_at + 119, made_at=made_at) == CancelTerms(0, by_grace=True)
    assert terms(rule, made_at + 121, made_at=made_at) == CancelTerms(100)
    assert terms(rule, made_at + 60, made_at=made_at, used=True) == CancelTerms(100)


def test_moving_has_its_own_last_moment_and_its_own_count() -> None:
    """BM-21: until an hour before, twice; where nothing is said, as for cancelling."""
    rule = BookingRule("r", cancelling=DAY_BEFORE.cancelling, moving=Moving(minutes(60), most=2))
    made = Made(START, START - 9 * DAY, False, moves=1)
    assert may_move(rule, START - HOUR, made, ZONE) is None
    assert may_move(rule, START - HOUR + 1, made, ZONE) == Refusal(Reason.TOO_LATE_TO_MOVE)
    often = Made(START, START - 9 * DAY, False, moves=2)
    assert may_move(rule, START - HOUR, often, ZONE) == Refusal(Reason.MOVED_TOO_OFTEN)
    assert may_move(DAY_BEFORE, START - DAY + 1, made, ZONE) == Refusal(Reason.TOO_LATE_TO_CANCEL)
