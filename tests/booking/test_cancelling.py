"""Cancelling and moving: by rule, to the second, and never half (BM-22, BM-21, BRP-05, BRP-21)."""

from datetime import date

import pytest

from appliance.booking.actions import extending
from appliance.booking.actions.cancelling import Cancelled, needs_unused_keys
from appliance.booking.actions.moving import Moved
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status
from appliance.foundation.instants import DAY, HOUR, MINUTE, at_local
from appliance.foundation.refusals import Refusal
from tests.builders import BO, NOW, STOCKHOLM, TEN, Site

COURTS = ("court-1", "court-2", "court-3", "court-4")
LATER = NOW + 30 * HOUR
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)


def reason(answer: object) -> str | None:
    return answer.reason if isinstance(answer, Refusal) else None


def active_claims(site: Site, booking_id: str) -> list[tuple[object, ...]]:
    return site.rows("SELECT starts, ends FROM claim WHERE booking_id = ? AND active = 1", booking_id)


def test_cancelling_frees_the_slot_kills_the_keys_and_uses_up_the_code(site: Site) -> None:
    """BM-22: one transaction."""
    booked, *_ = (site.book(LATER) for _ in COURTS)
    cancelled = site.cancel(booked.id)
    assert isinstance(cancelled, Cancelled)
    assert cancelled.booking.status is Status.CANCELLED
    assert active_claims(site, booked.id) == []
    assert site.pins(booked.id) == []
    assert site.rows("SELECT DISTINCT state FROM key WHERE booking_id = ?", booked.id) == [("cancelled",)]
    assert site.rows("SELECT cancel_digest FROM booking WHERE id = ?", booked.id) == [(None,)]
    assert cancelled.key_seq == site.rows("SELECT max(seq) FROM journal WHERE entity = 'key'")[0][0]
    site.book(LATER)


def test_a_booking_is_cancelled_once(site: Site) -> None:
    """BM-22."""
    booked = site.book(LATER)
    site.cancel(booked.id)
    assert reason(site.cancel(booked.id)) == "not_cancellable"
    assert reason(site.cancel(booked.id, by_staff=True)) == "not_cancellable"
    assert reason(site.cancel("no such booking")) == "unknown_booking"
    assert reason(site.cancel(site.hold(LATER).id)) == "not_cancellable"


@pytest.mark.parametrize(("seconds_before", "allowed"), [(2 * HOUR + 1, True), (2 * HOUR, True), (2 * HOUR - 1, False)])
def test_a_booking_may_be_cancelled_until_the_very_second_of_its_rule(
    site: Site, seconds_before: int, allowed: bool
) -> None:
    """BRP-05: two hours before the start, that second included."""
    booked = site.book(LATER)
    site.clock.set(LATER - seconds_before)
    assert reason(site.cancel(booked.id)) == (None if allowed else "too_late_to_cancel")


@pytest.mark.parametrize("night", [SPRING, AUTUMN])
@pytest.mark.parametrize(("seconds", "allowed"), [(0, True), (1, False)])
def test_the_hours_of_the_rule_are_real_hours_in_both_nights(
    site: Site, night: date, seconds: int, allowed: bool
) -> None:
    """BRP-05: two hours before 04:00 are two hours, whatever the wall clock did in between."""
    start = at_local(night, 4 * 60, STOCKHOLM)
    site.clock.set(start - 5 * DAY)
    booked = site.book(start)
    site.clock.set(start - 2 * HOUR + seconds)
    assert reason(site.cancel(booked.id)) == (None if allowed else "too_late_to_cancel")


@pytest.mark.parametrize("night", [SPRING, AUTUMN])
@pytest.mark.parametrize("minute", [90, 3 * 60, 14 * 60])
def test_the_days_ahead_are_days_of_the_calendar_in_both_nights(site: Site, night: date, minute: int) -> None:
    """BRP-04: 28 days before 14:00 opens at 14:00 on the wall, an hour more or less of real time away."""
    start = at_local(night, minute, STOCKHOLM)
    opens = at_local(date.fromordinal(night.toordinal() - 28), minute, STOCKHOLM)
    site.clock.set(opens - 1)
    refused = site.try_book(site.wish(start))
    assert isinstance(refused, Refusal)
    assert (refused.reason, refused.passes_at) == ("too_early", opens)
    site.clock.set(opens)
    site.book(start)


