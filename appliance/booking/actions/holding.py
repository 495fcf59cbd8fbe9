"""Holding a slot while somebody fills in who they are, and letting it go again."""

from dataclasses import replace

from appliance.booking import store
from appliance.booking.actions.desk import Desk, Wish, already_made, change, claimed_by, expire_stale_holds, remember
from appliance.booking.bookings import Booking, Status, body
from appliance.booking.idempotency_store import Request
from appliance.foundation.instants import MINUTE
from appliance.foundation.refusals import Refusal
from appliance.storage import jobs
from appliance.storage.unit_of_work import Transaction, refusable

HOLD_S = 5 * MINUTE
EXPIRE_HOLD = "expire_hold"


@refusable
def hold(desk: Desk, wish: Wish, actor: str, request: Request | None = None) -> Booking:
    """Keep the wished slot for five minutes. Refused as a booking would be; Invalid for what does not exist."""
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_made(tx, request)) is not None:
            return made
        expire_stale_holds(tx)
        held = replace(claimed_by(desk, tx, wish), expires_at=tx.now + HOLD_S)
        store.add(tx, held)
        jobs.schedule(tx, EXPIRE_HOLD, held.id, tx.now + HOLD_S)
        tx.record("booking", held.id, "held", after=body(held))
        remember(tx, request, held.id)
        return held


def release_hold(desk: Desk, hold_id: str, actor: str) -> Booking | Refusal:
    """Give a held slot back. Refused as `hold_gone` when there is no such hold any more."""
    with desk.book.write(desk.scope, actor) as tx:
        expire_stale_holds(tx)
        return give_back(tx, hold_id) or Refusal("hold_gone")


def give_back(tx: Transaction, hold_id: str) -> Booking | None:
    """Let go of a hold before its time; None when there is no such hold any more."""
    held = store.by_id(tx, hold_id)
    if held is None or held.status is not Status.HELD:
        return None
    released = replace(held.at_status(Status.EXPIRED), expires_at=None)
    change(tx, "hold_released", held, released)
    jobs.cancel(tx, EXPIRE_HOLD, held.id)
    return released
