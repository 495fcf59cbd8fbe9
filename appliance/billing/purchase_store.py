"""Purchases as rows and back; every change is compare-and-swap and has its entry in the journal."""

from typing import Final

from sqlalchemy import insert, select, update

from appliance.billing import ledger_store
from appliance.billing.ledger_store import LedgerLine
from appliance.billing.purchases import Purchase, PurchaseStatus, body, from_body
from appliance.billing.tables import entitlement_use, purchase
from appliance.foundation.errors import Bug
from appliance.storage.unit_of_work import Transaction

ENTITY: Final = "purchase"
PAGE: Final = 100
_ALL: Final = select(*(column for column in purchase.c if column.key != "facility_id"))


def add(tx: Transaction, new: Purchase) -> None:
    """Insert a purchase and put it on record."""
    tx.connection.execute(insert(purchase), {**body(new), "facility_id": tx.scope.facility_id})
    tx.record(ENTITY, new.id, "ordered", after=body(new))


def change(tx: Transaction, verb: str, old: Purchase, new: Purchase) -> Purchase:
    """Replace `old` by `new` and put it on record. A Bug when `old` is a stale copy."""
    query = update(purchase).where(
        purchase.c.facility_id == tx.scope.facility_id,
        purchase.c.id == old.id,
        purchase.c.revision == old.revision,
    )
    if tx.connection.execute(query.values(body(new))).rowcount != 1:
        raise Bug(f"purchase {old.id} was changed from a stale copy")
    tx.record(ENTITY, old.id, verb, before=body(old), after=body(new))
    return new


def by_id(tx: Transaction, purchase_id: str) -> Purchase | None:
    """The purchase of this facility with that id."""
    query = _ALL.where(purchase.c.facility_id == tx.scope.facility_id, purchase.c.id == purchase_id)
    row = tx.connection.execute(query).first()
    return None if row is None else from_body(row._asdict())


def number_taken(tx: Transaction, number: str) -> bool:
    """Whether a purchase of this facility has that number."""
    query = select(purchase.c.id).where(purchase.c.facility_id == tx.scope.facility_id, purchase.c.number == number)
    return tx.connection.execute(query).first() is not None


def page(tx: Transaction, status: PurchaseStatus | None = None, before: str | None = None) -> list[Purchase]:
    """The newest first, `PAGE` at a time, those older than the id `before`; all, or those that stand at `status`."""
    query = _ALL.where(purchase.c.facility_id == tx.scope.facility_id)
    query = query if status is None else query.where(purchase.c.status == str(status))
    query = query if before is None else query.where(purchase.c.id < before)
    newest_first = query.order_by(purchase.c.id.desc()).limit(PAGE)
    return [from_body(row._asdict()) for row in tx.connection.execute(newest_first)]


def post(tx: Transaction, of: Purchase, lines: tuple[LedgerLine, ...]) -> None:
    """Write a posting of a purchase; nothing for no lines."""
    if lines:
        ledger_store.post(tx, None, of.customer_id, lines, purchase_id=of.id)


def has_paid(tx: Transaction, entitlement_id: str) -> bool:
    """Whether an entitlement has ever been taken for a booking that did not give it back."""
    query = select(entitlement_use.c.delta).where(
        entitlement_use.c.facility_id == tx.scope.facility_id,
        entitlement_use.c.entitlement_id == entitlement_id,
        entitlement_use.c.booking_id.is_not(None),
    )
    return sum(int(row.delta) for row in tx.connection.execute(query)) != 0
