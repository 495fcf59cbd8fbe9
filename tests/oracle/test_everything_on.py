"""Everything on at once: whatever is booked, moved, waited for or changed, the file is what the model says (DY-06).

After each step the model reads the file anew. It is held against the search at sampled wishes, and each wish against
the answer of the action itself: offered is what the model allows is what is accepted.
"""

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from appliance.billing.tables import entitlement, entitlement_use, ledger_entry
from appliance.billing.terms import Method
from appliance.booking import order_store, store
from appliance.booking.actions import holding, ordering, paying, series, visiting, waiting
from appliance.booking.actions.confirming import Order, confirm
from appliance.booking.actions.desk import Wish, expire_stale_holds, resolved
from appliance.booking.actions.moving import Moved
from appliance.booking.actions.ordering import Ordered
from appliance.booking.actions.paying import Payment
from appliance.booking.actions.searching import current_catalogue, search
from appliance.booking.actions.series import Accepted, SeriesWish
from appliance.booking.actions.visiting import LegWish, VisitWish
from appliance.booking.actions.waiting import Waits
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, from_body
from appliance.booking.extras import ExtraWish
from appliance.booking.orders import from_body as order_from_body
from appliance.booking.recurrence import Cadence, Recurrence
from appliance.booking.rule_store import RULES
from appliance.booking.rules import BookingRule
from appliance.booking.waiting_tables import waiting as waiting_table
from appliance.customers.contacts import Contact
from appliance.foundation.instants import HOUR, MINUTE, Interval
from appliance.storage import journal, versioned
from tests import builders
from tests.builders import ANNA, BO, Site
from tests.oracle import hall
from tests.oracle.file_oracle import Asked, Facts
from tests.oracle.hall import HALF, LESSON, SAUNA, WHOLE, YOGA, Furnished, Hall
from tests.storage.sweep import overlaps
from tests.storage.test_folding import folded

SERVICES = st.sampled_from([HALF, HALF, WHOLE, LESSON, SAUNA, YOGA])
QUARTERS = st.integers(0, 15)
CHANNELS = st.sampled_from(Channel)
FIRST = st.integers(0, 10_000)
CONTACTS = st.sampled_from([ANNA, BO])
EXTRAS = st.sampled_from([0, 0, 1, 2])
SPAN_S = 4 * HOUR


