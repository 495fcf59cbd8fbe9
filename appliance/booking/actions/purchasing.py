"""Purchases: customers order what they can hold, staff note the payment, and in that moment it is theirs (DY-23).

Whoever holds what covers a booking pays nothing for it: `entitling` sees to that. Here is how one comes to hold it.
"""

from dataclasses import dataclass

from appliance.billing import entitlement_store, purchase_postings, purchase_store
from appliance.billing.purchases import (
    KEPT_S,
    Purchase,
    PurchaseStatus,
    as_ordered,
    refusal_to_cancel,
    refusal_to_pay,
)
from appliance.billing.tariff_store import PRODUCTS
from appliance.billing.terms import Method
from appliance.booking import idempotency_store, store
from appliance.booking.actions import granting
from appliance.booking.actions.desk import Desk, fresh_number, remember
from appliance.booking.actions.granting import NO_PRODUCT
from appliance.booking.actions.paying import require_credit
from appliance.booking.booking_window import Channel
from appliance.booking.idempotency_store import Request
from appliance.customers.contacts import Contact
from appliance.customers.store import is_known
from appliance.foundation.errors import Bug, Invalid
from appliance.foundation.refusals import Refusal
from appliance.storage import jobs, versioned
from appliance.storage.unit_of_work import Refused, Transaction, refusable

EXPIRE_PURCHASE = "expire_purchase"


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase after a change, and the journal entry that the doors must reach for that to be in force; or None."""

    purchase: Purchase
    key_seq: int | None = None


@refusable
def order(
    desk: Desk, product_id: str, contact: Contact, channel: Channel, actor: str, request: Request | None = None
) -> Bought:
    """Order what is sold on a channel: it waits for its payment, and what costs nothing is theirs at once.

    Invalid for a product that is not sold there. The same request twice orders once.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := _already_ordered(tx, request)) is not None:
            return made
        new = _ordered(tx, product_id, desk.consequences.enrol(tx, contact), channel)
        remember(tx, request, new.id)
        return _granted(desk, tx, new, None) if not new.amount else Bought(new)


@refusable
def sell(
    desk: Desk, product_id: str, whose: Contact | str, method: Method, actor: str, request: Request | None = None
) -> Bought:
    """Sell on the spot, by staff: ordered, paid and theirs in one step. `whose`: a contact, or the customer's id.

    Invalid for a product that is sold no more; refused as `unknown_customer`, and as an invoice would be for a booking.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := _already_ordered(tx, request)) is not None:
            return made
        if isinstance(whose, str) and not is_known(tx, whose):
            raise Refused(Refusal("unknown_customer"))
        customer_id = whose if isinstance(whose, str) else desk.consequences.enrol(tx, whose)
        new = _ordered(tx, product_id, customer_id, Channel.STAFF)
        remember(tx, request, new.id)
        return _paid(desk, tx, new, method)


@refusable
def pay(desk: Desk, purchase_id: str, method: Method, actor: str, request: Request | None = None) -> Bought:
    """Note that all of its price came in: it is theirs from now on, also where the money came after it had expired.

    Refused as `purchase_paid`, `purchase_closed`, `unknown_purchase`, `invoice_not_allowed` or `credit_used_up`.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := _already_ordered(tx, request)) is not None:
            return made
        old = _existing(tx, purchase_id)
        _require(refusal_to_pay(old))
        remember(tx, request, old.id)
        return _paid(desk, tx, old, method)


@refusable
def cancel(desk: Desk, purchase_id: str, actor: str) -> Bought:
    """Give up a purchase that nobody has paid for. Refused as `purchase_paid` or `purchase_closed`."""
    with desk.book.write(desk.scope, actor) as tx:
        old = _existing(tx, purchase_id)
        _require(refusal_to_cancel(old))
        jobs.cancel(tx, EXPIRE_PURCHASE, old.id)
        return Bought(purchase_store.change(tx, "cancelled", old, old.ended(PurchaseStatus.CANCELLED)))


