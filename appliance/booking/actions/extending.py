"""Extending: the same booking ends later, on the same resources, and its keys open for longer (AC-07)."""

from dataclasses import replace

from appliance.booking import store
from appliance.booking.actions import entitling
from appliance.booking.actions.desk import Desk, Wish, already_made, change, claimed_by, existing, expire_stale_holds
from appliance.booking.actions.moving import same_at
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status
from appliance.booking.idempotency_store import Request
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, refusable

_EXTENDABLE = frozenset({Status.CONFIRMED, Status.ARRIVED})
_NOT_LONGER = FieldError("duration", "out_of_range", marked("Choose a length beyond that of the booking."))


@refusable
def extend(
    desk: Desk, booking_id: str, minutes: int, channel: Channel, actor: str, request: Request | None = None
) -> Booking:
    """Let a booking last `minutes`, a length its service is sold in and longer than now; its extras come on top.

    Its start, resources, number and keys stay; the keys get a higher revision. Refused as `slot_taken` when somebody
    comes after, and as `not_extendable` once it has ended.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_made(tx, request)) is not None:
            return made
        expire_stale_holds(tx)
        old = existing(tx, booking_id)
        if old.status not in _EXTENDABLE or tx.now >= old.interval.end:
            raise Refused(Refusal("not_extendable"))
        if minutes <= old.own_minutes:
            raise Invalid(_NOT_LONGER)
        # Whether one may stay longer does not depend on how late it is: the rule was met when the booking was made.
        made_at = old.committed_at if old.committed_at is not None else old.created_at
        places = desk.catalogues.current(tx).places
        target = claimed_by(desk, tx, _longer(old, minutes, channel, places(old)), moved=old, as_if_at=made_at)
        if set(places(target)) != set(places(old)):
            # Somewhere else there would be room, but the keys open the doors of what was booked.
            raise Refused(Refusal(store.SLOT_TAKEN))
        longer = replace(old, interval=target.interval, claims=target.claims, revision=old.revision + 1)
        new = longer.priced(entitling.still_covered(target.lines, old))
        change(tx, "extended", old, new, request)
        desk.consequences.extended(tx, new)
        return new


def _longer(old: Booking, minutes: int, channel: Channel, places: tuple[str, ...]) -> Wish:
    wish = same_at(old, old.interval.start, channel)
    return replace(wish, duration=minutes, resource=places[0] if len(places) == 1 else None)
