"""Orders of bookings as rows and back."""

import json
from collections.abc import Sequence

from sqlalchemy import Row, insert, select, update

from appliance.booking.bookings import Booking
from appliance.booking.order_tables import booking_order
from appliance.booking.orders import BookingOrder, body, from_body
from appliance.customers.store import unsealed_of_each
from appliance.foundation.errors import Bug
from appliance.storage.unit_of_work import Transaction

ENTITY = "booking_order"


def add(tx: Transaction, order: BookingOrder, cancel_digest: bytes) -> None:
    """Insert an order and put it on record; its bookings follow in the same transaction."""
    row = {**_row(order), "facility_id": tx.scope.facility_id, "cancel_digest": cancel_digest}
    tx.connection.execute(insert(booking_order), row)
    tx.record(ENTITY, order.id, "made", after=body(order))


def change(tx: Transaction, verb: str, old: BookingOrder, new: BookingOrder) -> None:
    """Replace `old` by `new` and put it on record. A Bug when `old` is a stale copy."""
    query = update(booking_order).where(
        booking_order.c.facility_id == tx.scope.facility_id,
        booking_order.c.id == old.id,
        booking_order.c.revision == old.revision,
    )
    if tx.connection.execute(query, _row(new)).rowcount != 1:
        raise Bug(f"order {old.id} was changed from a stale copy")
    tx.record(ENTITY, old.id, verb, before=body(old), after=body(new))


def by_id(tx: Transaction, order_id: str) -> BookingOrder | None:
    """The order of this facility with that id."""
    query = select(booking_order).where(
        booking_order.c.facility_id == tx.scope.facility_id, booking_order.c.id == order_id
    )
    row = tx.connection.execute(query).first()
    return None if row is None else _order(row)


def cancel_digest_of(tx: Transaction, order_id: str) -> bytes | None:
    """The digest of the code that cancels a whole order."""
    query = select(booking_order.c.cancel_digest).where(
        booking_order.c.facility_id == tx.scope.facility_id, booking_order.c.id == order_id
    )
    found: bytes | None = tx.connection.execute(query).scalar()
    return found


def participants(tx: Transaction, bookings: Sequence[Booking]) -> dict[str, str | None]:
    """Who comes to each of some bookings, by its id; asks nothing where nobody was named."""
    named = [each for each in bookings if each.participant is not None and each.customer_id is not None]
    opened = unsealed_of_each(tx, [(str(each.customer_id), str(each.participant)) for each in named])
    return {each.id: found.get("participant") if found else None for each, found in zip(named, opened, strict=True)}


def _row(order: BookingOrder) -> dict[str, object]:
    kept = body(order)
    return kept | {
        "wish": None if kept["wish"] is None else json.dumps(kept["wish"]),
        "skipped": json.dumps(kept["skipped"]),
    }


def _order(row: Row[tuple[object, ...]]) -> BookingOrder:
    kept = dict(row._mapping)
    kept["wish"] = None if row.wish is None else json.loads(row.wish)
    kept["skipped"] = json.loads(row.skipped)
    return from_body(kept)
