"""The price lines of bookings as rows and back."""

from collections.abc import Collection, Iterable

from sqlalchemy import and_, bindparam, delete, select

from appliance.billing.lines import LineKind, PriceLine
from appliance.billing.tables import price_line
from appliance.storage.statements import Row, Statement, adding
from appliance.storage.unit_of_work import Transaction

_ADD = adding(price_line)
_THESE = and_(price_line.c.booking_id == bindparam("booking_id"), price_line.c.facility_id == bindparam("facility_id"))
_LINES = Statement(select(price_line).where(_THESE).order_by(price_line.c.position))
_DROP = Statement(delete(price_line).where(_THESE))


def add(tx: Transaction, booking_id: str, lines: Iterable[PriceLine]) -> None:
    """Write the lines of a booking."""
    for position, line in enumerate(lines):
        tx.run(
            _ADD,
            booking_id=booking_id,
            position=position,
            kind=str(line.kind),
            name=line.name,
            quantity=line.quantity,
            unit_amount=line.unit_amount,
            amount=line.amount,
            vat_percent=line.vat_percent,
            account=line.account,
            category_id=line.category_id,
            entitlement_id=line.entitlement_id,
        )


def replace(tx: Transaction, booking_id: str, lines: Iterable[PriceLine]) -> None:
    """Write other lines in the place of those of a booking."""
    tx.run(_DROP, booking_id=booking_id)
    add(tx, booking_id, lines)


def of_booking(tx: Transaction, booking_id: str) -> tuple[PriceLine, ...]:
    """The lines of a booking in their order."""
    return tuple(_line(row) for row in tx.rows(_LINES, booking_id=booking_id))


def of_bookings(tx: Transaction, booking_ids: Collection[str]) -> dict[str, tuple[PriceLine, ...]]:
    """The lines of some bookings: one query."""
    query = select(price_line).where(
        price_line.c.facility_id == tx.scope.facility_id, price_line.c.booking_id.in_(booking_ids)
    )
    found: dict[str, tuple[PriceLine, ...]] = {}
    for row in tx.connection.execute(query.order_by(price_line.c.booking_id, price_line.c.position)):
        found[row.booking_id] = (*found.get(row.booking_id, ()), _line(row))
    return found


def _line(row: Row) -> PriceLine:
    return PriceLine(
        LineKind(row.kind),
        row.name,
        row.quantity,
        row.unit_amount,
        row.amount,
        row.vat_percent,
        row.account,
        row.category_id,
        row.entitlement_id,
    )
