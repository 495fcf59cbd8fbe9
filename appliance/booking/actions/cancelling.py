"""Cancelling: in one transaction the claims fall, the keys are killed and the code dies (BM-22, BRP-05, BRP-21)."""

from dataclasses import dataclass

from appliance.booking import store
from appliance.booking.actions.desk import Desk, already_made, change, existing, expire_stale_holds
from appliance.booking.actions.no_shows import stop_awaiting
from appliance.booking.booking_window import leans_on_grace, may_cancel
from appliance.booking.bookings import CANCELLABLE, Booking, Status
from appliance.booking.idempotency_store import Request
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A booking that was just cancelled. `key_seq` is the journal entry the door must reach; None without keys."""

    booking: Booking
    key_seq: int | None


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What is known of the keys of a booking. `unused` is a promise of the door, None when it could not be asked."""

    unused: bool | None


@refusable
def cancel(
    desk: Desk,
    booking_id: str,
    key_use: KeyUse,
    actor: str,
    request: Request | None = None,
    *,
    by_staff: bool = False,
    reason: str = "",
) -> Cancelled:
    """Cancel a booking by its rule; staff may cancel whenever it has not ended, with a `reason` for the record."""
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_made(tx, request)) is not None:
            return Cancelled(made, tx.head.seq)
        expire_stale_holds(tx)
        old = _cancellable(tx, booking_id)
        refusal = None if by_staff else _refusal(desk, tx, old, key_use)
        if refusal is not None:
            raise Refused(refusal)
        new = old.at_status(Status.CANCELLED)
        change(tx, "cancelled", old, new, request)
        store.forget_cancel_code(tx, old.id)
        if reason:
            tx.record("cancellation", old.id, "explained", after={"booking_id": old.id, "reason": reason})
        stop_awaiting(tx, old.id)
        return Cancelled(new, desk.consequences.ended(tx, new, "cancelled"))


def needs_unused_keys(desk: Desk, booking_id: str) -> bool:
    """Whether cancelling now leans on the grace, so that the door must first promise that no key was used."""
    with desk.book.read(desk.scope) as tx:
        found = store.by_id(tx, booking_id)
        if found is None or found.status not in CANCELLABLE:
            return False
        catalogue = desk.catalogues.current(tx)
        service = catalogue.service(found.service_id)
        return service is not None and leans_on_grace(catalogue.rule(service), tx.now, found.interval.start)


def refusal_to_cancel(desk: Desk, tx: Transaction, found: Booking) -> Refusal | None:
    """Why its customer could not cancel a booking now; None when they could."""
    if found.status not in CANCELLABLE or tx.now >= found.interval.end:
        return Refusal("not_cancellable")
    return _refusal(desk, tx, found, KeyUse(unused=found.status is not Status.ARRIVED))


def _cancellable(tx: Transaction, booking_id: str) -> Booking:
    found = existing(tx, booking_id)
    if found.status not in CANCELLABLE or tx.now >= found.interval.end:
        raise Refused(Refusal("not_cancellable"))
    return found


def _refusal(desk: Desk, tx: Transaction, found: Booking, key_use: KeyUse) -> Refusal | None:
    catalogue = desk.catalogues.current(tx)
    service = catalogue.service(found.service_id)
    if service is None:
        raise Refused(Refusal("unknown_service"))
    # A door that cannot be asked must not keep anybody from cancelling; a refund waits for its answer.
    used = found.status is Status.ARRIVED or key_use.unused is False
    made_at = found.committed_at if found.committed_at is not None else found.created_at
    return may_cancel(catalogue.rule(service), tx.now, found.interval.start, made_at, used)
