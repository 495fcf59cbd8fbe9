"""Conflicts: looking at them, and what staff do about each (DY-25, SB-20).

A booking that does not fit any more is given other people or another room at its own time, moved, cancelled with a
reason, or kept on purpose. Moving and cancelling are the verbs that everybody uses, as staff.
"""

from dataclasses import replace

from appliance.booking import conflict_store
from appliance.booking.actions.desk import Desk, change, claimed_by, existing, expire_stale_holds
from appliance.booking.actions.moving import Moved, same_at
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status
from appliance.booking.conflict_store import OpenConflicts
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable

_REASSIGNABLE = frozenset({Status.CONFIRMED, Status.ARRIVED})


def listed(desk: Desk) -> OpenConflicts:
    """The open conflicts."""
    with desk.book.read(desk.scope) as tx:
        return conflict_store.open_conflicts(tx, desk.catalogues.current(tx))


@refusable
def keep(desk: Desk, booking_id: str, reason: str, actor: str) -> Booking:
    """Leave a booking as it is although it does not fit; refused as `no_conflict` when it does."""
    with desk.book.write(desk.scope, actor) as tx:
        found = conflict_store.open_conflicts(tx, desk.catalogues.current(tx))
        for booked, causes in found.bookings:
            if booked.id == booking_id:
                conflict_store.keep(tx, booking_id, causes, reason)
                return booked
        existing(tx, booking_id)
        raise Refused(Refusal("no_conflict"))


@refusable
def reassign(desk: Desk, booking_id: str, resource: str | None, actor: str) -> Moved:
    """Give a booking other resources at its own time: `resource` among them, or with None whatever is free.

    Its price stays. Its keys stay too where they open the same doors, else they are new. Refused as a booking is.
    """
    with desk.book.write(desk.scope, actor) as tx:
        expire_stale_holds(tx)
        old = existing(tx, booking_id)
        if old.status not in _REASSIGNABLE or tx.now >= old.interval.end:
            raise Refused(Refusal("not_movable"))
        target = _elsewhere(desk, tx, old, resource)
        new = replace(old, claims=target.claims, session_id=target.session_id, revision=old.revision + 1)
        change(tx, "reassigned", old, new)
        if desk.consequences.same_doors(tx, old, new):
            return Moved(new, None)
        key_seq = desk.consequences.ended(tx, old, "moved")
        desk.consequences.confirmed(tx, new)
        return Moved(new, key_seq)


@refusable
def found(desk: Desk, booking_id: str) -> Booking:
    """A booking, whether it is in conflict or not."""
    with desk.book.read(desk.scope) as tx:
        return existing(tx, booking_id)


def _elsewhere(desk: Desk, tx: Transaction, old: Booking, resource: str | None) -> Booking:
    wish = replace(same_at(old, old.interval.start, Channel.STAFF), resource=resource)
    # Whether it may be booked at all was settled when it was made.
    made_at = old.committed_at if old.committed_at is not None else old.created_at
    return claimed_by(desk, tx, wish, moved=old, as_if_at=min(made_at, old.interval.start))
