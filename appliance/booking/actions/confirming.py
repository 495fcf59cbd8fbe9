"""Making a booking, from a hold or at once: claims, customer, keys and journal in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from appliance.billing.terms import Method, Policy
from appliance.booking import store
from appliance.booking.actions import entitling, paying
from appliance.booking.actions.admitting import Admitted, admit, note_bypass
from appliance.booking.actions.answering import keep_answers
from appliance.booking.actions.desk import (
    Desk,
    Wish,
    already_made,
    claimed_by,
    expire_stale_holds,
    remember,
    resolved,
    terms_for,
)
from appliance.booking.actions.no_shows import await_guest
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status, body
from appliance.booking.idempotency_store import Request
from appliance.booking.limits import barred
from appliance.customers.contacts import Contact
from appliance.foundation.instants import Interval
from appliance.foundation.refusals import Refusal
from appliance.storage import jobs
from appliance.storage.unit_of_work import Refused, Transaction, refusable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """A wish, or a hold taken before, and who it is for; None where the hold says that itself.

    entitlement: which one pays, as `entitling` takes it. channel: that of whoever says so.
    answers: what they say to custom fields, by the slugs of those; None asks nothing of them.
    """

    wish: Wish | None
    hold_id: str | None
    contact: Contact | None
    entitlement: str = field(default=entitling.AUTO, kw_only=True)
    channel: Channel = field(default=Channel.PUBLIC, kw_only=True)
    answers: Mapping[str, object] | None = field(default_factory=dict, kw_only=True)


def confirm(desk: Desk, order: Order, actor: str, request: Request | None = None) -> Booking | Refusal:
    """Make the booking that `order` asks for: confirmed and with its keys, or pending where it must be paid first.

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
    held = _held(tx, order)
    # Before anything else, so that who is let in shows in nothing but the answer.
    admitted = _admitted(desk, tx, order, held)
    booked = _from_hold(desk, tx, order, held, admitted) if held else _at_once(desk, tx, order, admitted)
    note_bypass(tx, admitted, booked.id, booked.service_id)
    if order.answers is not None and booked.customer_id is not None:
        keep_answers(tx, desk.catalogues.current(tx), booked.customer_id, [booked], order.answers)
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


def _admitted(desk: Desk, tx: Transaction, order: Order, held: Booking | None) -> Admitted:
    """Who a booking is for: who it was held for, else the contact; where that is nobody, the hold is no hold."""
    who = (held.customer_id if held else None) or order.contact
    if who is None:
        raise Refused(Refusal("hold_gone"))
    catalogue = desk.catalogues.current(tx)
    service = catalogue.service(held.service_id) if held else resolved(catalogue, _wish(order))[0].service
    if service is None:
        raise Refused(Refusal("unknown_service"))
    start = held.interval.start if held else _wish(order).start
    return admit(desk, tx, service, who, order.channel, start)


def _at_once(desk: Desk, tx: Transaction, order: Order, admitted: Admitted) -> Booking:
    customer_id = _customer(desk, tx, order, admitted)
    wished = claimed_by(desk, tx, replace(_wish(order), customer_id=customer_id))
    return sell(desk, tx, wished, customer_id, order.entitlement)


def sell(desk: Desk, tx: Transaction, wished: Booking, customer_id: str, entitlement: str = entitling.AUTO) -> Booking:
    """Save a booking that was only worked out, as its customer's: with its keys, or waiting to be paid first."""
    sold = sell_if_allowed(desk, tx, wished, customer_id, entitlement)
    if isinstance(sold, Refusal):
        raise Refused(sold)
    return sold


def sell_if_allowed(
    desk: Desk, tx: Transaction, wished: Booking, customer_id: str, entitlement: str
) -> Booking | Refusal:
    """The same; or why it cannot be paid as its customer wants, and nothing was changed."""
    try:
        sold = _sold(desk, tx, wished, customer_id, entitlement)
    except Refused as refused:
        return refused.refusal
    store.add(tx, sold, desk.consequences.cancel_digest(sold.id))
    return _sealed(desk, tx, None, sold)


def _from_hold(desk: Desk, tx: Transaction, order: Order, held: Booking, admitted: Admitted) -> Booking:
    customer_id = _customer(desk, tx, order, admitted)
    _require_within_limits(desk, tx, held, customer_id)
    sold = _sold(desk, tx, held, customer_id, order.entitlement)
    store.change(tx, held, sold, desk.consequences.cancel_digest(sold.id))
    return _sealed(desk, tx, held, sold)


def _customer(desk: Desk, tx: Transaction, order: Order, admitted: Admitted) -> str:
    """The id of who was admitted, who is put in the register when new."""
    if admitted.customer_id is not None:
        return admitted.customer_id
    if order.contact is None:
        raise Refused(Refusal("hold_gone"))
    return desk.consequences.enrol(tx, order.contact)


def _require_within_limits(desk: Desk, tx: Transaction, held: Booking, customer_id: str) -> None:
    """Leave as Refused what this customer may not have: when it was held nobody knew for whom."""
    service = desk.catalogues.current(tx).service(held.service_id)
    if service is None:
        raise Refused(Refusal("unknown_service"))
    start = held.interval.start
    asked = terms_for(desk, tx, service, held.channel, Interval(start, start + 1), customer_id, leaving_out=held.id)
    bar = barred(asked.bars, start)
    if bar is not None:
        raise Refused(Refusal(bar.reason, bar.passes_at))


def _sold(desk: Desk, tx: Transaction, held: Booking, customer_id: str, entitlement: str) -> Booking:
    """The booking of its customer at its price: confirmed, or pending until what is due first has been paid."""
    tariff = desk.catalogues.current(tx).tariff
    known = replace(held, customer_id=customer_id)
    sold = entitling.paid_for(tx, tariff, known, entitlement)
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
    await_guest(desk, tx, sold)
    return sold
