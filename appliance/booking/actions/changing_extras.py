"""Other extras for a booking that was made: it may end sooner or later, and stays where it is if it can (DY-67)."""

from collections.abc import Sequence
from dataclasses import replace

from appliance.booking.actions import entitling
from appliance.booking.actions.desk import Desk, already_made, change, expire_stale_holds
from appliance.booking.actions.moving import Moved, elsewhere, movable, renew_keys, same_at
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking
from appliance.booking.extras import ExtraWish
from appliance.booking.idempotency_store import Request
from appliance.storage.unit_of_work import Transaction, refusable


@refusable
def change_extras(
    desk: Desk,
    booking_id: str,
    wishes: Sequence[ExtraWish],
    channel: Channel,
    actor: str,
    request: Request | None = None,
    *,
    by_staff: bool = False,
) -> Moved:
    """Give a booking the extras of `wishes` in the place of those it has, by the rule for moving it.

    Its keys stay and fit its new end, unless it has to be somewhere else: then they are new, as after a move.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_made(tx, request)) is not None:
            return Moved(made, tx.head.seq)
        expire_stale_holds(tx)
        old = movable(desk, tx, booking_id, by_staff=by_staff)
        catalogue = desk.catalogues.current(tx)
        wish = replace(same_at(old, old.interval.start, channel), extras=tuple(wishes))
        target = elsewhere(desk, tx, wish, old)
        other = replace(
            old, interval=target.interval, claims=target.claims, extras=target.extras, revision=old.revision + 1
        )
        new = other.priced(entitling.still_covered(target.lines, old))
        change(tx, "extras_changed", old, new, request)
        stays = set(catalogue.places(old)) == set(catalogue.places(new))
        return Moved(new, _fit_keys(desk, tx, old, new) if stays else renew_keys(desk, tx, old, new))


def _fit_keys(desk: Desk, tx: Transaction, old: Booking, new: Booking) -> int | None:
    if new.interval.end > old.interval.end:
        desk.consequences.extended(tx, new)
        return None
    return desk.consequences.shortened(tx, new) if new.interval.end < old.interval.end else None
