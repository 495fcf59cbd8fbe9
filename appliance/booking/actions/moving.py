"""Moving a booking: new claims in, old ones out, in one transaction; a failure leaves the old slot held (BM-21)."""

from contextlib import suppress
from dataclasses import dataclass, replace

from appliance.billing.lines import entitlement_of, people_of
from appliance.booking.actions import entitling
from appliance.booking.actions.cancelling import KeyUse, made_under
from appliance.booking.actions.desk import Desk, Wish, already_made, change, claimed_by, existing, expire_stale_holds
from appliance.booking.actions.no_shows import await_guest, stop_awaiting
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status
from appliance.booking.cancel_terms import may_move
from appliance.booking.extras import ExtraWish
from appliance.booking.idempotency_store import Request
from appliance.foundation.instants import Instant
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

    The rule says until when and how often; to move there counts as to book. Keys are new: the old ones open nothing.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_made(tx, request)) is not None:
            return Moved(made, tx.head.seq)
        expire_stale_holds(tx)
        old = movable(desk, tx, booking_id, by_staff=by_staff)
        catalogue = desk.catalogues.current(tx)
        target = elsewhere(desk, tx, wish, old)
        entitling.give_back(tx, old, in_time=True)
        # What an entitlement paid is paid by the same one there, or the booking stays where it is.
        entitled = entitling.paid_for(tx, catalogue.tariff, target, entitlement_of(old.lines) or entitling.NONE)
        new = replace(
            old,
            session_id=target.session_id,
            interval=target.interval,
            price=entitled.price,
            lines=entitled.lines,
            claims=target.claims,
            extras=target.extras,
            revision=old.revision + 1,
            rule_id=target.rule_id,
            moves=old.moves + 1,
        )
        change(tx, "moved", old, new, request)
        entitling.take(tx, new)
        return Moved(new, renew_keys(desk, tx, old, new))


def movable(desk: Desk, tx: Transaction, booking_id: str, *, by_staff: bool) -> Booking:
    """A booking that can be changed as by a move now; Refused with why it cannot. Staff are not bound by the rule."""
    found = existing(tx, booking_id)
    if found.status is not Status.CONFIRMED or tx.now >= found.interval.end:
        raise Refused(Refusal("not_movable"))
    refusal = None if by_staff else refusal_to_move(desk, tx, found)
    if refusal is not None:
        raise Refused(refusal)
    return found


def renew_keys(desk: Desk, tx: Transaction, old: Booking, new: Booking) -> int | None:
    """Kill the keys of `old`, make those of `new`, wait for its guest; by which journal entry the old ones are dead."""
    key_seq = desk.consequences.ended(tx, old, "moved")
    desk.consequences.confirmed(tx, new)
    stop_awaiting(tx, old.id)
    await_guest(desk, tx, new)
    return key_seq


def refusal_to_move(desk: Desk, tx: Transaction, found: Booking) -> Refusal | None:
    """Why its customer could not move a booking now; None when they could."""
    rule, made = made_under(desk, tx, found, KeyUse(unused=None))
    return may_move(rule, tx.now, made, tx.scope.zone)


def elsewhere(desk: Desk, tx: Transaction, wish: Wish, old: Booking) -> Booking:
    """What fulfils `wish` for its customer: on the resource that was booked if it can be had and no other is wished."""
    wish = replace(wish, customer_id=old.customer_id)
    places = desk.catalogues.current(tx).places(old)
    same = places[0] if len(places) == 1 else old.preferred_id
    if wish.resource is None and same is not None:
        with suppress(Refused):
            return claimed_by(desk, tx, replace(wish, resource=same), moved=old)
    return claimed_by(desk, tx, wish, moved=old)


def same_at(booking: Booking, start: Instant, channel: Channel) -> Wish:
    """What a booking asks for, at another time: on the same resource if it can be had, else on any that fits."""
    extras = tuple(ExtraWish(extra.extra_id, extra.quantity) for extra in booking.extras)
    people = people_of(booking.lines)
    return Wish(booking.service_id, start, channel, booking.own_minutes, booking.quantity, people=people, extras=extras)
