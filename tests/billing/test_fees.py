"""Cancellation fees: a percent of what was charged, and a ledger that balances whatever was paid."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.billing import ledger_store
from appliance.billing.fees import FeeProduct, Settlement, fee_for, fee_line
from appliance.billing.ledger_store import LedgerLine
from appliance.billing.terms import Method
from appliance.booking.actions import charging, paying
from appliance.foundation.errors import Bug, NeedsAttention
from tests.builders import TEN, Site

AMOUNTS = st.integers(0, 10**9)
PRODUCT = FeeProduct("Sen avbokning", "3990", 25)


@given(AMOUNTS, AMOUNTS, st.integers(0, 100), st.booleans())
def test_a_fee_is_half_up_and_never_more_than_paid_unless_it_may_be_invoiced(
    charged: int, paid: int, percent: int, invoice: bool
) -> None:
    """BRP-16, BRP-17: fee = paid - refund + due, each zero or more."""
    found = fee_for(charged, paid, percent, may_be_invoiced=invoice)
    exact = floor(Fraction(charged * percent, 100) + Fraction(1, 2))
    assert found.fee == (exact if invoice else min(exact, paid))
    assert found.fee == paid - found.refund + found.due
    assert min(found.fee, found.refund, found.due) >= 0
    assert 0 in (found.refund, found.due)


@pytest.mark.parametrize(
    ("charged", "percent", "fee"), [(9999, 33, 3300), (9999, 100, 9999), (9999, 0, 0), (0, 100, 0)]
)
def test_the_fees_of_the_table(charged: int, percent: int, fee: int) -> None:
    """BRP-16: 33 % of 99.99; 100 %; 0 %; a free booking gives 0."""
    assert fee_for(charged, charged, percent, may_be_invoiced=False) == Settlement(fee, charged - fee, 0)


def test_the_line_carries_name_account_and_vat_of_the_fee_product() -> None:
    """BRP-12, BRP-13: not those of the service."""
    line = fee_line(PRODUCT, 3300)
    assert (line.name, line.account, line.vat_percent, line.amount) == ("Sen avbokning", "3990", 25, 3300)


@pytest.mark.parametrize("percent", [0, 50])
@pytest.mark.parametrize("prepaid", [False, True])
def test_the_ledger_balances_prepaid_or_not_with_a_fee_or_without(site: Site, prepaid: bool, percent: int) -> None:
    """BRP-17: a refund is what was paid less the fee; what was not paid is a fee to be invoiced."""
    booked = site.book(TEN)
    price = booked.price.amount
    with site.side.book.write(site.side.scope, "test") as tx:
        if prepaid:
            paying.collect(tx, booked, Method.CARD, price)
        paid = ledger_store.paid(tx, booked.id)
        settlement = fee_for(price, paid, percent, may_be_invoiced=True)
        charging.charge(tx, booked, settlement, PRODUCT)
        found = ledger_store.balances(tx, booked.id)
    fee = price * percent // 100
    assert sum(found.values()) == 0
    assert found.get("3990", 0) == -fee
    assert found.get("refund", 0) == (fee - price if prepaid else 0)
    assert found.get("customer", 0) == (0 if prepaid else fee)


def test_a_fee_without_a_product_or_a_posting_that_does_not_balance_is_a_fault(site: Site) -> None:
    """BRP-14: nothing is written."""
    booked = site.book(TEN)
    with pytest.raises(NeedsAttention), site.side.book.write(site.side.scope, "test") as tx:
        charging.charge(tx, booked, Settlement(1, 0, 1), None)
    with pytest.raises(Bug), site.side.book.write(site.side.scope, "test") as tx:
        ledger_store.post(tx, booked.id, None, (LedgerLine("customer", 1, ""),))
    assert site.rows("SELECT count(*) FROM ledger_entry") == [(0,)]
