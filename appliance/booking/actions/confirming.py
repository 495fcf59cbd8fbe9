"""Making a booking, from a hold or at once: claims, customer, keys and journal in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from appliance.booking import store
from appliance.booking.actions.desk import Desk, Wish, already_made, claimed_by, expire_stale_holds, remember
from appliance.booking.actions.no_shows import await_guest
from appliance.booking.bookings import Booking, Status, body
from appliance.booking.idempotency_store import Request
from appliance.customers.contacts import Contact
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """A wish, or a hold taken before, and who it is for."""

    wish: Wish | None
    hold_id: str | None
    contact: Contact


def confirm(desk: Desk, order: Order, actor: str, request: Request | None = None) -> Booking | Refusal:
    """Make the booking that `order` asks for, confirmed and with its keys.

    Refused by a rule, by another booking (`slot_taken`), or as `hold_gone`. With a `request` seen before, the booking
    that it made then; IdempotencyConflict when the same key came with another body.
    """
    return confirm_and_tell(desk, order, actor, request, lambda _tx, booked: booked)


@refusable
def confirm_and_tell(
    desk: Desk, order: Order, actor: str, request: Request | None, tell: Callable[[Transaction, Booking], T]
) -> T:
    """The same, and what `tell` says of the booking, asked before anybody else can change it."""
    with desk.book.write(desk.scope, actor) as tx:
        made = already_made(tx, request)
        return tell(tx, made if made is not None else _made(desk, tx, order, request))


def _made(desk: Desk, tx: Transaction, order: Order, request: Request | None) -> Booking:
    expire_stale_holds(tx)
    booked = _from_hold(desk, tx, order) if order.hold_id else _at_once(desk, tx, order)
    remember(tx, request, booked.id)
    return booked


def _at_once(desk: Desk, tx: Transaction, order: Order) -> Booking:
    if order.wish is None:
        raise Refused(Refusal("hold_gone"))
    wished = claimed_by(tx, desk.catalogues.current(tx), order.wish)
    return make(desk, tx, wished, desk.consequences.enrol(tx, order.contact))


def make(desk: Desk, tx: Transaction, wished: Booking, customer_id: str) -> Booking:
    """Save what fulfils a wish as the confirmed booking of a customer, with all that follows from it."""
    confirmed = _confirmed(tx, wished, customer_id)
    store.add(tx, confirmed, desk.consequences.cancel_digest(confirmed.id))
    return _sealed(desk, tx, None, confirmed)


def _from_hold(desk: Desk, tx: Transaction, order: Order) -> Booking:
    held = store.by_id(tx, order.hold_id or "")
    if held is None or held.status is not Status.HELD:
        raise Refused(Refusal("hold_gone"))
    confirmed = _confirmed(tx, held, desk.consequences.enrol(tx, order.contact))
    store.change(tx, held, confirmed, desk.consequences.cancel_digest(confirmed.id))
    return _sealed(desk, tx, held, confirmed)


def _confirmed(tx: Transaction, held: Booking, customer_id: str) -> Booking:
    return replace(held.at_status(Status.CONFIRMED), customer_id=customer_id, committed_at=tx.now, expires_at=None)


def _sealed(desk: Desk, tx: Transaction, before: Booking | None, booked: Booking) -> Booking:
    tx.record("booking", booked.id, "confirmed", before=body(before) if before else None, after=body(booked))
    desk.consequences.confirmed(tx, booked)
    await_guest(desk, tx, booked)
    return booked
