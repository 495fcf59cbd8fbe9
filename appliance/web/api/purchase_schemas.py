"""What the API takes and tells of purchases and of what customers can buy."""

from collections.abc import Iterable

import marshmallow as ma

from appliance.billing.entitlements import Product, ProductKind
from appliance.billing.purchases import Purchase, PurchaseStatus
from appliance.billing.terms import Method
from appliance.booking.services import Service
from appliance.foundation.instants import format_instant
from appliance.foundation.money import Money
from appliance.foundation.scope import Scope
from appliance.web.api import shapes
from appliance.web.api.complaints import Asked, one_of
from appliance.web.api.fields import MoneySchema, TrueOrFalse, bounded
from appliance.web.api.schemas import CustomerSchema
from appliance.web.api.selling_schemas import CoveredSchema

ID_LIMIT = 60
REASON_LIMIT = 200


class ForSaleSchema(ma.Schema):
    """A product that can be bought: its price with the VAT in it, how long it is good, and what it pays for."""

    id = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True, validate=one_of(*ProductKind))
    price = ma.fields.Nested(MoneySchema, required=True)
    vat = ma.fields.Nested(MoneySchema, required=True)
    vat_percent = ma.fields.Integer(required=True)
    clips = ma.fields.Integer(required=True, allow_none=True)
    valid_days = ma.fields.Integer(required=True, allow_none=True)
    limit = ma.fields.Dict(required=True, allow_none=True)
    covers = ma.fields.List(ma.fields.Nested(CoveredSchema), required=True)


class ManyForSaleSchema(ma.Schema):
    """Everything that the caller can buy."""

    products = ma.fields.List(ma.fields.Nested(ForSaleSchema), required=True)


class OrderedSchema(Asked):
    """What is bought, by the id of the product, and for whom: the one who books with the very same contact."""

    product = bounded(ID_LIMIT, required=True)
    customer = ma.fields.Nested(CustomerSchema, required=True)


class SoldSchema(Asked):
    """What staff sell to a customer, and how it is paid."""

    product = bounded(ID_LIMIT, required=True)
    method = ma.fields.String(required=True, validate=one_of(*Method))


class PaidSchema(Asked):
    """How all of it came in."""

    method = ma.fields.String(required=True, validate=one_of(*Method))


class RefundSchema(Asked):
    """Why it is undone; `even_if_used` where it has paid for bookings, which stay paid."""

    reason = bounded(REASON_LIMIT, required=True)
    even_if_used = TrueOrFalse(load_default=False)


class ProofOfPurchaseSchema(Asked):
    """The signature of the purchase's own link; staff need none."""

    sig = bounded(ID_LIMIT)


class PurchasesQuerySchema(Asked):
    """Which purchases: those that stand at a status, older than the one with the id `before`."""

    status = ma.fields.String(validate=one_of(*PurchaseStatus))
    before = bounded(ID_LIMIT)


class PurchaseSchema(ma.Schema):
    """A purchase. `pay_by`: until when it waits for its payment. `entitlement`: what is held once it is paid.

    method: how it was paid. links: `self` and `page` lead its customer here. in_force, after a change that concerns
    doors: whether they know, `done` or `pending`. customer: by id, for staff.
    """

    id = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    status = ma.fields.String(required=True, validate=one_of(*PurchaseStatus))
    product = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    price = ma.fields.Nested(MoneySchema, required=True)
    vat = ma.fields.Nested(MoneySchema, required=True)
    vat_percent = ma.fields.Integer(required=True)
    channel = ma.fields.String(required=True)
    created_at = ma.fields.String(required=True)
    pay_by = ma.fields.String(required=True, allow_none=True)
    method = ma.fields.String(required=True, allow_none=True)
    entitlement = ma.fields.String(required=True, allow_none=True)
    links = ma.fields.Dict(required=True)
    customer = ma.fields.String()
    reason = ma.fields.String(allow_none=True)
    in_force = ma.fields.String()


class PurchasesSchema(ma.Schema):
    """A page of purchases, the newest first; `before` asks for the next one."""

    purchases = ma.fields.List(ma.fields.Nested(PurchaseSchema), required=True)
    before = ma.fields.String(required=True, allow_none=True)


def for_sale_shape(product_id: str, product: Product, seen: Iterable[Service], currency: str) -> dict[str, object]:
    """A product as the API offers it; of what it pays for only the services that the caller has `seen`."""
    price, known = Money(product.amount, currency), {each.id for each in seen}
    limit = product.limit
    return {
        "id": product_id,
        "name": product.name,
        "kind": str(product.kind),
        "price": shapes.money(price),
        "vat": shapes.money(price.vat_within(product.vat_percent)),
        "vat_percent": product.vat_percent,
        "clips": product.clips,
        "valid_days": product.valid_days,
        "limit": {"most": limit.most, "per": str(limit.per), "rolling": limit.is_rolling} if limit else None,
        "covers": [
            {"service": service_id, "percent": percent}
            for service_id, percent in sorted(product.covers.items())
            if service_id in known
        ],
    }


def purchase_shape(bought: Purchase, scope: Scope, link: str, page: str) -> dict[str, object]:
    """A purchase as its customer is told; `link` is where their program finds it, `page` where their phone does."""
    price, zone = Money(bought.amount, scope.currency), scope.zone
    return {
        "id": bought.id,
        "number": bought.number,
        "status": str(bought.status),
        "product": bought.product_id,
        "name": bought.name,
        "price": shapes.money(price),
        "vat": shapes.money(price.vat_within(bought.vat_percent)),
        "vat_percent": bought.vat_percent,
        "channel": bought.channel,
        "created_at": format_instant(bought.created_at, zone),
        "pay_by": format_instant(bought.expires_at, zone) if bought.expires_at is not None else None,
        "method": None if bought.method is None else str(bought.method),
        "entitlement": bought.entitlement_id,
        "links": {"self": link, "page": page},
    }