@pytest.mark.parametrize(
    ("channel", "seconds_late", "answer"),
    [
        (Channel.PUBLIC, 0, None),
        (Channel.PUBLIC, 1, "in_the_past"),
        (Channel.STAFF, 1, "in_the_past"),
        (Channel.KIOSK, 600, None),
        (Channel.KIOSK, 601, "in_the_past"),
    ],
)
def test_a_start_closes_for_each_channel_at_its_own_second(
    site: Site, channel: Channel, seconds_late: int, answer: str | None
) -> None:
    """BRP-04: at the kiosk until ten minutes after the start, elsewhere until it."""
    site.clock.set(TEN + seconds_late)
    assert reason(site.try_book(site.wish(TEN, channel=channel))) == answer


@pytest.mark.parametrize(("seconds", "unused", "allowed"), [(120, None, True), (121, None, False), (120, False, False)])
def test_the_grace_lasts_two_minutes_and_ends_with_the_first_use(
    site: Site, seconds: int, unused: bool | None, allowed: bool
) -> None:
    """BRP-21: a slip of the finger can be undone, a used key cannot."""
    booked = site.book(TEN)
    site.clock.advance(seconds)
    assert needs_unused_keys(site.side.desk, booked.id) == (seconds <= 120)
    assert reason(site.cancel(booked.id, unused=unused)) == (None if allowed else "too_late_to_cancel")


def test_staff_may_cancel_until_the_booking_has_ended(site: Site) -> None:
    """BRP-05: what is over cannot be undone by anybody."""
    running, over = site.book(TEN), site.book(TEN)
    site.clock.set(TEN + HOUR - 1)
    assert isinstance(site.cancel(running.id, by_staff=True), Cancelled)
    site.clock.set(TEN + HOUR)
    assert reason(site.cancel(over.id, by_staff=True)) == "not_cancellable"
    assert reason(site.move(over, TEN + 5 * HOUR, by_staff=True)) == "not_movable"


def test_a_move_takes_everything_along(site: Site) -> None:
    """BM-21: number and code stay, the old slot is free, the keys are new ones."""
    booked = site.book(LATER)
    old_pin, digest = site.pins(booked.id), site.rows("SELECT cancel_digest FROM booking")
    moved = site.move(booked, LATER + 3 * HOUR)
    assert isinstance(moved, Moved)
    assert (moved.booking.id, moved.booking.number) == (booked.id, booked.number)
    assert active_claims(site, booked.id) == [(LATER + 3 * HOUR, LATER + 4 * HOUR)]
    assert site.rows("SELECT cancel_digest FROM booking") == digest
    assert len(site.pins(booked.id)) == 1
    assert site.pins(booked.id) != old_pin
    assert sorted(site.rows("SELECT kind, state FROM key")) == [
        ("pin", "live"), ("pin", "moved"), ("qr", "live"), ("qr", "moved"),
    ]  # fmt: skip


def test_a_pin_given_up_by_a_move_never_comes_back(site: Site) -> None:
    """BM-21: not even by moving back and forth."""
    booked = site.book(LATER)
    seen = [site.pins(booked.id)[0]]
    for turn in range(12):
        moved = site.move(booked, LATER + (turn + 1) % 2 * HOUR)
        assert isinstance(moved, Moved)
        booked = moved.booking
        seen.append(site.pins(booked.id)[0])
    assert len(set(seen)) == len(seen)


def test_a_move_keeps_the_court_that_was_booked_while_it_is_free(site: Site) -> None:
    """BM-21: who chose a court stays on it, and is given another only where it is taken."""
    booked = site.book(TEN, resource="court-3")
    site.book(TEN + 3 * HOUR, BO, resource="court-3")
    later = site.move(booked, TEN + 6 * HOUR)
    assert isinstance(later, Moved)
    assert later.booking.resource_ids == (site.resource("court-3"),)
    crowded = site.move(later.booking, TEN + 3 * HOUR)
    assert isinstance(crowded, Moved)
    assert crowded.booking.resource_ids != (site.resource("court-3"),)


