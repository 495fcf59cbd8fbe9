"""Cancelling as the doors see it: their promise where the grace depends on it, then proof that they have heard."""

from appliance.booking.actions import cancelling
from appliance.booking.actions.cancelling import Cancelled, KeyUse
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
    unused = None
    if cancelling.needs_unused_keys(unit.desk, found.id):
        try:
            unused = not unit.doors.retire_if_unused(found.id).used
        except (DoorUnreachable, DoorRefused):
            unused = None
    by_staff = who.staff is not None
    return cancelling.cancel(
        unit.desk, found.id, KeyUse(unused), who.actor, asked, by_staff=by_staff, waive_fee=waive_fee and by_staff
    )


def revocation(unit: Unit, key_seq: int | None) -> str:
    """`done` when the door process has followed the journal as far as the keys' end, else `pending`."""
    if key_seq is None:
        return "done"
    try:
        return "done" if unit.doors.catch_up(key_seq) >= key_seq else "pending"
    except (DoorUnreachable, DoorRefused):
        return "pending"