@refusable
def refund(desk: Desk, purchase_id: str, reason: str, actor: str, *, even_if_used: bool = False) -> Bought:
    """Undo a purchase that was paid: its entitlement ends now, and what came in is to be given back.

    Refused as `purchase_used` where it has paid for bookings, unless staff want it `even_if_used`: those bookings stay
    paid. Refused as `purchase_not_paid` too.
    """
    with desk.book.write(desk.scope, actor) as tx:
        old = _existing(tx, purchase_id)
        if old.status is not PurchaseStatus.GRANTED or old.entitlement_id is None:
            raise Refused(Refusal("purchase_not_paid"))
        if not even_if_used and purchase_store.has_paid(tx, old.entitlement_id):
            raise Refused(Refusal("purchase_used"))
        new = purchase_store.change(tx, "refunded", old, old.ended(PurchaseStatus.REFUNDED, reason))
        purchase_store.post(tx, new, purchase_postings.reversal(new))
        return Bought(new, granting.end_now(desk, tx, old.entitlement_id, reason))


def shown(desk: Desk, purchase_id: str) -> Purchase | None:
    """A purchase as it stands; None when there is none."""
    with desk.book.read(desk.scope) as tx:
        return purchase_store.by_id(tx, purchase_id)


def expire(tx: Transaction, purchase_id: str) -> None:
    """Wait no longer for the payment of a purchase."""
    old = purchase_store.by_id(tx, purchase_id)
    if old is not None and old.status is PurchaseStatus.PENDING:
        purchase_store.change(tx, "expired", old, old.ended(PurchaseStatus.EXPIRED))


def _ordered(tx: Transaction, product_id: str, customer_id: str, channel: Channel) -> Purchase:
    """A purchase of a product as it is now, which waits for its payment."""
    sold = versioned.found(tx, PRODUCTS, product_id)
    if sold is None or sold.archived or (channel is not Channel.STAFF and channel not in sold.value.sold_at):
        raise Invalid(NO_PRODUCT)
    product, purchase_id = sold.value, tx.ids.new()
    new = Purchase(
        id=purchase_id,
        number=fresh_number(tx, purchase_id, _number_taken),
        customer_id=customer_id,
        product_id=sold.id,
        channel=str(channel),
        name=product.name,
        amount=product.amount,
        vat_percent=product.vat_percent,
        account=product.account,
        clips=product.clips,
        valid_days=product.valid_days,
        status=PurchaseStatus.PENDING,
        created_at=tx.now,
        expires_at=tx.now + KEPT_S,
    )
    purchase_store.add(tx, new)
    jobs.schedule(tx, EXPIRE_PURCHASE, new.id, tx.now + KEPT_S)
    return new


def _paid(desk: Desk, tx: Transaction, old: Purchase, method: Method) -> Bought:
    if method is Method.INVOICE and old.amount:
        require_credit(tx, old.customer_id, old.amount)
    return _granted(desk, tx, old, method if old.amount else None)


def _granted(desk: Desk, tx: Transaction, old: Purchase, method: Method | None) -> Bought:
    """The customer holds it from now on, and the ledger says what it cost and how that came in."""
    product = versioned.found(tx, PRODUCTS, old.product_id)
    if product is None:
        raise Bug(f"purchase {old.id} is of a product that was deleted")
    agreed = as_ordered(product.value, old)
    held = entitlement_store.grant(tx, old.customer_id, old.product_id, agreed, tx.now, "purchased")
    new = purchase_store.change(tx, "granted", old, old.fulfilled(held.id, method))
    purchase_store.post(tx, new, purchase_postings.sale(new))
    purchase_store.post(tx, new, purchase_postings.payment(new))
    jobs.cancel(tx, EXPIRE_PURCHASE, new.id)
    return Bought(new, desk.consequences.entitled(tx, new.customer_id))


def _already_ordered(tx: Transaction, request: Request | None) -> Bought | None:
    made = idempotency_store.seen(tx, request) if request is not None else None
    return None if made is None else Bought(_existing(tx, made))


def _existing(tx: Transaction, purchase_id: str) -> Purchase:
    found = purchase_store.by_id(tx, purchase_id)
    if found is None:
        raise Refused(Refusal("unknown_purchase"))
    return found


def _require(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal)


def _number_taken(tx: Transaction, number: str) -> bool:
    """Whether a purchase has that number, or a booking: both are said to the same people."""
    return store.number_taken(tx, number) or purchase_store.number_taken(tx, number)
