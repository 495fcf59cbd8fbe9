"""The waiting list: who comes first is served first, in the transaction that makes a place free."""

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from sqlalchemy import update

from appliance.booking import answer_store, extra_store, store, waiting_store
from appliance.booking.actions import waiting
from appliance.booking.actions.changing_extras import change_extras
from appliance.booking.actions.desk import expire_stale_holds
from appliance.booking.actions.searching import current_catalogue, search
from appliance.booking.actions.waiting import Waits
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status
from appliance.booking.custom_fields import CustomField, FieldKind
from appliance.booking.extras import Extra, ExtraWish
from appliance.booking.lead_time import minutes
from appliance.booking.limits import Limit, Per
from appliance.booking.rule_store import RULES
from appliance.booking.tables import service as service_table
from appliance.booking.waiting_list import State, WaitingEntry, promotes_too_late
from appliance.customers.contacts import Contact
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.storage import versioned
from tests import builders
from tests.builders import ANNA, BO, NOW, TEN, Site

LESSON = NOW + 9 * HOUR


def guest(number: int) -> Contact:
    return Contact(f"Gäst {number}", f"guest{number}@example.se", None, f"guest{number}@example.se")


def keep_list(site: Site, mode: str, offer_minutes: int = 30) -> None:
    """Have every service keep a waiting list."""
    with site.side.book.write(site.side.scope, "test") as tx:
        for each in site.side.desk.catalogues.current(tx).services:
            kept = update(service_table).where(service_table.c.id == each.id)
            tx.connection.execute(kept.values(waiting_mode=mode, offer_minutes=offer_minutes))
            tx.record("service", each.id, "changed", after={"waiting_mode": mode})


def fill(site: Site, start: Instant = TEN) -> list[Booking]:
    """Take all four courts."""
    return [site.book(start, guest(90 + number), resource=f"court-{number + 1}") for number in range(4)]


def join(site: Site, contact: Contact, start: Instant = TEN, until: Instant | None = None, **parts: Any) -> object:
    return waiting.join(site.side.desk, site.wish(start, **parts), until, contact, "public")


def waits(site: Site, contact: Contact, start: Instant = TEN, until: Instant | None = None) -> str:
    joined = join(site, contact, start, until)
    assert isinstance(joined, Waits), joined
    return joined.entry.id


def state(site: Site, entry_id: str) -> tuple[State, int]:
    found = waiting.shown(site.side.desk, entry_id)
    assert found is not None
    return found.entry.state, found.position


def booking_of(site: Site, entry_id: str) -> Booking:
    found = waiting.shown(site.side.desk, entry_id)
    assert found is not None
    assert found.entry.booking_id is not None
    with site.side.book.read(site.side.scope) as tx:
        booked = store.by_id(tx, found.entry.booking_id)
    assert booked is not None
    return booked


def let(site: Site, **parts: Any) -> None:
    """Change parts of every rule."""
    with site.side.book.write(site.side.scope, "test") as tx:
        for each in versioned.listed(tx, RULES):
            versioned.change(tx, RULES, each, replace(each.value, **parts), each.version)


def test_the_third_in_line_sees_a_three(site: Site) -> None:
    """DY-18: one's own place, without names."""
    keep_list(site, "auto_book")
    fill(site)
    entries = [waits(site, guest(number)) for number in range(3)]
    assert [state(site, entry) for entry in entries] == [(State.WAITING, place) for place in (1, 2, 3)]
    waiting.leave(site.side.desk, entries[0], "public")
    assert state(site, entries[2]) == (State.WAITING, 2)


def test_a_cancel_books_the_first_in_the_same_transaction_with_keys(site: Site) -> None:
    """DY-19, DY-20: booked by the very cancel, at the same time; the second goes on waiting."""
    keep_list(site, "auto_book")
    taken = fill(site)
    first, second = waits(site, ANNA), waits(site, BO)
    site.cancel(taken[2].id)
    booked = booking_of(site, first)
    assert (booked.status, booked.interval, booked.resource_ids) == (
        Status.CONFIRMED,
        taken[2].interval,
        taken[2].resource_ids,
    )
    assert site.pins(booked.id) != []
    assert (state(site, first), state(site, second)) == ((State.BOOKED, 0), (State.WAITING, 1))
    assert site.rows("SELECT count(DISTINCT at) FROM journal WHERE verb IN ('cancelled', 'booked')") == [(1,)]


def test_time_that_an_extra_gave_back_goes_to_who_waits(site: Site) -> None:
    """DY-19, DY-67: a booking that ends sooner frees a start; who gets it has no extras."""
    keep_list(site, "auto_book")
    with site.side.book.write(site.side.scope, "test") as tx:
        warm_up = Extra("", "Uppvärmning", Money(5_000, "SEK"), minutes=15)
        extra_id = versioned.add(tx, extra_store.kind("SEK"), warm_up).id
    longer = site.book(TEN, guest(90), resource="court-1", extras=(ExtraWish(extra_id, 1),))
    for court in (2, 3, 4):
        site.book(TEN + HOUR, guest(90 + court), resource=f"court-{court}")
    first = waits(site, guest(1), TEN + HOUR)
    changed = change_extras(site.side.desk, longer.id, (), Channel.PUBLIC, "public")
    assert not isinstance(changed, Refusal), changed
    assert state(site, first) == (State.BOOKED, 0)
    booked = booking_of(site, first)
    assert (booked.resource_ids, booked.extras) == (longer.resource_ids, ())


