"""Checking out: the keys end after a grace, the rest of the time is free again, and what was sold stays (AC-07)."""

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.booking import idempotency_store, set_up_store
from appliance.booking.actions import extending
from appliance.booking.actions.checking_out import LEAVING_S, CheckedOut
from appliance.booking.actions.searching import current_catalogue, search
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Claimed, Status
from appliance.booking.catalogue_store import load_catalogue
from appliance.foundation.instants import DAY, HOUR, MINUTE, Interval, at_local
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.keys import store as key_store
from tests import builders
from tests.builders import NOW, STOCKHOLM, TEN, Site

ORDINARY, SPRING, AUTUMN = date(2026, 11, 30), date(2027, 3, 28), date(2027, 10, 31)
MARGIN_S = 15 * MINUTE
QUARTER = 15 * MINUTE


def reason(answer: object) -> str | None:
    return answer.reason if isinstance(answer, Refusal) else None


def active_claims(site: Site, booking_id: str) -> list[tuple[object, ...]]:
    return site.rows("SELECT starts, ends FROM claim WHERE booking_id = ? AND active = 1", booking_id)


def key_ends(site: Site, booking_id: str) -> set[int]:
    with site.side.book.read(site.side.scope) as tx:
        return {opened.end for key in key_store.of_booking(tx, booking_id) for opened in key.doors.values()}


def offered_on(site: Site, court: str, within: Interval) -> list[int]:
    padel = current_catalogue(site.side.desk).service("padel")
    assert padel is not None
    place = site.resource(court)
    return search(site.side.desk, padel, within, Channel.KIOSK, duration=60, resource_id=place).starts


def add_service(site: Site, slug: str, *, buffer: int = 0, second_court_from: int | None = None) -> None:
    """An hour on a court with minutes of cleaning behind it, or with another court from some minute on."""
    with site.side.book.write(site.side.scope, "staff") as tx:
        padel = load_catalogue(tx).service("padel")
        assert padel is not None
        (court,) = padel.needs
        needs = (court,) if second_court_from is None else (court, replace(court, offset_minutes=second_court_from))
        made = replace(
            padel, id=tx.ids.new(), slug=slug, durations=(60,), prices=(Money(1, "SEK"),), needs=needs,
            after_minutes=buffer,
        )  # fmt: skip
        set_up_store.add_service(tx, made, vat_percent=6, position=9)


def test_who_has_left_frees_the_rest_and_keeps_what_was_sold(site: Site) -> None:
    """AC-07: twenty minutes in; ten more to get out, then the court is anybody's."""
    booked = site.book(TEN, resource="court-1")
    pins = site.pins(booked.id)
    site.clock.set(TEN + 20 * MINUTE)
    left = site.check_out(booked.id)
    assert left.booking.status is site.status(booked.id) is Status.COMPLETED
    assert (left.booking.interval, left.booking.price) == (booked.interval, booked.price)
    assert active_claims(site, booked.id) == [(TEN, TEN + 30 * MINUTE)]
    assert key_ends(site, booked.id) == {TEN + 30 * MINUTE}
    assert (site.pins(booked.id), site.rows("SELECT DISTINCT revision, state FROM key")) == (pins, [(1, "live")])
    assert left.key_seq == site.rows("SELECT max(seq) FROM journal WHERE entity = 'key'")[0][0]
    assert site.rows("SELECT verb, actor FROM journal WHERE entity = 'booking' AND entity_id = ?", booked.id)[1:] == [
        ("checked_out", "public")
    ]
    site.book(TEN + 30 * MINUTE, resource="court-1")


@pytest.mark.parametrize("night", [ORDINARY, SPRING, AUTUMN])
@pytest.mark.parametrize(
    ("second", "answer"), [(-1, "not_begun"), (0, None), (HOUR - 1, None), (HOUR, "already_ended")]
)
def test_one_checks_out_from_the_first_second_to_the_last(
    site: Site, night: date, second: int, answer: str | None
) -> None:
    """AC-07: before that one cancels, and hears from when one need not; after it there is nothing to give back."""
    start = max(at_local(night, 105, STOCKHOLM), TEN)
    site.clock.set(max(start - 2 * DAY, NOW))
    booked = site.book(start)
    site.clock.set(start + second)
    left = site.try_check_out(booked.id)
    assert reason(left) == answer
    if isinstance(left, Refusal):
        assert left.passes_at == (start if second < 0 else None)
        assert active_claims(site, booked.id) == [(start, start + HOUR)]
        assert key_ends(site, booked.id) == {start + HOUR + MARGIN_S}


@pytest.mark.feature("AC-07")
@pytest.mark.parametrize("night", [ORDINARY, SPRING, AUTUMN])
@pytest.mark.parametrize("minutes_in", [0, 1, 20, 64, 89])
def test_the_grace_is_ten_real_minutes_in_both_nights(site: Site, night: date, minutes_in: int) -> None:
    """AC-07: whatever the wall clock does in between; and a key never opens for longer than it would have."""
    start = at_local(night, 75, STOCKHOLM) if night != ORDINARY else TEN
    site.clock.set(max(start - 2 * DAY, NOW))
    booked = site.book(start, duration=90)
    site.clock.set(start + minutes_in * MINUTE)
    site.check_out(booked.id)
    gone = start + minutes_in * MINUTE + 600
    assert key_ends(site, booked.id) == {gone}
    assert active_claims(site, booked.id) == [(start, min(gone, start + 90 * MINUTE))]


