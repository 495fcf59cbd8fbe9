"""Making a booking, from a hold or at once: claims, customer, keys and journal in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from appliance.billing.terms import Method, Policy
from appliance.booking import store
from appliance.booking.actions import entitling, paying
from appliance.booking.actions.desk import Desk, Wish, already_made, claimed_by, expire_stale_holds, remember
from appliance.booking.actions.no_shows import await_guest
from appliance.booking.bookings import Booking, Status, body
from appliance.booking.idempotency_store import Request
from appliance.customers.contacts import Contact
from appliance.foundation.refusals import Refusal
from appliance.storage import jobs
from appliance.storage.unit_of_work import Refused, Transaction, refusable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """A wish, or a hold taken before, and who it is for. `entitlement`: which one pays, as `entitling` takes it."""

    wish: Wish | None
    hold_id: str | None
    contact: Contact
    entitlement: str = entitling.AUTO


def confirm(desk: Desk, order: Order, actor: str, request: Request | None = None) -> Booking | Refusal:
    """Make the booking that `order` asks for: confirmed and with its keys, or pending where it must be paid first.

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
    if booked.status is Status.CONFIRMED:
        await_guest(desk, tx, booked)
    remember(tx, request, booked.id)
    return booked


def _at_once(desk: Desk, tx: Transaction, order: Order) -> Booking:
    if order.wish is None:
        raise Refused(Refusal("hold_gone"))
    wished = claimed_by(tx, desk.catalogues.current(tx), order.wish)
    sold = _sold(desk, tx, wished, order)
    store.add(tx, sold, desk.consequences.cancel_digest(sold.id))
    return _sealed(desk, tx, None, sold)


def _from_hold(desk: Desk, tx: Transaction, order: Order) -> Booking:
    held = store.by_id(tx, order.hold_id or "")
    if held is None or held.status is not Status.HELD:
        raise Refused(Refusal("hold_gone"))
    sold = _sold(desk, tx, held, order)
    store.change(tx, held, sold, desk.consequences.cancel_digest(sold.id))
    return _sealed(desk, tx, held, sold)


def _sold(desk: Desk, tx: Transaction, held: Booking, order: Order) -> Booking:
    """The booking of its customer at its price: confirmed, or pending until what is due first has been paid."""
    tariff = desk.catalogues.current(tx).tariff
    known = replace(held, customer_id=desk.consequences.enrol(tx, order.contact))
    sold = entitling.paid_for(tx, tariff, known, order.entitlement)
    terms = tariff.terms_of(sold.service_id)
    if terms.due_first(sold.price.amount) > 0:
        return replace(sold.at_status(Status.PENDING), expires_at=min(terms.pay_by(tx.now), sold.interval.end))
    if terms.policy is Policy.INVOICE and sold.price.amount > 0:
        paying.require_credit(tx, sold.customer_id, sold.price.amount)
    return replace(sold.at_status(Status.CONFIRMED), committed_at=tx.now, expires_at=None)


def _sealed(desk: Desk, tx: Transaction, before: Booking | None, sold: Booking) -> Booking:
    is_pending = sold.status is Status.PENDING
    verb = "pending" if is_pending else "confirmed"
    tx.record("booking", sold.id, verb, before=body(before) if before else None, after=body(sold))
    entitling.take(tx, sold)
    if is_pending:
        jobs.schedule(tx, paying.EXPIRE_UNPAID, sold.id, sold.expires_at or tx.now)
        return sold
    if desk.catalogues.current(tx).tariff.terms_of(sold.service_id).policy is Policy.INVOICE and sold.price.amount:
        paying.collect(tx, sold, Method.INVOICE, sold.price.amount)
    desk.consequences.confirmed(tx, sold)
    return sold