class Crowd(RuleBasedStateMachine):
    """Anna, who holds a card, and Bo book, hold, move, wait, pay and cancel on a night in a hall."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()

    @initialize(drawn=hall.halls())
    def furnish(self, drawn: Hall) -> None:
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        now = hall.evening_before(drawn.night)
        self.site: Site = self.stack.enter_context(builders.site(Path(folder) / "data", now=now))
        self.things: Furnished = hall.furnish(self.site, drawn)
        self.start = hall.first_start(drawn.night)
        self.desk = self.site.side.desk
        with self.site.side.book.write(self.site.side.scope, "test") as tx:
            self.ids = {each.name: self.desk.consequences.enrol(tx, each) for each in (ANNA, BO)}

    # What is asked of the model.

    def facts(self) -> Facts:
        return Facts(self.site.settings.booking_file, self.site.clock.now())

    def agree(self, asked: Asked) -> list[int]:
        """The starts of the night for a wish, once the search and the model are found to say the same of it."""
        wish = self.wish(asked, self.start)
        visit, _ = resolved(current_catalogue(self.desk), wish)
        found = search(
            self.desk, visit.whole, Interval(self.start, self.start + SPAN_S), wish.channel,
            duration=visit.minutes, quantity=asked.quantity, resource_id=asked.resource, customer_id=asked.customer,
        )  # fmt: skip
        shown = zip(found.resources, found.seats_left, strict=True)
        seen = dict(zip(found.starts, [(frozenset(ids), seats) for ids, seats in shown], strict=True))
        expected = self.facts().free(asked, self.start, self.start + SPAN_S)
        assert seen == expected, (asked, seen, expected)
        return list(expected)

    def wish(self, asked: Asked, start: int) -> Wish:
        extras = tuple(ExtraWish(*each) for each in asked.extras)
        return Wish(asked.service, start, Channel(asked.channel), asked.minutes, asked.quantity, asked.resource,
                    extras=extras, customer_id=asked.customer)  # fmt: skip

    def pick(self, offered: list[int], number: int, quarter: int) -> int:
        """Mostly a start that is offered, else any."""
        return offered[number % len(offered)] if offered and number % 4 else self.start + quarter * 15 * MINUTE

    def bookings(self, *statuses: str) -> list[tuple[str, str]]:
        marks = ",".join("?" * len(statuses))
        sql = f"SELECT id, order_id FROM booking WHERE status IN ({marks}) ORDER BY id"
        return [(str(row[0]), str(row[1] or "")) for row in self.site.rows(sql, *statuses)]

    # What people do.

    @rule(
        service=SERVICES, channel=CHANNELS, who=CONTACTS, quantity=st.sampled_from([1, 1, 2]), named=st.booleans(),
        extra=EXTRAS, number=FIRST, quarter=QUARTERS,
    )  # fmt: skip
    def book(
        self, service: str, channel: Channel, who: Contact, quantity: int, named: bool, extra: int,
        number: int, quarter: int,
    ) -> None:  # fmt: skip
        resource = self.things.halves[number % 2] if named and service == HALF and quantity == 1 else None
        extras = ((self.things.extra, extra),) if extra and service in (HALF, LESSON) else ()
        quantity = quantity if service in (HALF, SAUNA, YOGA) else 1
        asked = Asked(service, str(channel), self.ids[who.name], quantity, resource, extras=extras)
        offered = self.agree(asked)
        start = self.pick(offered, number, quarter)
        made = confirm(
            self.desk, Order(replace(self.wish(asked, start), customer_id=None), None, who, channel=channel), "x"
        )
        assert isinstance(made, Booking) == (start in offered), (asked, start, made)

    @rule(service=SERVICES, number=FIRST, quarter=QUARTERS)
    def hold(self, service: str, number: int, quarter: int) -> None:
        asked = Asked(service)
        offered = self.agree(asked)
        start = self.pick(offered, number, quarter)
        held = holding.hold(self.desk, self.wish(asked, start), "x")
        assert isinstance(held, Booking) == (start in offered), (start, held)

    @precondition(lambda self: self.bookings("held"))
    @rule(number=FIRST, who=CONTACTS, let_go=st.booleans())
    def end_hold(self, number: int, who: Contact, let_go: bool) -> None:
        held = self.bookings("held")
        hold_id = held[number % len(held)][0]
        if let_go:
            holding.release_hold(self.desk, hold_id, "x")
            return
        facts = self.facts()
        row = facts.by_id[hold_id]
        service = facts.by_id[row["service_id"]]
        customer = row["customer_id"] or self.ids[who.name]
        asked = Asked(service["slug"], row["channel"], customer, without=hold_id)
        barred = facts.is_barred(service, facts.rule(service, asked), asked, row["starts"])
        made = confirm(self.desk, Order(None, hold_id, who), "x")
        gone = row["expires_at"] <= facts.now
        assert isinstance(made, Booking) == (not barred and not gone), (row, made)

    @precondition(lambda self: self.bookings("confirmed", "pending"))
    @rule(number=FIRST, by_staff=st.booleans())
    def cancel(self, number: int, by_staff: bool) -> None:
        found = self.bookings("confirmed", "pending")
        self.site.cancel(found[number % len(found)][0], by_staff=by_staff)

    @precondition(lambda self: self.bookings("confirmed"))
    @rule(number=FIRST, quarter=QUARTERS)
    def move(self, number: int, quarter: int) -> None:
        found = self.bookings("confirmed")
        booking_id = found[number % len(found)][0]
        with self.site.side.book.read(self.site.side.scope) as tx:
            old = store.by_id(tx, booking_id)
        assert old is not None
        extras = tuple((each.extra_id, each.quantity) for each in old.extras)
        asked = Asked(
            old.service_id, "public", old.customer_id, old.quantity, None, old.own_minutes, extras, booking_id
        )
        offered = list(self.facts().free(asked, self.start, self.start + SPAN_S))
        start = self.pick(offered, number, quarter)
        moved = self.site.move(old, start, by_staff=True)
        assert isinstance(moved, Moved) == (start in offered and self.site.clock.now() < old.interval.end), (
            start,
            moved,
        )

    @rule(who=CONTACTS, count=st.integers(2, 3), extra=EXTRAS, quarter=QUARTERS)
    def book_row(self, who: Contact, count: int, extra: int, quarter: int) -> None:
        self._visit(((HALF, count, extra),), who, self.start + quarter * 15 * MINUTE)

    @rule(who=CONTACTS, extra=EXTRAS, later=EXTRAS, quarter=QUARTERS)
    def book_chain(self, who: Contact, extra: int, later: int, quarter: int) -> None:
        self._visit(((HALF, 1, extra), (SAUNA, 1, later)), who, self.start + quarter * 15 * MINUTE)

    def _visit(self, legs: tuple[tuple[str, int, int], ...], who: Contact, start: int) -> None:
        wish = VisitWish(
            tuple(LegWish(service, count=count, extras=self._extras(extra)) for service, count, extra in legs),
            Channel.PUBLIC,
        )
        asked = tuple(
            (
                Asked(
                    service,
                    "public",
                    self.ids[who.name],
                    extras=tuple((each.extra_id, each.quantity) for each in self._extras(extra)),
                ),
                count,
            )
            for service, count, extra in legs
        )
        allowed = self.facts().visit(asked, start, gap=30)
        made = visiting.book_visit(self.desk, wish, start, (), who, "x")
        assert isinstance(made, Ordered) == allowed, (legs, start, made)

    def _extras(self, many: int) -> tuple[ExtraWish, ...]:
        return (ExtraWish(self.things.extra, many),) if many else ()

    @rule(who=CONTACTS, times=st.integers(2, 3), extra=EXTRAS, quarter=QUARTERS)
    def book_series(self, who: Contact, times: int, extra: int, quarter: int) -> None:
        start = self.start + quarter * 15 * MINUTE
        wish = Wish(HALF, start, Channel.PUBLIC, extras=self._extras(extra))
        made = series.book_series(
            self.desk, SeriesWish(wish, Recurrence(Cadence.DAILY, times=times)), Accepted(), who, "x"
        )
        if isinstance(made, Ordered):
            assert len(made.bookings) == times

    @precondition(lambda self: any(order for _, order in self.bookings("confirmed")))
    @rule(number=FIRST)
    def cancel_order(self, number: int) -> None:
        orders = sorted({order for _, order in self.bookings("confirmed")} - {""})
        ordering.cancel_order(self.desk, orders[number % len(orders)], {}, "x", by_staff=True)

    @rule(service=st.sampled_from([HALF, YOGA]), who=CONTACTS, quarter=QUARTERS, longer=st.integers(0, 8))
    def join(self, service: str, who: Contact, quarter: int, longer: int) -> None:
        first = self.start + quarter * 15 * MINUTE
        until = first + longer * 15 * MINUTE if longer else None
        asked = Asked(service, "public", self.ids[who.name])
        free = self.facts().free(asked, first, until or first + 1)
        joined = waiting.join(self.desk, self.wish(asked, first), until, who, "x")
        assert not (free and isinstance(joined, Waits)), (free, joined)

    @rule(number=FIRST, accept=st.booleans())
    def answer(self, number: int, accept: bool) -> None:
        open_ = self.site.rows("SELECT id FROM waiting WHERE state IN ('waiting', 'offered') ORDER BY id")
        if not open_:
            return
        entry = str(open_[number % len(open_)][0])
        if accept:
            waiting.accept(self.desk, entry, "x")
        else:
            waiting.leave(self.desk, entry, "x")

    @precondition(lambda self: self.bookings("pending"))
    @rule(number=FIRST)
    def pay(self, number: int) -> None:
        found = self.bookings("pending")
        paying.pay(self.desk, found[number % len(found)][0], Payment(Method.CASH), "x")

    @rule(changed=hall.rules())
    def change_rule(self, changed: BookingRule) -> None:
        """In force at once; what is booked already stays."""
        with self.site.side.book.write(self.site.side.scope, "test") as tx:
            old = versioned.found(tx, RULES, self.things.rule)
            assert old is not None
            kept = replace(changed, id=old.value.id, name=old.value.name, swaps=old.value.swaps)
            versioned.change(tx, RULES, old, kept, old.version)

    @rule(minutes=st.sampled_from([1, 5, 6, 45, 120]), job=st.booleans())
    def wait(self, minutes: int, job: bool) -> None:
        """Let time pass; while somebody waits, the job that ends holds has run."""
        self.site.clock.advance(minutes * MINUTE)
        if job or self.site.rows("SELECT 1 FROM waiting WHERE state IN ('waiting', 'offered')"):
            with self.site.side.book.write(self.site.side.scope, "job") as tx:
                expire_stale_holds(tx)

    # What must hold whatever they do.

    @invariant()
    def the_file_is_sound(self) -> None:
        wrongs = self.facts().wrongs()
        assert wrongs == [], wrongs
        assert overlaps(self.site.settings.booking_file) == []

    @invariant()
    def nobody_waits_beside_a_free_place(self) -> None:
        in_vain = self.facts().waits_in_vain()
        assert in_vain == [], in_vain

    @invariant()
    def every_journal_folds_to_the_rows(self) -> None:
        with self.site.side.book.read(self.site.side.scope) as tx:
            entries = list(journal.entries(tx.connection))
            for booking_id, body in folded(iter(entries), "booking").items():
                assert from_body(body) == store.by_id(tx, booking_id)
            for order_id, body in folded(iter(entries), "booking_order").items():
                assert order_from_body(body) == order_store.by_id(tx, order_id)
            for table in (entitlement, entitlement_use, ledger_entry, waiting_table):
                rows = [dict(row._mapping) for row in tx.connection.execute(table.select())]
                kept = {row["id"]: {name: row[name] for name in row if name != "facility_id"} for row in rows}
                assert folded(iter(entries), table.name) == kept, table.name

    def teardown(self) -> None:
        self.stack.close()


PLAIN = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@pytest.mark.feature("DY-06", "BRP-06", "BRP-08", "DY-19", "DY-36")
def test_with_everything_on_the_file_is_what_the_model_says() -> None:
    """DY-06, BRP-06, BRP-08, DY-19, DY-36: rules, limits, swaps, lists, series, chains, clips, both clock changes."""
    run_state_machine_as_test(Crowd, settings=settings(PLAIN, max_examples=10, stateful_step_count=14))


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_the_model_agrees_at_length() -> None:
    """DY-06: as above, for a long time."""
    run_state_machine_as_test(Crowd, settings=settings(PLAIN, max_examples=600, stateful_step_count=40))
