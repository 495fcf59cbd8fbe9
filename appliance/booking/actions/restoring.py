"""Restoring a booking that was cancelled, from what is on record of it (SH-12).

It comes back at its own time and place or not at all; the guard says whether there is room. Its keys are new, those
that were killed stay dead, and no payment is made again: what it costs is what it cost.
"""

from dataclasses import replace

from appliance.booking import store
from appliance.booking.actions import entitling
from appliance.booking.actions.desk import (
    Desk,
    already_made,
    claimed_by,
    existing,
    expire_stale_holds,
    remember,
)
from appliance.booking.actions.moving import same_at
from appliance.booking.actions.no_shows import await_guest
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status, body
from appliance.booking.idempotency_store import Request
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, refusable


@refusable
def restore(desk: Desk, booking_id: str, reason: str, actor: str, request: Request | None = None) -> Booking:
    """Bring a cancelled booking back, confirmed and with new keys; its code is good again.

    Refused as `not_restorable` unless it was cancelled and lies ahead, and as `slot_taken` where others have its time.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_made(tx, request)) is not None:
            return made
        expire_stale_holds(tx)
        old = existing(tx, booking_id)
        if old.status is not Status.CANCELLED or tx.now >= old.interval.end:
            raise Refused(Refusal("not_restorable"))
        made_at = old.committed_at if old.committed_at is not None else old.created_at
        places = desk.catalogues.current(tx).places(old)
        wish = replace(same_at(old, old.interval.start, Channel.STAFF), customer_id=old.customer_id)
        there = replace(wish, resource=places[0] if len(places) == 1 else None)
        target = claimed_by(desk, tx, there, moved=old, as_if_at=made_at)
        new = replace(old.at_status(Status.CONFIRMED), claims=target.claims)
        store.change(tx, old, new, desk.consequences.cancel_digest(old.id))
        tx.record("booking", old.id, "restored", before=body(old), after=body(new))
        tx.record("restoration", old.id, "explained", after={"booking_id": old.id, "reason": reason})
        entitling.take(tx, new)
        desk.consequences.confirmed(tx, new)
        await_guest(desk, tx, new)
        remember(tx, request, old.id)
        return new
