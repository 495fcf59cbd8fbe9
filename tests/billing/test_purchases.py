"""The money of purchases: whatever is sold, paid and refunded, each posting adds up, and nobody owes too much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.billing.entitlements import Product, ProductKind
from appliance.billing.ledger_store import LedgerLine
from appliance.billing.purchase_postings import payment, reversal, sale
from appliance.billing.purchases import (
    Purchase,
    PurchaseStatus,
    as_ordered,
    body,
    from_body,
    refusal_to_cancel,
    refusal_to_pay,
)
from appliance.billing.terms import Method

PENDING = Purchase(
    "p", "K7QF", "anna", "card", "public", "Tiokort", 106_000, 6, "3010", 10, 365, PurchaseStatus.PENDING, 1000, 2000
)


def sums(*postings: tuple[LedgerLine, ...]) -> dict[str, int]:
    """The balance of each account, those at zero left out."""
    found: dict[str, int] = {}
    for line in (line for lines in postings for line in lines):
        found[line.account] = found.get(line.account, 0) + line.amount
    return {account: amount for account, amount in found.items() if amount}


purchases = st.builds(
    lambda amount, vat, method: Purchase(
        "p", "K7QF", "anna", "card", "public", "Tiokort", amount, vat, "3010", 10, 365, PurchaseStatus.PENDING, 0, 1
    ).fulfilled("e", method),
    st.integers(0, 10**9),
    st.integers(0, 100),
    st.sampled_from(Method),
)


@given(purchases, st.booleans())
def test_every_posting_balances_and_nobody_owes_anything_afterwards(bought: Purchase, refunded: bool) -> None:
    """DY-23: income with its VAT against what came in; a refund leaves no income, and what came in to be given back."""
    postings = [sale(bought), payment(bought), *([reversal(bought)] if refunded else [])]
    assert all(sum(line.amount for line in lines) == 0 for lines in postings)
    assert {line.vat_percent for lines in postings for line in lines if line.account == "3010"} <= {bought.vat_percent}
    came_in, amount = f"paid:{bought.method}", bought.amount
    if not refunded:
        assert sums(*postings) == ({came_in: amount, "3010": -amount} if amount else {})
    elif bought.method is Method.INVOICE:
        assert sums(*postings) == {}
    else:
        assert sums(*postings) == ({came_in: amount, "refund": -amount} if amount else {})


@pytest.mark.parametrize(
    ("status", "to_pay", "to_cancel"),
    [
        ("pending", None, None),
        ("expired", None, "purchase_closed"),
        ("granted", "purchase_paid", "purchase_paid"),
        ("cancelled", "purchase_closed", "purchase_closed"),
        ("refunded", "purchase_closed", "purchase_closed"),
    ],
)
def test_what_may_follow_each_status(status: str, to_pay: str | None, to_cancel: str | None) -> None:
    """DY-23: late money is taken, but nothing twice and nothing after it was given up."""
    stands = from_body({**body(PENDING), "status": status})
    told = [answer and answer.reason for answer in (refusal_to_pay(stands), refusal_to_cancel(stands))]
    assert told == [to_pay, to_cancel]


def test_a_product_that_became_of_another_kind_is_granted_as_it_is_now() -> None:
    """DY-23: a card that is a subscription by now has no clips to give."""
    card = Product("Femkort", ProductKind.CLIPS, 1, 25, clips=5)
    assert (as_ordered(card, PENDING).clips, as_ordered(card, PENDING).valid_days) == (10, 365)
    monthly = Product("Månad", ProductKind.SUBSCRIPTION, 1, 25, valid_days=30)
    assert as_ordered(monthly, PENDING) == monthly


def test_the_body_of_a_purchase_is_read_back() -> None:
    """SH-06: what the journal keeps is all there is."""
    for each in (PENDING, PENDING.fulfilled("e", Method.CASH), PENDING.ended(PurchaseStatus.REFUNDED, "fel")):
        assert from_body(body(each)) == each
