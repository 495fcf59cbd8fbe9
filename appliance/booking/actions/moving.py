"""Moving a booking: new claims in, old ones out, in one transaction; a failure leaves the old slot held (BM-21)."""

from contextlib import suppress
from dataclasses import dataclass, replace

from appliance.booking.actions.cancelling import refusal_to_cancel
from appliance.booking.actions.desk import Desk, Wish, already_made, change, claimed_by, existing, expire_stale_holds
from appliance.booking.actions.no_shows import await_guest, stop_awaiting
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status
from appliance.booking.catalogue import Catalogue
from appliance.booking.idempotency_store import Request
from appliance.foundation.instants import MINUTE, Instant
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable


@dataclass(frozen=True, slots=True)
class Moved:
    """A booking at its new time. `key_seq` is the journal entry by which its old keys are dead."""

    booking: Booking
    key_seq: int | None


@refusable
def move(
    desk: Desk, booking_id: str, wish: Wish, actor: str, request: Request | None = None, *, by_staff: bool = False
) -> Moved:
    """Move a booking to what `wish` asks for; its number and its cancel code stay.

    To move away counts as to cancel for the rule, to move there as to book. Keys are new: the old ones open nothing.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_made(tx, request)) is not None:
            return Moved(made, tx.head.seq)
        expire_stale_holds(tx)
        old = existing(tx, booking_id)
        if old.status is not Status.CONFIRMED or tx.now >= old.interval.end:
            raise Refused(Refusal("not_movable"))
        refusal = None if by_staff else refusal_to_cancel(desk, tx, old)
        if refusal is not None:
            raise Refused(refusal)
        target = _elsewhere(tx, desk.catalogues.current(tx), wish, old)
        new = replace(
            old,
            session_id=target.session_id,
            interval=target.interval,
            price=target.price,
            claims=target.claims,
            revision=old.revision + 1,
        )
        change(tx, "moved", old, new, request)
        key_seq = desk.consequences.ended(tx, old, "moved")
        desk.consequences.confirmed(tx, new)
        stop_awaiting(tx, old.id)
        await_guest(desk, tx, new)
        return Moved(new, key_seq)


def _elsewhere(tx: Transaction, catalogue: Catalogue, wish: Wish, old: Booking) -> Booking:
    """What fulfils `wish`: on the resource that was booked, if it is free then and no other is wished for."""
    same = old.resource_ids[0] if len(old.resource_ids) == 1 else old.preferred_id
    if wish.resource is None and same is not None:
        with suppress(Refused):
            return claimed_by(tx, catalogue, replace(wish, resource=same), moved=old)
    return claimed_by(tx, catalogue, wish, moved=old)


def same_at(booking: Booking, start: Instant, channel: Channel) -> Wish:
    """What a booking asks for, at another time: on the same resource if it can be had, else on any that fits."""
    minutes = booking.interval.seconds // MINUTE
    return Wish(booking.service_id, start, channel, minutes, booking.quantity)