def test_each_door_shuts_at_its_own_end_or_at_that_of_the_grace(site: Site) -> None:
    """AC-07: a door that would have shut sooner still does."""
    with site.side.book.write(site.side.scope, "staff") as tx:
        key_store.set_margin(tx, before_s=0, after_s=0, door_id=site.world.door_ids["court-1"])
    booked = site.book(TEN, resource="court-1")
    site.clock.set(TEN + 55 * MINUTE)
    site.check_out(booked.id)
    with site.side.book.read(site.side.scope) as tx:
        for key in key_store.of_booking(tx, booked.id):
            assert key.doors == {
                site.world.door_ids["entrance"]: Interval(TEN - MARGIN_S, TEN + 65 * MINUTE),
                site.world.door_ids["court-1"]: Interval(TEN, TEN + HOUR),
            }


def test_keys_that_end_within_the_grace_stay_as_they_are(site: Site) -> None:
    """AC-07: there is nothing to tell the doors then."""
    with site.side.book.write(site.side.scope, "staff") as tx:
        key_store.set_margin(tx, before_s=0, after_s=0)
    booked = site.book(TEN)
    site.clock.set(TEN + HOUR - LEAVING_S)
    assert site.check_out(booked.id).key_seq is None
    assert site.rows("SELECT DISTINCT valid_to, revision FROM key") == [(TEN + HOUR, 0)]


def test_a_dead_key_is_not_opened_again(site: Site) -> None:
    """AC-07: keys that a move has killed stay dead, in the window they had."""
    first = site.book(TEN)
    site.clock.set(TEN - 3 * HOUR)
    moved = site.move(first, TEN + HOUR)
    assert not isinstance(moved, Refusal)
    dead = site.rows("SELECT id, doors, state, revision FROM key WHERE state = 'moved'")
    site.clock.set(TEN + HOUR)
    site.check_out(first.id)
    assert site.rows("SELECT id, doors, state, revision FROM key WHERE state = 'moved'") == dead
    assert len(dead) == 2


def test_what_is_over_is_over_once(site: Site) -> None:
    """AC-07: neither checked out again, nor cancelled, moved or made longer; a hold was never begun."""
    booked, other, held = site.book(TEN), site.book(TEN), site.hold(TEN)
    site.cancel(other.id, by_staff=True)
    site.clock.set(TEN)
    left = site.check_out(booked.id)
    assert reason(site.try_check_out(booked.id)) == "already_ended"
    assert reason(site.try_check_out(other.id)) == "already_ended"
    assert reason(site.try_check_out(held.id)) == "already_ended"
    assert reason(site.try_check_out("no such booking")) == "unknown_booking"
    assert reason(site.cancel(booked.id, by_staff=True)) == "not_cancellable"
    assert reason(site.move(left.booking, TEN + 5 * HOUR, by_staff=True)) == "not_movable"
    assert reason(extending.extend(site.side.desk, booked.id, 90, Channel.STAFF, "staff")) == "not_extendable"


def test_the_same_request_twice_ends_the_keys_once(site: Site) -> None:
    """AC-07: a lost answer, asked for again a minute later, does not add a minute."""
    booked = site.book(TEN)
    asked = idempotency_store.request("public", "k-1", {}, "here")
    site.clock.set(TEN + MINUTE)
    first = site.try_check_out(booked.id, asked)
    site.clock.advance(MINUTE)
    second = site.try_check_out(booked.id, asked)
    assert isinstance(first, CheckedOut)
    assert isinstance(second, CheckedOut)
    assert second.booking == first.booking
    assert key_ends(site, booked.id) == {TEN + 11 * MINUTE}


def test_an_extended_booking_may_be_left_early_too(site: Site) -> None:
    """AC-07: the keys that open longer by the extension are cut all the same."""
    booked = site.book(TEN)
    longer = extending.extend(site.side.desk, booked.id, 90, Channel.PUBLIC, "public")
    assert isinstance(longer, Booking)
    site.clock.set(TEN + 70 * MINUTE)
    site.check_out(booked.id)
    assert key_ends(site, booked.id) == {TEN + 80 * MINUTE}
    assert active_claims(site, booked.id) == [(TEN, TEN + 80 * MINUTE)]


def test_cleaning_comes_after_the_guests_and_in_full(site: Site) -> None:
    """AC-07: a quarter of an hour behind the visit stays one behind the shorter visit, and is nobody's."""
    add_service(site, "tennis", buffer=15)
    booked = site.book(TEN, service="tennis", resource="court-1")
    site.clock.set(TEN + 20 * MINUTE)
    site.check_out(booked.id)
    assert active_claims(site, booked.id) == [(TEN, TEN + 45 * MINUTE)]
    assert offered_on(site, "court-1", Interval(TEN, TEN + HOUR)) == [TEN + 45 * MINUTE]


