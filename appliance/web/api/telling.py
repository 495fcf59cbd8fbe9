"""What is told of a booking to whoever it belongs to, with its keys and its code; of many as of one.

Keys and codes are made again from the secrets. The number of queries does not grow with that of the bookings.
"""

from collections.abc import Sequence

from appliance.booking import store
from appliance.booking.bookings import Booking
from appliance.customers.store import unsealed_each
from appliance.keys.issuing import ShownKey
from appliance.storage.unit_of_work import Transaction
from appliance.web.api import shapes
from appliance.web.unit import Unit


def told(unit: Unit, tx: Transaction, booked: Booking) -> dict[str, object]:
    """One booking."""
    has_code = store.cancel_digest_of(tx, booked.id) is not None
    return _told(unit, booked, unit.issuing.show(tx, booked.id), has_code, _participants(tx, [booked]))


def told_together(unit: Unit, tx: Transaction, bookings: Sequence[Booking]) -> list[dict[str, object]]:
    """The bookings of one customer."""
    ids = [each.id for each in bookings]
    keys, codes, names = unit.issuing.show_each(tx, ids), store.with_cancel_code(tx, ids), _participants(tx, bookings)
    return [_told(unit, each, keys.get(each.id, []), each.id in codes, names) for each in bookings]


def _told(
    unit: Unit, booked: Booking, keys: Sequence[ShownKey], has_code: bool, participants: dict[str, str | None]
) -> dict[str, object]:
    zone = unit.desk.scope.zone
    sig = unit.links.token(booked.id)
    link, page = (f"{unit.public_url}/{path}/{booked.id}?sig={sig}" for path in ("api/v1/bookings", "k"))
    shown = shapes.booking(booked, zone, link, page) | {"keys": [shapes.key(key, zone) for key in keys]}
    if booked.order_id is not None:
        shown |= {"order": booked.order_id, "participant": participants.get(booked.id)}
    return shown | ({"cancel_code": unit.links.cancel_code(booked.id)} if has_code else {})


def _participants(tx: Transaction, bookings: Sequence[Booking]) -> dict[str, str | None]:
    """Who comes to each of some bookings of one customer, by its id; asks nothing where nobody was named."""
    sealed = {each.id: each.participant for each in bookings if each.participant is not None}
    customer_id = bookings[0].customer_id if bookings else None
    if not sealed or customer_id is None:
        return {}
    opened = unsealed_each(tx, customer_id, list(sealed.values()))
    return {
        booking_id: values.get("participant") if values else None
        for booking_id, values in zip(sealed, opened, strict=True)
    }
