"""The ledgers of clips and money: never below zero, never written over, under raw SQL and under eight processes."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from appliance.billing import entitlement_store
from appliance.billing.entitlements import Product, ProductKind
from appliance.billing.ledger_store import LedgerLine, post
from appliance.billing.purchases import from_body
from appliance.billing.tables import entitlement, entitlement_use, ledger_entry, purchase
from appliance.billing.tariff_store import PRODUCTS
from appliance.billing.terms import Method
from appliance.booking.actions import paying, purchasing
from appliance.booking.actions.paying import Payment
from appliance.booking.actions.purchasing import Bought
from appliance.booking.booking_window import Channel
from appliance.foundation.instants import HOUR
from appliance.storage import journal, ledger_guard, versioned
from tests.builders import ANNA, BO, NOW, TEN, Site
from tests.storage import racing
from tests.storage.test_folding import folded

CLIPS = 5
CARD = Product("Klippkort", ProductKind.CLIPS, 24900, 6, clips=CLIPS)


def card_of_anna(site: Site) -> tuple[str, str]:
    """A card for padel, and its customer."""
    customer = str(site.rows("SELECT customer_id FROM booking WHERE id = ?", site.book(TEN).id)[0][0])
    with site.side.book.write(site.side.scope, "test") as tx:
        service = site.side.desk.catalogues.current(tx).service("padel")
        assert service is not None
        product = replace(CARD, covers={service.id: 100})
        sold = versioned.add(tx, PRODUCTS, product)
        return entitlement_store.grant(tx, customer, sold.id, product, NOW, "sold").id, customer


def clips_left(site: Site) -> int:
    return int(str(site.rows("SELECT sum(delta) FROM entitlement_use")[0][0]))


def purchased(site: Site) -> dict[str, str]:
    """Purchases of every fate, by their ids."""
    desk = site.side.desk
    with site.side.book.write(site.side.scope, "test") as tx:
        sold = versioned.add(tx, PRODUCTS, replace(CARD, sold_at=frozenset({"public"}))).id
    made = [purchasing.order(desk, sold, BO, Channel.PUBLIC, "public") for _ in range(5)]
    pending, granted, refunded, cancelled, expired = (each.purchase.id for each in made if isinstance(each, Bought))
    for each in (granted, refunded):
        purchasing.pay(desk, each, Method.CARD, "test")
    purchasing.refund(desk, refunded, "regret", "test")
    purchasing.cancel(desk, cancelled, "test")
    with site.side.book.write(site.side.scope, "job") as tx:
        purchasing.expire(tx, expired)
    fates = {granted: "granted", refunded: "refunded", cancelled: "cancelled", expired: "expired"}
    return {pending: "pending", **fates}


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO entitlement_use SELECT 'x', facility_id, id, -6, NULL, NULL, 0, '' FROM entitlement",
        "INSERT OR REPLACE INTO entitlement_use"
        " SELECT id, facility_id, entitlement_id, -1, NULL, NULL, 0, '' FROM entitlement_use",
        "UPDATE entitlement_use SET delta = 100",
        "DELETE FROM entitlement_use",
        "UPDATE entitlement SET kind = 'subscription'",
        "INSERT OR REPLACE INTO entitlement"
        " SELECT id, facility_id, customer_id, product_id, 'subscription', starts, ends, sold_until, NULL, NULL"
        " FROM entitlement",
        "UPDATE ledger_entry SET amount = 0",
        "DELETE FROM ledger_entry",
        "INSERT OR REPLACE INTO ledger_entry SELECT id, facility_id, posting_id, at, booking_id, customer_id, account,"
        " 0, vat_percent, text, purchase_id FROM ledger_entry",
    ],
)
def test_raw_sql_cannot_take_more_than_there_is_or_write_over_what_was(site: Site, sql: str) -> None:
    """DY-36, BRP-17: also with foreign keys off, and by a replacing insert."""
    card_of_anna(site)
    with site.side.book.write(site.side.scope, "test") as tx:
        post(tx, None, None, (LedgerLine("a", 1, ""), LedgerLine("b", -1, "")))
    with closing(sqlite3.connect(site.settings.booking_file)) as connection:
        with pytest.raises(sqlite3.IntegrityError, match=r"no_clips_left|append_only"):
            connection.execute(sql)
        connection.rollback()
    assert clips_left(site) == CLIPS


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.feature("DY-36")
def test_eight_processes_race_for_the_last_clips_and_none_is_taken_twice(site: Site) -> None:
    """DY-36: five clips, eight processes at different times; five bookings are paid by the card, never six."""
    card, _ = card_of_anna(site)
    won = sum(tally.confirmed for tally in racing.raced(racing.for_clips, site.settings.data, 8, 4))
    paid = site.rows("SELECT count(*) FROM price_line WHERE entitlement_id = ?", card)[0][0]
    assert (won, paid, clips_left(site)) == (CLIPS, CLIPS, 0)


@pytest.mark.slow
def test_naive_racers_are_stopped_by_the_database_alone(site: Site) -> None:
    """DY-36: who looks first and takes later is refused; without the trigger the same race goes below zero."""
    card_of_anna(site)
    racing.raced(racing.clips_by_hand, site.settings.data, 8, 3)
    assert clips_left(site) == 0
    with closing(sqlite3.connect(site.settings.booking_file)) as connection:
        for trigger in ledger_guard.TRIGGERS:
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE entitlement_use SET delta = 9 WHERE delta > 0")
        connection.commit()
    racing.raced(racing.clips_by_hand, site.settings.data, 8, 3)
    assert clips_left(site) < 0


def test_the_journal_folds_to_the_rows_of_billing(site: Site) -> None:
    """SH-06: products, who holds them, every use and every posting, after selling, booking, cancelling and paying."""
    card, _ = card_of_anna(site)
    booked, paid = site.book(TEN + HOUR), site.book(TEN + HOUR, BO)
    site.cancel(booked.id)
    paying.pay(site.side.desk, paid.id, Payment(Method.CASH), "test")
    bought = purchased(site)
    with site.side.book.write(site.side.scope, "test") as tx:
        entitlement_store.write(tx, card, 1, "earned")
        held = entitlement_store.by_id(tx, card)
        assert held is not None
        entitlement_store.prolong(tx, held, NOW + HOUR)
        sold = versioned.listed(tx, PRODUCTS)[0]
        versioned.change(tx, PRODUCTS, sold, replace(sold.value, name="Nytt namn"), 1)
    with site.side.book.read(site.side.scope) as tx:
        for table in (entitlement, entitlement_use, ledger_entry, purchase):
            rows = [dict(row._mapping) for row in tx.connection.execute(table.select())]
            kept = {row["id"]: {name: row[name] for name in row if name != "facility_id"} for row in rows}
            assert kept, table.name
            assert folded(journal.entries(tx.connection), table.name) == kept
        purchases = folded(journal.entries(tx.connection), "purchase")
        assert {each: from_body(body).status for each, body in purchases.items()} == bought
        products = {each.id: versioned.body(PRODUCTS, each) for each in versioned.listed(tx, PRODUCTS)}
        assert folded(journal.entries(tx.connection), "entitlement_product") == products


def test_the_racers_are_annas(site: Site) -> None:
    """The race is about one customer's card: whoever books as she does is her."""
    _, customer = card_of_anna(site)
    with site.side.book.write(site.side.scope, "test") as tx:
        assert site.side.desk.consequences.enrol(tx, ANNA) == customer
