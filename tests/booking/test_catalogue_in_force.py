"""The catalogue in memory is never an old one: what is committed is in force at once, nothing else is (BRP-22)."""

from appliance.booking import set_up_store
from appliance.booking.rules import BookingRule
from appliance.foundation.instants import MINUTE
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused
from tests.builders import TEN, Site


def add_rule(site: Site, name: str) -> None:
    with site.side.book.write(site.side.scope, "staff") as tx:
        set_up_store.add_rule(tx, BookingRule(tx.ids.new(), name))


def rules(site: Site) -> int:
    with site.side.book.read(site.side.scope) as tx:
        return len(site.side.desk.catalogues.current(tx).rules)


def test_a_change_by_another_process_is_in_force_at_once(site: Site) -> None:
    """BRP-22."""
    other = site.reopened()
    assert rules(site) == rules(other) == 1
    add_rule(other, "second")
    assert rules(site) == 2
    site.book(TEN)
    add_rule(other, "third")
    assert rules(site) == 3
    other.close()


def test_a_refused_booking_that_let_go_of_a_hold_does_not_hide_the_next_change(site: Site) -> None:
    """BRP-22: entries that were rolled back give their numbers to others, which must still be looked at."""
    other = site.reopened()
    for court in ("court-1", "court-2", "court-3", "court-4"):
        site.book(TEN, resource=court)
    held = site.hold(TEN + 300 * MINUTE)
    site.clock.advance(6 * MINUTE)
    assert isinstance(site.try_book(site.wish(TEN)), Refusal)
    add_rule(other, "second")
    assert rules(site) == rules(other) == 2
    assert site.status(held.id) == "held"
    other.close()


def test_a_catalogue_seen_in_a_transaction_that_failed_is_forgotten(site: Site) -> None:
    """BRP-22: what was set up and taken back must not be offered."""
    try:
        with site.side.book.write(site.side.scope, "staff") as tx:
            set_up_store.add_rule(tx, BookingRule(tx.ids.new(), "never"))
            assert len(site.side.desk.catalogues.current(tx).rules) == 2
            raise Refused(Refusal("changed_my_mind"))
    except Refused:
        pass
    site.book(TEN)
    assert rules(site) == 1
