"""Selling and granting entitlements, and correcting what is left of them, by staff (DY-23, DY-36, DY-37, SB-26)."""

from dataclasses import dataclass, replace

from appliance.billing import entitlement_store
from appliance.billing.entitlement_store import Entitlement
from appliance.billing.entitlements import Holding, Product
from appliance.billing.tariff_store import PRODUCTS
from appliance.booking import idempotency_store
from appliance.booking.actions.desk import Desk
from appliance.booking.idempotency_store import Request
from appliance.customers.store import is_known
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.instants import Instant
from appliance.foundation.refusals import Refusal
from appliance.storage import versioned
from appliance.storage.unit_of_work import Refused, Transaction, refusable

NO_PRODUCT = FieldError("product", "unknown", marked("There is no such entitlement product."))


@dataclass(frozen=True, slots=True)
class Held:
    """An entitlement with its product, and the journal entry that the doors must reach for a change of it; or None."""

    holding: Holding
    product: Product
    key_seq: int | None = None


def held_by(desk: Desk, customer_id: str) -> list[Held] | None:
    """Everything that a customer holds or held, with what is left for a booking now; None for one nobody knows."""
    with desk.book.read(desk.scope) as tx:
        return _held(desk, tx, customer_id) if is_known(tx, customer_id) else None


@refusable
def grant(
    desk: Desk,
    customer_id: str,
    product_id: str,
    starts: Instant | None,
    reason: str,
    actor: str,
    request: Request | None = None,
) -> Held:
    """Give a customer an entitlement, from now on unless it `starts` at another time. Refused as `unknown_customer`.

    Invalid for a product that is not sold. The same request twice grants once.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if not is_known(tx, customer_id):
            raise Refused(Refusal("unknown_customer"))
        made, seq = idempotency_store.seen(tx, request) if request is not None else None, None
        if made is None:
            sold = versioned.found(tx, PRODUCTS, product_id)
            if sold is None or sold.archived:
                raise Invalid(NO_PRODUCT)
            begins = tx.now if starts is None else starts
            made = entitlement_store.grant(tx, customer_id, sold.id, sold.value, begins, reason).id
            seq = desk.consequences.entitled(tx, customer_id)
            if request is not None:
                idempotency_store.remember(tx, request, made)
        return replace(_one(desk, tx, customer_id, made), key_seq=seq)


@refusable
def end(desk: Desk, customer_id: str, entitlement_id: str, reason: str, actor: str) -> Held:
    """Let an entitlement be good for nothing from now on; one that has ended stays so.

    Refused as `unknown_entitlement`. Bookings that it paid for stay.
    """
    with desk.book.write(desk.scope, actor) as tx:
        held = entitlement_store.by_id(tx, entitlement_id)
        if held is None or held.customer_id != customer_id:
            raise Refused(Refusal("unknown_entitlement"))
        seq = end_now(desk, tx, held.id, reason)
        return replace(_one(desk, tx, customer_id, held.id), key_seq=seq)


def end_now(desk: Desk, tx: Transaction, entitlement_id: str, reason: str) -> int | None:
    """The same in a transaction that is open; the journal seq that the doors must reach, None when nothing ended."""
    held = entitlement_store.by_id(tx, entitlement_id)
    if held is None or held.ended_at is not None or (held.ends is not None and held.ends <= tx.now):
        return None
    entitlement_store.end(tx, held, reason)
    return desk.consequences.entitled(tx, held.customer_id)


@refusable
def correct(
    desk: Desk,
    customer_id: str,
    entitlement_id: str,
    delta: int,
    reason: str,
    actor: str,
    request: Request | None = None,
) -> Held:
    """Add clips to a card, or take some off. Refused as `unknown_entitlement`, `not_clips` or `no_clips_left`."""
    with desk.book.write(desk.scope, actor) as tx:
        held = entitlement_store.by_id(tx, entitlement_id)
        if held is None or held.customer_id != customer_id:
            raise Refused(Refusal("unknown_entitlement"))
        if request is None or idempotency_store.seen(tx, request) is None:
            _require_clips(held)
            entitlement_store.write(tx, held.id, delta, reason)
            if request is not None:
                idempotency_store.remember(tx, request, held.id)
        return _one(desk, tx, customer_id, held.id)


def _require_clips(held: Entitlement) -> None:
    if held.kind != "clips":
        raise Refused(Refusal("not_clips"))


def _held(desk: Desk, tx: Transaction, customer_id: str) -> list[Held]:
    products = desk.catalogues.current(tx).tariff.products
    found = entitlement_store.holdings(tx, customer_id, tx.now)
    return [Held(each, products[each.product_id]) for each in found.all]


def _one(desk: Desk, tx: Transaction, customer_id: str, entitlement_id: str) -> Held:
    return next(each for each in _held(desk, tx, customer_id) if each.holding.id == entitlement_id)
