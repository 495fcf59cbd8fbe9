"""Whose booking is it: staff, the holder of its signed link, or whoever knows its cancel code. Nobody else finds it."""

import hmac

from appliance.booking import idempotency_store, store
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
    typed = unit.links.digest_of_typed(code)
    knows_code = digest is not None and typed is not None and hmac.compare_digest(digest, typed)
    holds_link = unit.links.token_holds(booking_id, sig)
    if found is None or not (who.staff is not None or knows_code or asked_before or holds_link):
        raise NotFound
    return found
