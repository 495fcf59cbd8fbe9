"""Cancelling as the doors see it: their promise where the grace depends on it, then proof that they have heard."""

from appliance.booking.actions import cancelling, ordering
from appliance.booking.actions.cancelling import Cancelled, KeyUse
from appliance.booking.actions.ordering import OrderCancelled
from appliance.booking.bookings import Booking
from appliance.booking.idempotency_store import Request
from appliance.door_socket.client import DoorRefused, DoorUnreachable
from appliance.foundation.refusals import Refusal
from appliance.web.callers import Caller
from appliance.web.unit import Unit


def cancel_everywhere(
    unit: Unit, found: Booking, who: Caller, asked: Request | None = None, *, waive_fee: bool = False
) -> Cancelled | Refusal:
    """Cancel a booking; when only the grace allows it, the door first shuts its keys if none was used (BRP-21)."""
    use = _key_use(unit, found.id) if cancelling.needs_unused_keys(unit.desk, found.id) else KeyUse(None)
    by_staff = who.staff is not None
    return cancelling.cancel(
        unit.desk, found.id, use, who.actor, asked, by_staff=by_staff, waive_fee=waive_fee and by_staff
    )


def cancel_order_everywhere(
    unit: Unit, order_id: str, who: Caller, asked: Request | None = None, *, waive_fee: bool = False
) -> OrderCancelled | Refusal:
    """Cancel what may be cancelled of an order, each of its bookings as it would be by itself."""
    uses = {each: _key_use(unit, each) for each in ordering.leaning_on_grace(unit.desk, order_id)}
    by_staff = who.staff is not None
    return ordering.cancel_order(
        unit.desk, order_id, uses, who.actor, asked, by_staff=by_staff, waive_fee=waive_fee and by_staff
    )


def _key_use(unit: Unit, booking_id: str) -> KeyUse:
    """What the door promises of the keys of a booking, which it shuts if none was used."""
    try:
        return KeyUse(not unit.doors.retire_if_unused(booking_id).used)
    except (DoorUnreachable, DoorRefused):
        return KeyUse(None)


def in_force(unit: Unit) -> str:
    """`done` when the door process has followed the journal as far as it goes now, else `pending`."""
    with unit.desk.book.read(unit.desk.scope) as tx:
        seq = tx.head_before.seq
    return revocation(unit, seq)


def revocation(unit: Unit, key_seq: int | None) -> str:
    """`done` when the door process has followed the journal as far as the keys' end, else `pending`."""
    if key_seq is None:
        return "done"
    try:
        return "done" if unit.doors.catch_up(key_seq) >= key_seq else "pending"
    except (DoorUnreachable, DoorRefused):
        return "pending"