def test_a_move_into_a_taken_slot_leaves_the_old_one_held(site: Site) -> None:
    """BM-21: all or nothing."""
    booked, target = site.book(LATER), LATER + 5 * HOUR
    for court in COURTS:
        site.book(target, BO, resource=court)
    keys, claims = site.pins(booked.id), active_claims(site, booked.id)
    head = site.rows("SELECT max(seq) FROM journal")
    assert reason(site.move(booked, target)) == "slot_taken"
    assert reason(site.move(booked, target + 60)) == "off_grid"
    assert reason(site.move(booked, NOW - HOUR)) == "in_the_past"
    assert (site.pins(booked.id), active_claims(site, booked.id)) == (keys, claims)
    assert site.rows("SELECT max(seq) FROM journal") == head
    assert site.status(booked.id) is Status.CONFIRMED


def test_a_move_onto_part_of_itself_does_not_meet_itself(site: Site) -> None:
    """BM-21: fifteen minutes later, on a day when nothing else is free."""
    booked = site.book(LATER)
    for court in COURTS:
        site.try_book(site.wish(LATER, resource=court), BO)
        site.try_book(site.wish(LATER + 75 * MINUTE, resource=court), BO)
    assert isinstance(site.move(booked, LATER + 15 * MINUTE), Moved)


@pytest.mark.parametrize("night", [SPRING, AUTUMN])
def test_a_move_across_a_change_of_the_clock_keeps_its_length(site: Site, night: date) -> None:
    """BM-21: an hour is an hour on either side of the night, and inside it."""
    site.clock.set(at_local(night, 0, STOCKHOLM) - 3 * DAY)
    before = at_local(night, 0, STOCKHOLM) - 2 * HOUR
    booked = site.book(before)
    for target in (at_local(night, 60, STOCKHOLM) + 45 * MINUTE, at_local(night, 12 * 60, STOCKHOLM)):
        moved = site.move(booked, target)
        assert isinstance(moved, Moved), moved
        booked = moved.booking
        assert (booked.interval.start, booked.interval.seconds) == (target, HOUR)
        assert active_claims(site, booked.id) == [(target, target + HOUR)]


def test_both_passes_of_a_repeated_hour_can_be_booked(site: Site) -> None:
    """DY-06: 02:30 summer time and 02:30 winter time are two times."""
    site.clock.set(at_local(AUTUMN, 0, STOCKHOLM) - DAY)
    first = at_local(AUTUMN, 150, STOCKHOLM)
    second = at_local(AUTUMN, 150, STOCKHOLM, second_pass=True)
    assert second - first == HOUR
    for court in COURTS:
        site.book(first, resource=court)
        site.book(second, resource=court)


def test_a_skipped_local_time_moves_to_no_booking_of_its_own(site: Site) -> None:
    """DY-06: 02:30 does not exist in spring; the instant after the gap is 03:00 and is booked once."""
    site.clock.set(at_local(SPRING, 0, STOCKHOLM) - DAY)
    assert at_local(SPRING, 150, STOCKHOLM) == at_local(SPRING, 180, STOCKHOLM)
    for court in COURTS:
        site.book(at_local(SPRING, 150, STOCKHOLM), resource=court)
    assert reason(site.try_book(site.wish(at_local(SPRING, 180, STOCKHOLM)))) == "slot_taken"


def test_to_move_away_counts_as_to_cancel(site: Site) -> None:
    """BM-21: after the last second of the rule the customer stays; staff may still move."""
    booked = site.book(LATER)
    site.clock.set(LATER - 2 * HOUR + 1)
    assert reason(site.move(booked, LATER + 5 * HOUR)) == "too_late_to_cancel"
    assert isinstance(site.move(booked, LATER + 5 * HOUR, by_staff=True), Moved)


def test_an_extension_keeps_court_and_keys_and_needs_room_behind_it(site: Site) -> None:
    """AC-07: the same PIN opens until the new end; somebody who comes next is not pushed away."""
    booked, next_one = site.book(TEN, resource="court-1"), site.book(TEN, resource="court-2")
    site.book(TEN + HOUR, resource="court-2")
    pins, before = site.pins(booked.id), site.rows("SELECT valid_to FROM key WHERE booking_id = ?", booked.id)
    longer = extending.extend(site.side.desk, booked.id, 90, Channel.PUBLIC, "public")
    assert isinstance(longer, Booking)
    assert longer.resource_ids == booked.resource_ids
    assert site.pins(booked.id) == pins
    after = site.rows("SELECT valid_to, revision FROM key WHERE booking_id = ?", booked.id)
    assert after == [(int(str(valid_to)) + 1800, 1) for (valid_to,) in before]
    assert reason(extending.extend(site.side.desk, next_one.id, 90, Channel.PUBLIC, "public")) == "slot_taken"
