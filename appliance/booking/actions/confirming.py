"""Making a booking, from a hold or at once: claims, customer, keys and journal in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from appliance.booking import store
from appliance.booking.actions.admitting import Admitted, admit, note_bypass
from appliance.booking.actions.desk import Desk, Wish, already_made, claimed_by, expire_stale_holds, remember
from appliance.booking.actions.no_shows import await_guest
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status, body
from appliance.booking.idempotency_store import Request
from appliance.customers.contacts import Contact
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """A wish, or a hold taken before, who it is for, and the channel in which somebody says so."""

    wish: Wish | None
    hold_id: str | None
    contact: Contact
    channel: Channel = Channel.PUBLIC


def confirm(desk: Desk, order: Order, actor: str, request: Request | None = None) -> Booking | Refusal:
    """Make the booking that `order` asks for, confirmed and with its keys.

    Refused by a rule, by another booking (`slot_taken`), as `not_admitted` or as `hold_gone`. With a `request` seen
    before, the booking that it made then; IdempotencyConflict when the same key came with another body.
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
    # Before anything else, so that who is let in shows in nothing but the answer.
    held = _held(tx, order)
    admitted = admit(desk, tx, held.service_id if held else _wish(order).service, order.contact, order.channel)
    booked = _from_hold(desk, tx, order, held, admitted) if held else _at_once(desk, tx, order, admitted)
    note_bypass(tx, admitted, booked)
    await_guest(desk, tx, booked)
    remember(tx, request, booked.id)
    return booked


def _wish(order: Order) -> Wish:
    if order.wish is None:
        raise Refused(Refusal("hold_gone"))
    return order.wish


def _held(tx: Transaction, order: Order) -> Booking | None:
    if not order.hold_id:
        return None
    held = store.by_id(tx, order.hold_id)
    if held is None or held.status is not Status.HELD:
        raise Refused(Refusal("hold_gone"))
    return held


def _at_once(desk: Desk, tx: Transaction, order: Order, admitted: Admitted) -> Booking:
    wished = claimed_by(tx, desk.catalogues.current(tx), _wish(order))
    confirmed = _confirmed(desk, tx, wished, order.contact, admitted)
    store.add(tx, confirmed, desk.consequences.cancel_digest(confirmed.id))
    return _sealed(desk.consequences.confirmed, tx, None, confirmed)


def _from_hold(desk: Desk, tx: Transaction, order: Order, held: Booking, admitted: Admitted) -> Booking:
    confirmed = _confirmed(desk, tx, held, order.contact, admitted)
    store.change(tx, held, confirmed, desk.consequences.cancel_digest(confirmed.id))
    return _sealed(desk.consequences.confirmed, tx, held, confirmed)


def _confirmed(desk: Desk, tx: Transaction, held: Booking, contact: Contact, admitted: Admitted) -> Booking:
    return replace(
        held.at_status(Status.CONFIRMED),
        customer_id=admitted.customer_id or desk.consequences.enrol(tx, contact),
        committed_at=tx.now,
        expires_at=None,
    )


def _sealed(
    follow: Callable[[Transaction, Booking], None], tx: Transaction, before: Booking | None, booked: Booking
) -> Booking:
    tx.record("booking", booked.id, "confirmed", before=body(before) if before else None, after=body(booked))
    follow(tx, booked)
    return booked
