"""Checking out: who has left says so; their keys end after a grace, and the rest of the time can be booked (AC-07)."""

from dataclasses import dataclass
from typing import Final

from appliance.booking.actions.desk import Desk, already_made, change, existing, expire_stale_holds
from appliance.booking.actions.no_shows import stop_awaiting
from appliance.booking.bookings import Booking, Status
from appliance.booking.idempotency_store import Request
from appliance.foundation.instants import MINUTE
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable

# Who says so at the kiosk still has to fetch a bag and get out: for so long they are taken to be inside.
LEAVING_S: Final = 10 * MINUTE
_RUNNING = frozenset({Status.CONFIRMED, Status.ARRIVED})


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """A booking whose people have left. `key_seq` is the journal entry the door must reach; None if no key changed."""

    booking: Booking
    key_seq: int | None


@refusable
def check_out(desk: Desk, booking_id: str, actor: str, request: Request | None = None) -> CheckedOut:
    """Complete a booking before its end. Its keys open for `LEAVING_S` more, and never longer than they would have.

    Its place stays taken for as long, then for the buffer of its service. What was sold, its price included, stays.
    Refused as `not_begun` before its start and as `already_ended` once it is over. Whether it may be cancelled
    instead is the business of its rule alone.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_made(tx, request)) is not None:
            return CheckedOut(made, tx.head.seq)
        expire_stale_holds(tx)
        old = existing(tx, booking_id)
        refusal = refusal_to_check_out(tx, old)
        if refusal is not None:
            raise Refused(refusal)
        gone_by = tx.now + LEAVING_S
        new = old.left(gone_by)
        change(tx, "checked_out", old, new, request)
        stop_awaiting(tx, old.id)
        return CheckedOut(new, desk.consequences.left(tx, new, gone_by))


def refusal_to_check_out(tx: Transaction, found: Booking) -> Refusal | None:
    """Why nobody can check out of a booking now; None when they can."""
    if found.status not in _RUNNING or tx.now >= found.interval.end:
        return Refusal("already_ended")
    return Refusal("not_begun", found.interval.start) if tx.now < found.interval.start else None
