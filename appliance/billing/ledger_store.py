"""The ledger of money: postings whose entries add up to zero, never written over.

What a customer owes is the sum of the entries on `customer`: above zero they owe, below they have paid ahead. Money
that came in stands on `paid:METHOD`, what is to be given back on `refund`, fees on the account of their product.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, func, or_, select

from appliance.billing.tables import ledger_entry
from appliance.foundation.errors import Bug
from appliance.storage.statements import Statement, adding
from appliance.storage.unit_of_work import Transaction

CUSTOMER: Final = "customer"
REFUND: Final = "refund"
PAID: Final = "paid:"
INVOICED: Final = "paid:invoice"

_ADD = adding(ledger_entry)
_OF_BOOKING = Statement(
    select(ledger_entry.c.account, func.sum(ledger_entry.c.amount).label("amount"))
    .where(ledger_entry.c.booking_id == bindparam("booking_id"), ledger_entry.c.facility_id == bindparam("facility_id"))
    .group_by(ledger_entry.c.account)
)
_INVOICED = Statement(
    select(func.sum(ledger_entry.c.amount).label("amount")).where(
        ledger_entry.c.customer_id == bindparam("customer_id"),
        ledger_entry.c.facility_id == bindparam("facility_id"),
        ledger_entry.c.account == bindparam("account"),
    )
)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry of a posting: minor units on an account, signed, with the VAT in percent that they contain."""

    account: str
    amount: int
    text: str
    vat_percent: int = 0


def post(
    tx: Transaction,
    booking_id: str | None,
    customer_id: str | None,
    lines: Sequence[LedgerLine],
    *,
    purchase_id: str | None = None,
) -> str:
    """Write a posting of a booking or a purchase; its id. A Bug when its entries do not add up to zero."""
    if sum(line.amount for line in lines) != 0:
        raise Bug(f"a posting adds up to zero, got {lines}")
    posting_id = tx.ids.new()
    for line in lines:
        row = {
            "id": tx.ids.new(),
            "posting_id": posting_id,
            "at": tx.now,
            "booking_id": booking_id,
            "customer_id": customer_id,
            "account": line.account,
            "amount": line.amount,
            "vat_percent": line.vat_percent,
            "text": line.text,
            "purchase_id": purchase_id,
        }
        tx.run(_ADD, **row)
        tx.record("ledger_entry", str(row["id"]), "posted", after=row)
    return posting_id


def balances(tx: Transaction, booking_id: str) -> dict[str, int]:
    """The balance of each account over the postings of one booking."""
    return {row.account: row.amount for row in tx.rows(_OF_BOOKING, booking_id=booking_id)}


def paid(tx: Transaction, booking_id: str) -> int:
    """What came in for a booking, or was invoiced, less what is to be given back."""
    found = balances(tx, booking_id)
    return sum(amount for account, amount in found.items() if account == REFUND or account.startswith(PAID))


def paid_each(tx: Transaction, booking_ids: Collection[str]) -> dict[str, int]:
    """The same for many bookings, by their ids, in one query; none for none."""
    if not booking_ids:
        return {}
    amount = func.sum(ledger_entry.c.amount)
    query = (
        select(ledger_entry.c.booking_id, amount)
        .where(
            ledger_entry.c.facility_id == tx.scope.facility_id,
            ledger_entry.c.booking_id.in_(booking_ids),
            or_(ledger_entry.c.account == REFUND, ledger_entry.c.account.startswith(PAID, autoescape=True)),
        )
        .group_by(ledger_entry.c.booking_id)
    )
    found = {booking_id: int(sum_) for booking_id, sum_ in tx.connection.execute(query)}
    return {each: found.get(each, 0) for each in booking_ids}


def invoiced(tx: Transaction, customer_id: str | None) -> int:
    """What was invoiced to a customer and not paid yet."""
    row = tx.row(_INVOICED, customer_id=customer_id, account=INVOICED)
    return int(row.amount or 0) if row is not None else 0