@pytest.mark.parametrize("mode", ["auto_book", "offer"])
def test_who_is_promoted_is_asked_nothing(site: Site, mode: str) -> None:
    """DY-19, DY-61: a field that must be answered does not keep anybody from what they waited for."""
    keep_list(site, mode)
    taken = fill(site)
    with site.side.book.write(site.side.scope, "test") as tx:
        versioned.add(tx, answer_store.KIND, CustomField("", "plate", "Skylt", FieldKind.TEXT, required=True))
    first = waits(site, guest(1))
    site.cancel(taken[2].id, by_staff=True)
    if mode == "offer":
        assert isinstance(waiting.accept(site.side.desk, first, "public"), Booking)
    assert booking_of(site, first).status is Status.CONFIRMED


def test_what_is_offered_is_kept_for_one_and_goes_on_when_it_runs_out_or_is_declined(site: Site) -> None:
    """DY-19: first gets the hold; expiry moves to the second, declining moves at once to the third."""
    keep_list(site, "offer", offer_minutes=20)
    taken = fill(site)
    first, second, third = (waits(site, guest(number)) for number in range(3))
    site.cancel(taken[0].id)
    assert state(site, first) == (State.OFFERED, 0)
    assert isinstance(site.try_book(site.wish(TEN), guest(9)), Refusal)
    site.clock.advance(20 * MINUTE)
    with site.side.book.write(site.side.scope, "job") as tx:
        expire_stale_holds(tx)
    assert (state(site, first)[0], state(site, second)[0]) == (State.LAPSED, State.OFFERED)
    waiting.leave(site.side.desk, second, "public")
    assert (state(site, second)[0], state(site, third)[0]) == (State.LEFT, State.OFFERED)
    booked = waiting.accept(site.side.desk, third, "public")
    assert isinstance(booked, Booking)
    assert (booked.status, state(site, third)[0]) == (Status.CONFIRMED, State.BOOKED)
    assert isinstance(waiting.accept(site.side.desk, first, "public"), Refusal)


def test_who_books_in_the_moment_an_offer_runs_out_does_not_come_before_the_second(site: Site) -> None:
    """DY-20: the booking that lets go of a stale hold serves those who wait first."""
    keep_list(site, "offer", offer_minutes=20)
    taken = fill(site)
    waits(site, ANNA)
    second = waits(site, BO)
    site.cancel(taken[0].id)
    site.clock.advance(20 * MINUTE)
    assert isinstance(site.try_book(site.wish(TEN), guest(9)), Refusal)
    site.clock.advance(-1)
    assert state(site, second)[0] in (State.WAITING, State.OFFERED)


def test_more_places_are_needed_for_more_people(site: Site) -> None:
    """DY-20: an entry for three waits for three places; one behind it that fits is served."""
    keep_list(site, "auto_book")
    lesson = [site.book(LESSON, guest(n), service="padel-class", quantity=4) for n in range(3)]
    three = join(site, ANNA, LESSON, service="padel-class", quantity=3)
    one = join(site, BO, LESSON, service="padel-class", quantity=1)
    assert isinstance(three, Waits)
    assert isinstance(one, Waits)
    site.cancel(lesson[0].id)
    assert (state(site, three.entry.id)[0], state(site, one.entry.id)[0]) == (State.BOOKED, State.BOOKED)


def test_promotion_stops_where_nobody_could_get_there_in_time(site: Site) -> None:
    """BRP-20: not later than an hour before; a place that is freed then goes to whoever drops in."""
    keep_list(site, "auto_book")
    let(site, promote_until=minutes(60))
    taken = fill(site, TEN + 2 * HOUR)
    first, second = waits(site, ANNA, TEN + 2 * HOUR), waits(site, BO, TEN + 2 * HOUR)
    site.clock.set(TEN + HOUR)
    site.cancel(taken[0].id, by_staff=True)
    assert state(site, first)[0] is State.BOOKED
    site.clock.advance(1)
    site.cancel(taken[1].id, by_staff=True)
    assert state(site, second)[0] is State.WAITING
    site.book(TEN + 2 * HOUR, guest(9), channel=Channel.KIOSK)