def test_cleaning_never_takes_longer_than_it_was_planned_to(site: Site) -> None:
    """AC-07: who leaves in the last minutes frees nothing and takes nothing more."""
    add_service(site, "tennis", buffer=15)
    booked = site.book(TEN, service="tennis")
    site.clock.set(TEN + 55 * MINUTE)
    site.check_out(booked.id)
    assert active_claims(site, booked.id) == [(TEN, TEN + 75 * MINUTE)]


@pytest.mark.parametrize(("minute", "ends"), [(10, [20]), (25, [35, 35]), (55, [60, 60])])
def test_what_would_have_been_needed_only_later_is_given_back(site: Site, minute: int, ends: list[int]) -> None:
    """AC-07: of a service with a second court from its half-time on."""
    add_service(site, "coached", second_court_from=30)
    booked = site.book(TEN, service="coached")
    site.clock.set(TEN + minute * MINUTE)
    left = site.check_out(booked.id)
    assert [ended for _, ended in active_claims(site, booked.id)] == [TEN + end * MINUTE for end in ends]
    assert len(left.booking.resource_ids) == len(ends)


def test_who_leaves_before_anything_was_needed_is_still_told_where(site: Site) -> None:
    """AC-07: a booking never stands there without its place."""
    booked = site.book(TEN)
    later = Claimed(booked.resource_ids[0], Interval(TEN + 30 * MINUTE, TEN + HOUR), 1)
    assert replace(booked, claims=(later,)).left(TEN + 10 * MINUTE).claims == (later,)


def test_a_place_in_a_class_stays_a_place_of_its_beginning(site: Site) -> None:
    """AC-07: a class is begun together, so that nobody comes in for who has left."""
    lesson = NOW + 9 * HOUR
    booked = site.book(lesson, service="padel-class", quantity=4)
    for _ in range(2):
        site.book(lesson, service="padel-class", quantity=4)
    site.clock.set(lesson)
    site.check_out(booked.id)
    again = site.wish(lesson, service="padel-class", channel=Channel.KIOSK)
    assert reason(site.try_book(again)) == "slot_taken"
    assert key_ends(site, booked.id) == {lesson + 600}


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(second=st.integers(0, HOUR - 1), buffer=st.sampled_from([0, 10, 15]))
def test_what_is_offered_after_a_check_out_can_be_booked_and_nothing_else(second: int, buffer: int) -> None:
    """AC-07: at any second, the search and the guard agree, and on what this test works out by itself."""
    with tempfile.TemporaryDirectory() as folder, builders.site(Path(folder) / "data") as site:
        add_service(site, "tennis", buffer=buffer)
        booked = site.book(TEN, service="tennis", resource="court-1")
        now = TEN + second
        site.clock.set(now)
        site.check_out(booked.id)
        free_from = min(now + 600, TEN + HOUR) + buffer * MINUTE
        starts = range(TEN, TEN + 3 * HOUR, QUARTER)
        assert offered_on(site, "court-1", Interval(TEN, TEN + 3 * HOUR)) == [at for at in starts if at >= free_from]
        for start in starts:
            answer = site.try_book(site.wish(start, resource="court-1", channel=Channel.KIOSK))
            assert isinstance(answer, Booking) is (start >= free_from), (start, answer)
            if isinstance(answer, Booking):
                site.cancel(answer.id, by_staff=True)


MINUTES = st.integers(0, 240)


@given(visit=st.integers(1, 120), stretches=st.lists(st.tuples(MINUTES, MINUTES), min_size=1), gone=st.integers(1, 200))
def test_no_claim_grows_and_none_ends_before_the_guests_are_gone(
    visit: int, stretches: list[tuple[int, int]], gone: int
) -> None:
    """AC-07: whatever a booking claims, of whatever it has begun to use."""
    claims = tuple(Claimed(str(n), Interval(min(s), max(s) + 1), 1) for n, s in enumerate(stretches))
    booked = replace(_BOOKING, interval=Interval(0, visit), claims=claims)
    kept = {claimed.resource_id: claimed.interval for claimed in booked.left(gone).claims}
    assert kept
    for claimed in claims:
        was, now = claimed.interval, kept.get(claimed.resource_id)
        if now is None:
            assert was.start >= gone
        elif was.start < gone:
            buffer = max(0, was.end - visit)
            assert now == Interval(was.start, min(was.end, gone + buffer))
            assert now.end >= min(was.end, gone)


_BOOKING = Booking(
    id="b", number="N", service_id="s", session_id=None, customer_id="c", status=Status.ARRIVED, channel=Channel.PUBLIC,
    interval=Interval(0, 1), quantity=1, price=Money(1, "SEK"), vat_percent=6, revision=0, created_at=0,
    committed_at=0, expires_at=None, claims=(),
)  # fmt: skip
