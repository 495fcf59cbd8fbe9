"""Who may see a booking, order or purchase: staff, who holds its signed link, who knows its cancel code.

Nobody else finds it.
"""

import hmac

from appliance.billing.purchases import Purchase
from appliance.booking import idempotency_store, order_store, store
from appliance.booking.actions import purchasing
from appliance.booking.actions.ordering import Ordered, ordered
from appliance.booking.bookings import Booking
from appliance.booking.idempotency_store import Request
from appliance.foundation.ids import is_id
from appliance.web.callers import Caller
from appliance.web.problems import NotFound
from appliance.web.unit import Unit


def own_booking(
    unit: Unit, who: Caller, booking_id: str, *, code: str = "", sig: str = "", asked: Request | None = None
) -> Booking:
    """The booking if the caller may see it. NotFound otherwise, whether it exists or not.

    `code` is a cancel code as it was typed. `sig` is the signature of a link, for calls that only show the booking.

    A code that was used up by cancelling proves nothing any more, so that it is refused the second time (BM-22),
    unless it is the very request `asked` before that comes once more.
    """
    if not is_id(booking_id):
        raise NotFound
    with unit.desk.book.read(unit.desk.scope) as tx:
        found = store.by_id(tx, booking_id)
        digest = store.cancel_digest_of(tx, booking_id)
        asked_before = asked is not None and idempotency_store.seen(tx, asked) == booking_id
    if found is None or not (asked_before or _may_see(unit, who, booking_id, digest, code, sig)):
        raise NotFound
    return found


def own_order(unit: Unit, who: Caller, order_id: str, *, code: str = "", sig: str = "") -> Ordered:
    """The order if the caller may see it, by its own code or link. NotFound otherwise, whether it exists or not.

    Its code is never used up: what is left to cancel, each booking says for itself.
    """
    if not is_id(order_id):
        raise NotFound
    with unit.desk.book.read(unit.desk.scope) as tx:
        found, digest = ordered(tx, order_id), order_store.cancel_digest_of(tx, order_id)
    if found is None or not _may_see(unit, who, order_id, digest, code, sig):
        raise NotFound
    return found


def own_purchase(unit: Unit, who: Caller, purchase_id: str, sig: str) -> Purchase:
    """The purchase if the caller may see it, by its link. NotFound otherwise, whether it exists or not."""
    found = purchasing.shown(unit.desk, purchase_id) if is_id(purchase_id) else None
    if found is None or not _may_see(unit, who, purchase_id, None, "", sig):
        raise NotFound
    return found


def purchase_page(unit: Unit, purchase_id: str) -> str:
    """The address of the page on which its owner sees a purchase."""
    return f"{unit.public_url}/p/{purchase_id}?sig={unit.links.token(purchase_id)}"


def _may_see(unit: Unit, who: Caller, thing_id: str, digest: bytes | None, code: str, sig: str) -> bool:
    typed = unit.links.digest_of_typed(code)
    knows_code = digest is not None and typed is not None and hmac.compare_digest(digest, typed)
    return who.staff is not None or knows_code or unit.links.token_holds(thing_id, sig)