def test_who_may_not_book_is_removed_and_the_next_one_served(site: Site) -> None:
    """BRP-20: the list is walked in order, the ineligible are removed with the reason."""
    keep_list(site, "auto_book")
    taken = fill(site)
    first, second = waits(site, ANNA), waits(site, BO)
    let(site, limits=(Limit(1, Per.DAY),))
    site.book(TEN + 5 * HOUR, ANNA)
    site.cancel(taken[0].id)
    assert (state(site, first)[0], state(site, second)[0]) == (State.REMOVED, State.BOOKED)
    assert site.rows("SELECT reason FROM waiting WHERE id = ?", first) == [("too_many_that_day",)]


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [("nothing", "no_waiting_list"), ("free", "not_full"), ("twice", "waits_already"), ("late", "in_the_past")],
)
def test_one_cannot_wait_for_what_can_be_booked_or_cannot_be_at_all(site: Site, prepare: str, reason: str) -> None:
    """DY-18."""
    if prepare != "nothing":
        keep_list(site, "auto_book")
    if prepare in ("twice", "late"):
        fill(site)
    if prepare == "twice":
        waits(site, ANNA)
    if prepare == "late":
        site.clock.set(TEN + 11 * MINUTE)
    refused = join(site, ANNA)
    assert isinstance(refused, Refusal)
    assert refused.reason == reason


def test_a_range_is_served_by_the_first_start_that_becomes_free(site: Site) -> None:
    """DY-18: any time that morning."""
    keep_list(site, "auto_book")
    hours = [fill(site, TEN + hour * HOUR) for hour in range(3)]
    entry = waits(site, ANNA, TEN, TEN + 2 * HOUR)
    site.cancel(hours[1][3].id)
    assert booking_of(site, entry).interval.start == TEN + HOUR


def test_a_rule_that_promotes_when_cancelling_costs_already_is_warned_of(site: Site) -> None:
    """BRP-20: promoted customers could not cancel free."""
    (rule,) = current_catalogue(site.side.desk).rules.values()
    assert promotes_too_late(rule, NOW, builders.STOCKHOLM)
    assert not promotes_too_late(replace(rule, promote_until=minutes(2 * 60)), NOW, builders.STOCKHOLM)


def test_the_check_below_can_fail(site: Site) -> None:
    """DY-20: without what follows a transaction somebody waits beside a free place, and the invariant says so."""
    keep_list(site, "auto_book")
    taken = fill(site)
    waits(site, ANNA)
    site.side.book.settling = None
    assert beside_a_place(site) == []
    site.cancel(taken[0].id)
    assert len(beside_a_place(site)) == 1


def beside_a_place(site: Site) -> list[WaitingEntry]:
    """Everybody who waits although a place would go to them, by asking the search; nothing does where all are told."""
    desk = site.side.desk
    with site.side.book.read(site.side.scope) as tx:
        entries = waiting_store.who_waits(tx)
    services = {each.id: each for each in current_catalogue(desk).services}
    return [
        entry
        for entry in entries
        if services[entry.service_id].waiting.promotes
        and search(
            desk,
            services[entry.service_id],
            entry.starts,
            Channel.KIOSK,
            duration=entry.duration,
            quantity=entry.quantity,
        ).starts
    ]


class Crowd(RuleBasedStateMachine):
    """DY-20: book, wait, cancel, leave, let time pass, in any order."""

    bookings = Bundle("bookings")
    entries = Bundle("entries")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.site = self.stack.enter_context(builders.site(Path(folder) / "data"))
        self.number = 0

    @rule(mode=st.sampled_from(["auto_book", "offer", "notify_all"]))
    def choose(self, mode: str) -> None:
        keep_list(self.site, mode, offer_minutes=10)

    @rule(target=bookings, quantity=st.integers(1, 4), day=st.integers(0, 1))
    def book(self, quantity: int, day: int) -> str:
        self.number += 1
        wish = self.site.wish(LESSON + day * DAY, service="padel-class", quantity=quantity)
        booked = self.site.try_book(wish, guest(self.number))
        return booked.id if isinstance(booked, Booking) else ""

    @rule(target=entries, quantity=st.integers(1, 4), days=st.integers(0, 2))
    def wait(self, quantity: int, days: int) -> str:
        self.number += 1
        until = None if days == 0 else LESSON + days * DAY
        wish = self.site.wish(LESSON, service="padel-class", quantity=quantity)
        joined = waiting.join(self.site.side.desk, wish, until, guest(self.number), "public")
        return joined.entry.id if isinstance(joined, Waits) else ""

    @rule(booking_id=bookings)
    def cancel(self, booking_id: str) -> None:
        self.site.cancel(booking_id, by_staff=True)

    @rule(entry_id=entries)
    def leave(self, entry_id: str) -> None:
        waiting.leave(self.site.side.desk, entry_id, "public")

    @rule(entry_id=entries)
    def accept(self, entry_id: str) -> None:
        waiting.accept(self.site.side.desk, entry_id, "public")

    @rule(passing=st.sampled_from([1, 9, 11]))
    def let_pass(self, passing: int) -> None:
        self.site.clock.advance(passing * MINUTE)
        with self.site.side.book.write(self.site.side.scope, "job") as tx:
            expire_stale_holds(tx)

    @invariant()
    def nobody_waits_while_there_is_a_place(self) -> None:
        assert beside_a_place(self.site) == []

    def teardown(self) -> None:
        self.stack.close()


TestCrowd = Crowd.TestCase
TestCrowd.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
