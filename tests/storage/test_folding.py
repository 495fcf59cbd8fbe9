"""Folding the journal gives the rows: for bookings, their claims and their keys, after any course of events (SH-06)."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from appliance.booking import extra_store, store
from appliance.booking.actions import holding, no_shows
from appliance.booking.actions.changing_extras import change_extras
from appliance.booking.actions.desk import expire_stale_holds
from appliance.booking.actions.moving import Moved
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, from_body
from appliance.booking.extras import Extra, ExtraWish
from appliance.foundation.errors import Invalid
from appliance.foundation.instants import MINUTE
from appliance.foundation.money import Money
from appliance.keys import store as key_store
from appliance.storage import jobs, journal, versioned
from appliance.storage.chain import Entry, Head
from appliance.storage.signing import BookSigning
from tests import builders
from tests.builders import ANNA, BO, NOW, Site
from tests.storage.sweep import overlaps

STARTS = st.integers(4, 24).map(lambda quarters: NOW + 15 * MINUTE * quarters)
LESSON = NOW + 9 * 60 * MINUTE


def folded(entries: Iterator[Entry], entity: str) -> dict[str, dict[str, object]]:
    """The last word of the journal on each thing; a step that does not begin where the last one ended is an error."""
    state: dict[str, dict[str, object]] = {}
    for entry in entries:
        if entry.entity == entity:
            assert state.get(entry.entity_id, {}) == entry.body_before(), entry
            state[entry.entity_id] = entry.body_after()
    return state


class Desk(RuleBasedStateMachine):
    """SH-06: hold, book, take extras and other ones, take up, let go, cancel, move, check out, not show up, sign the
    journal, and let time pass."""

    holds = Bundle("holds")
    bookings = Bundle("bookings")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.site: Site = self.stack.enter_context(builders.site(Path(folder) / "data"))
        self.site.await_guests(15)
        with self.site.side.book.write(self.site.side.scope, "test") as tx:
            jobs.write_cursor(tx, no_shows.DOORS_READ, Head("doors", 1, b""))
            warm_up = Extra("", "Uppvärmning", Money(5_000, "SEK"), minutes=15, most=3)
            self.extra = versioned.add(tx, extra_store.kind("SEK"), warm_up).id

    @rule(target=holds, start=STARTS)
    def hold(self, start: int) -> str:
        held = self.site.try_hold(self.site.wish(start))
        return held.id if isinstance(held, Booking) else ""

    @rule(target=bookings, start=STARTS, minutes=st.sampled_from([60, 90]), anna=st.booleans())
    def book(self, start: int, minutes: int, anna: bool) -> str:
        booked = self.site.try_book(self.site.wish(start, duration=minutes), ANNA if anna else BO)
        return booked.id if isinstance(booked, Booking) else ""

    @rule(target=bookings, start=STARTS, many=st.integers(1, 3))
    def book_with_extras(self, start: int, many: int) -> str:
        booked = self.site.try_book(self.site.wish(start, extras=(ExtraWish(self.extra, many),)))
        return booked.id if isinstance(booked, Booking) else ""

    @rule(booking_id=bookings, many=st.integers(0, 3))
    def change_extras(self, booking_id: str, many: int) -> None:
        wishes = (ExtraWish(self.extra, many),) if many else ()
        desk = self.site.side.desk
        with suppress(Invalid):
            change_extras(desk, booking_id, wishes, Channel.STAFF, "staff", by_staff=True)

    @rule(target=bookings, places=st.integers(1, 4))
    def take_places(self, places: int) -> str:
        booked = self.site.try_book(self.site.wish(LESSON, service="padel-class", quantity=places))
        return booked.id if isinstance(booked, Booking) else ""

    @rule(target=bookings, hold_id=consumes(holds))
    def take_up(self, hold_id: str) -> str:
        booked = self.site.take_up(hold_id or "gone")
        return booked.id if isinstance(booked, Booking) else ""

    @rule(hold_id=consumes(holds))
    def let_go(self, hold_id: str) -> None:
        holding.release_hold(self.site.side.desk, hold_id, "public")

    @rule(booking_id=bookings, by_staff=st.booleans())
    def cancel(self, booking_id: str, by_staff: bool) -> None:
        self.site.cancel(booking_id, by_staff=by_staff)

    @rule(booking_id=bookings, start=STARTS)
    def move(self, booking_id: str, start: int) -> None:
        with self.site.side.book.read(self.site.side.scope) as tx:
            found = store.by_id(tx, booking_id)
        if found is not None:
            moved = self.site.move(found, start, by_staff=True)
            assert not isinstance(moved, Moved) or moved.booking.id == booking_id

    @rule(booking_id=bookings)
    def check_out(self, booking_id: str) -> None:
        self.site.try_check_out(booking_id)

    @rule(booking_id=bookings)
    def give_up_waiting(self, booking_id: str) -> None:
        site = self.site
        with site.side.book.write(site.side.scope, "job") as tx:
            records = no_shows.DoorRecords(Head("doors", 1, b""), 0, 0)
            no_shows.release(site.side.desk, tx, booking_id, records, tx.now + 10)

    @rule(minutes=st.sampled_from([1, 4, 5, 6, 60]))
    def wait(self, minutes: int) -> None:
        self.site.clock.advance(minutes * MINUTE)

    @rule()
    def expire(self) -> None:
        with self.site.side.book.write(self.site.side.scope, "job") as tx:
            expire_stale_holds(tx)

    @rule()
    def sign(self) -> None:
        key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        BookSigning(self.site.side.book, self.site.side.scope, self.site.clock, key).sign()

    @invariant()
    def the_journal_folds_to_the_rows(self) -> None:
        with self.site.side.book.read(self.site.side.scope) as tx:
            assert isinstance(journal.check(tx.connection), Head)
            for booking_id, body in folded(journal.entries(tx.connection), "booking").items():
                assert from_body(body) == store.by_id(tx, booking_id)
            keys = [key_store.from_body(each) for each in folded(journal.entries(tx.connection), "key").values()]
            assert keys == [kept for each in keys for kept in key_store.of_booking(tx, each.booking_id) if kept == each]
            bookings = [from_body(each) for each in folded(journal.entries(tx.connection), "booking").values()]
        counted = self.site.rows("SELECT (SELECT count(*) FROM booking), (SELECT count(*) FROM key)")
        assert counted == [(len(bookings), len(keys))]
        live = {key.booking_id for key in keys if key.state == "live"}
        assert live == {each.id for each in bookings if each.status in ("confirmed", "arrived", "completed")}

    @invariant()
    def claims_are_active_while_their_booking_occupies(self) -> None:
        wrong = self.site.rows(
            "SELECT c.id FROM claim c JOIN booking b ON b.id = c.booking_id"
            " WHERE c.active <> (b.status IN ('held', 'pending', 'confirmed', 'arrived', 'completed'))"
        )
        assert wrong == []
        assert overlaps(self.site.settings.booking_file) == []

    def teardown(self) -> None:
        self.stack.close()


TestFolding = Desk.TestCase
TestFolding.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
