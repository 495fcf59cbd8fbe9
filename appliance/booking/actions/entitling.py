"""Entitlements that pay for bookings, in their transaction: chosen, taken and given back (DY-23, DY-35, DY-36)."""

from collections.abc import Sequence
from typing import Final

from appliance.billing import entitlement_store
from appliance.billing.entitlements import Cover, Holding, Use, cover, named
from appliance.billing.lines import LineKind, PriceLine, entitlement_of
from appliance.billing.quotes import covered
from appliance.billing.tariff import Tariff
from appliance.billing.tariff_store import PRODUCTS
from appliance.booking.bookings import Booking
from appliance.foundation.instants import DAY, Instant
from appliance.foundation.refusals import Refusal
from appliance.storage import versioned
from appliance.storage.unit_of_work import Refused, Transaction

AUTO: Final = "auto"
NONE: Final = "none"


def paid_for(tx: Transaction, tariff: Tariff, wanted: Booking, asked: str) -> Booking:
    """The booking at what remains to be paid when its customer's entitlement pays; it is taken by `take`.

    asked: `AUTO` chooses, `NONE` takes none, all else names one and leaves the transaction as Refused when it cannot.
    """
    if asked == NONE or (asked == AUTO and not tariff.products) or wanted.customer_id is None:
        return wanted
    use = Use(wanted.service_id, wanted.interval.start, wanted.quantity)
    held = entitlement_store.holdings(tx, wanted.customer_id, wanted.interval.start)
    if asked == AUTO:
        found = cover(held, tariff.products, use, tx.scope.zone)
    else:
        answer = named(held, tariff.products, asked, use, tx.scope.zone)
        if isinstance(answer, Refusal):
            raise Refused(answer)
        found = answer
    return wanted.priced(covered(wanted.lines, found)) if found is not None else wanted


def is_held(tx: Transaction, tariff: Tariff, customer_id: str, service_id: str, at: Instant) -> bool:
    """Whether a customer holds what covers a service and is good at an instant, used up or not (BM-05): one query."""
    covering = [each for each, product in tariff.products.items() if service_id in product.covers]
    held = entitlement_store.holdings(tx, customer_id, at)
    return any(held.holds(each, at) for each in covering)


def still_covered(lines: tuple[PriceLine, ...], old: Booking) -> tuple[PriceLine, ...]:
    """Other lines of a booking that go on being paid by what pays for it, in the same part."""
    taken = next((line for line in old.lines if line.entitlement_id is not None), None)
    if taken is None or taken.entitlement_id is None:
        return lines
    whole = sum(line.amount for line in old.lines if line.kind is LineKind.SERVICE)
    off = -sum(line.amount for line in old.lines if line.kind is LineKind.ENTITLEMENT)
    percent = 100 if whole == 0 else (2 * 100 * off + whole) // (2 * whole)
    return covered(lines, Cover(taken.entitlement_id, taken.name, percent, old.quantity))


def take(tx: Transaction, booked: Booking) -> None:
    """Take what its lines say that an entitlement pays, once the booking is saved. Refused as `no_clips_left`."""
    entitlement_id = entitlement_of(booked.lines)
    if entitlement_id is not None:
        start = booked.interval.start
        entitlement_store.write(tx, entitlement_id, -booked.quantity, "booked", booked.id, start)


def give_back(tx: Transaction, booked: Booking, *, in_time: bool) -> None:
    """Give back what a booking took; what was not left in time only where the product says so.

    What comes back shortly before or after the end of its card is good for the days of grace behind it.
    """
    if entitlement_of(booked.lines) is None:
        return
    for entitlement_id, starts, quantity in entitlement_store.taken(tx, booked.id):
        grant = entitlement_store.by_id(tx, entitlement_id)
        sold = versioned.found(tx, PRODUCTS, grant.product_id) if grant is not None else None
        if grant is None or sold is None or not (in_time or sold.value.returns_late):
            continue
        entitlement_store.write(tx, entitlement_id, quantity, "returned", booked.id, starts)
        if grant.ended_at is not None:
            continue
        grace = sold.value.grace_days * DAY
        if grant.ends is not None and grant.sold_until is not None and tx.now + grace > grant.ends:
            ends = max(grant.ends, grant.sold_until + grace)
            if ends != grant.ends:
                entitlement_store.prolong(tx, grant, ends)


def left_of(tx: Transaction, booked: Booking) -> Holding | None:
    """The entitlement that pays for a booking, with what is left of it; None when none does."""
    return left_of_each(tx, [booked]).get(booked.id)


def left_of_each(tx: Transaction, bookings: Sequence[Booking]) -> dict[str, Holding]:
    """The same for many bookings of one customer, by their ids: one query, and none where no entitlement pays."""
    paying = {
        each.id: entitlement_id for each in bookings if (entitlement_id := entitlement_of(each.lines)) is not None
    }
    customer_id = bookings[0].customer_id if bookings else None
    if not paying or customer_id is None:
        return {}
    starts = [each.interval.start for each in bookings]
    held = {each.id: each for each in entitlement_store.holdings(tx, customer_id, min(starts), max(starts)).all}
    return {booking_id: held[each] for booking_id, each in paying.items() if each in held}
