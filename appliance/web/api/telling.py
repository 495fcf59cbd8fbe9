"""What is told of a booking to whoever it belongs to, with its keys and its code; of many as of one.

Keys and codes are made again from the secrets. The number of queries does not grow with that of the bookings.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from appliance.billing.entitlements import Holding
from appliance.booking import store
from appliance.booking.actions import cancelling, entitling
from appliance.booking.bookings import CANCELLABLE, Booking
from appliance.booking.order_store import participants
from appliance.keys.issuing import ShownKey
from appliance.storage.unit_of_work import Transaction
from appliance.web.api import shapes
from appliance.web.unit import Unit


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of some bookings of one customer, by their ids."""

    keys: Mapping[str, Sequence[ShownKey]]
    with_code: Collection[str]
    participants: Mapping[str, str | None]
    left: Mapping[str, Holding]


def told(unit: Unit, tx: Transaction, booked: Booking) -> dict[str, object]:
    """One booking."""
    has_code = store.cancel_digest_of(tx, booked.id) is not None
    keys, left = {booked.id: unit.issuing.show(tx, booked.id)}, entitling.left_of_each(tx, [booked])
    return _told(unit, tx, booked, _Known(keys, {booked.id} if has_code else (), participants(tx, [booked]), left))


def told_together(unit: Unit, tx: Transaction, bookings: Sequence[Booking]) -> list[dict[str, object]]:
    """The bookings of one customer."""
    ids = [each.id for each in bookings]
    known = _Known(
        unit.issuing.show_each(tx, ids),
        store.with_cancel_code(tx, ids),
        participants(tx, bookings),
        entitling.left_of_each(tx, bookings),
    )
    return [_told(unit, tx, each, known) for each in bookings]


def _told(unit: Unit, tx: Transaction, booked: Booking, known: _Known) -> dict[str, object]:
    zone = unit.desk.scope.zone
    sig = unit.links.token(booked.id)
    link, page = (f"{unit.public_url}/{path}/{booked.id}?sig={sig}" for path in ("api/v1/bookings", "k"))
    keys = [shapes.key(key, zone) for key in known.keys.get(booked.id, ())]
    shown = shapes.booking(booked, zone, link, page) | {"keys": keys}
    if booked.id in known.left:
        left = known.left[booked.id]
        product = unit.desk.catalogues.current(tx).tariff.products[left.product_id]
        shown |= {"entitlement": shapes.left(left, product, booked.interval.start, zone)}
    if booked.order_id is not None:
        shown |= {"order": booked.order_id, "participant": known.participants.get(booked.id)}
    if booked.status in CANCELLABLE:
        terms = cancelling.terms_of_cancelling(unit.desk, tx, booked)
        shown |= {"cancelling": shapes.cancelling(terms, booked.price, zone)}
    return shown | ({"cancel_code": unit.links.cancel_code(booked.id)} if booked.id in known.with_code else {})
