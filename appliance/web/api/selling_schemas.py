"""What the API takes and tells of payment terms, fees and entitlement products."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from appliance.billing.entitlements import Per, Product, ProductKind, UseLimit
from appliance.billing.fees import FeeProduct
from appliance.billing.prices import LARGEST_AMOUNT
from appliance.billing.terms import LONGEST_WAIT_MINUTES, CustomerTerms, PaymentTerms, Policy
from appliance.booking.booking_window import Channel
from appliance.foundation.i18n import marked
from appliance.web.api.complaints import MISSING, Asked, Complaint, one_of
from appliance.web.api.editing import EditedSchema
from appliance.web.api.fields import TrueOrFalse, bounded, counted, named, service_name
from appliance.web.api.standing_schemas import (
    StandingAccessAnswerSchema,
    StandingAccessSchema,
    access_of,
    access_shape,
)
from appliance.web.unit import catalogue_now

NAME_LIMIT = 120
ACCOUNT_LIMIT = 20
SOLD_AT = (Channel.PUBLIC, Channel.KIOSK)
_NOT_OF_THIS_KIND = Complaint("out_of_range", marked("This does not belong to this kind of product."))
_TWICE = Complaint("twice", marked("Name each only once."))


class PaymentTermsSchema(Asked):
    """How a service is paid: `free`, `on_site`, `prepay`, `deposit` (a percent of the price) or `invoice`."""

    service = service_name(required=True)
    policy = ma.fields.String(required=True, validate=one_of(*Policy))
    deposit_percent = counted(1, 100)
    pay_within_minutes = counted(1, LONGEST_WAIT_MINUTES)
    account = bounded(ACCOUNT_LIMIT)


class PaymentTermsAnswerSchema(EditedSchema):
    """How a service is paid, as it stands."""

    service = ma.fields.String(required=True)
    policy = ma.fields.String(required=True)
    deposit_percent = ma.fields.Integer(required=True)
    pay_within_minutes = ma.fields.Integer(required=True)
    account = ma.fields.String(required=True)


class CustomerTermsSchema(Asked):
    """What a customer is trusted with; `credit_limit` in minor units, null without end."""

    customer = bounded(60, required=True)
    may_be_invoiced = TrueOrFalse(required=True)
    credit_limit = counted(0, LARGEST_AMOUNT, allow_none=True)


class CustomerTermsAnswerSchema(EditedSchema):
    """What a customer is trusted with, as it stands."""

    customer = ma.fields.String(required=True)
    may_be_invoiced = ma.fields.Boolean(required=True)
    credit_limit = ma.fields.Integer(required=True, allow_none=True)


class FeeProductSchema(Asked):
    """What an invoice calls a cancellation fee here, its ledger account and its VAT."""

    name = named(NAME_LIMIT)
    account = bounded(ACCOUNT_LIMIT, required=True)
    vat_percent = counted(0, 100, required=True)


class FeeProductAnswerSchema(EditedSchema):
    """The fee product as it stands."""

    name = ma.fields.String(required=True)
    account = ma.fields.String(required=True)
    vat_percent = ma.fields.Integer(required=True)


class CoveredSchema(Asked):
    """A service that an entitlement pays, in percent of its price."""

    service = service_name(required=True)
    percent = counted(1, 100, required=True)


class LimitSchema(Asked):
    """At most so many uses per week or month, counted by the start of bookings; `rolling` is any 7 or 30 days."""

    most = counted(1, 1000, required=True)
    per = ma.fields.String(required=True, validate=one_of(*Per))
    rolling = TrueOrFalse(load_default=False)


class ProductSchema(Asked):
    """An entitlement product: `clips` (a card of `clips`) or `subscription` (with or without a `limit`).

    amount: the price of a card or of a period, in minor units. returns_late: whether a use comes back at a late cancel
    and a no-show too. grace_days: how long what comes back near the end is good behind it. access: of a subscription,
    what its holders' cards open without a booking. sold_at: where customers buy it themselves, on the `public` web or
    at the `kiosk`.
    """

    name = named(NAME_LIMIT)
    kind = ma.fields.String(required=True, validate=one_of(*ProductKind))
    amount = counted(0, LARGEST_AMOUNT, required=True)
    vat_percent = counted(0, 100, required=True)
    account = bounded(ACCOUNT_LIMIT)
    clips = counted(1, 10_000, allow_none=True)
    valid_days = counted(1, 3660, allow_none=True)
    limit = ma.fields.Nested(LimitSchema, allow_none=True)
    covers = ma.fields.List(ma.fields.Nested(CoveredSchema))
    returns_late = TrueOrFalse(load_default=False)
    grace_days = counted(0, 366)
    access = ma.fields.Nested(StandingAccessSchema, allow_none=True)
    sold_at = ma.fields.List(ma.fields.String(validate=one_of(*SOLD_AT)))

    @ma.validates_schema(skip_on_field_errors=True)
    def _fits_together(self, data: Mapping[str, Any], **_options: object) -> None:
        wrong: dict[str, Any] = {}
        is_card = data["kind"] == ProductKind.CLIPS
        if is_card and data.get("clips") is None:
            wrong["clips"] = [MISSING]
        if not is_card and data.get("clips") is not None:
            wrong["clips"] = [_NOT_OF_THIS_KIND]
        if is_card and data.get("limit") is not None:
            wrong["limit"] = [_NOT_OF_THIS_KIND]
        if is_card and access_of(data.get("access")) is not None:
            wrong["access"] = {"doors": [_NOT_OF_THIS_KIND]}
        services = [_service_id(each["service"]) for each in data.get("covers", ())]
        if len(set(services)) < len(services):
            wrong["covers"] = [_TWICE]
        if wrong:
            raise ma.ValidationError(wrong)


class ProductAnswerSchema(EditedSchema):
    """An entitlement product as it stands; `in_force`, after a change: whether the doors know, `done` or `pending`."""

    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    amount = ma.fields.Integer(required=True)
    vat_percent = ma.fields.Integer(required=True)
    account = ma.fields.String(required=True)
    clips = ma.fields.Integer(required=True, allow_none=True)
    valid_days = ma.fields.Integer(required=True, allow_none=True)
    limit = ma.fields.Dict(required=True, allow_none=True)
    covers = ma.fields.List(ma.fields.Dict(), required=True)
    returns_late = ma.fields.Boolean(required=True)
    grace_days = ma.fields.Integer(required=True)
    access = ma.fields.Nested(StandingAccessAnswerSchema, required=True, allow_none=True)
    sold_at = ma.fields.List(ma.fields.String(), required=True)
    in_force = ma.fields.String()


def terms_of(body: Mapping[str, Any]) -> PaymentTerms:
    """The payment terms that a body describes."""
    return PaymentTerms(
        _service_id(body["service"]),
        Policy(body["policy"]),
        body.get("deposit_percent", 100),
        body.get("pay_within_minutes", 30),
        body.get("account", ""),
    )


def terms_shape(terms: PaymentTerms) -> dict[str, object]:
    """Payment terms as the API tells them."""
    return {
        "service": terms.service_id,
        "policy": str(terms.policy),
        "deposit_percent": terms.deposit_percent,
        "pay_within_minutes": terms.pay_within_minutes,
        "account": terms.account,
    }


def customer_terms_of(body: Mapping[str, Any]) -> CustomerTerms:
    """What a body says of a customer."""
    return CustomerTerms(body["customer"], body["may_be_invoiced"], body.get("credit_limit"))


def customer_terms_shape(terms: CustomerTerms) -> dict[str, object]:
    """What a customer is trusted with as the API tells it."""
    return {
        "customer": terms.customer_id,
        "may_be_invoiced": terms.may_be_invoiced,
        "credit_limit": terms.credit_limit,
    }


def fee_product_of(body: Mapping[str, Any]) -> FeeProduct:
    """The fee product that a body describes."""
    return FeeProduct(body["name"], body["account"], body["vat_percent"])


def fee_product_shape(product: FeeProduct) -> dict[str, object]:
    """The fee product as the API tells it."""
    return {"name": product.name, "account": product.account, "vat_percent": product.vat_percent}


def product_of(body: Mapping[str, Any]) -> Product:
    """The entitlement product that a body describes."""
    limit = body.get("limit")
    return Product(
        name=body["name"],
        kind=ProductKind(body["kind"]),
        amount=body["amount"],
        vat_percent=body["vat_percent"],
        account=body.get("account", ""),
        clips=body.get("clips"),
        valid_days=body.get("valid_days"),
        limit=UseLimit(limit["most"], Per(limit["per"]), limit["rolling"]) if limit else None,
        covers={_service_id(each["service"]): each["percent"] for each in body.get("covers", ())},
        returns_late=body["returns_late"],
        grace_days=body.get("grace_days", 0),
        access=access_of(body.get("access")),
        sold_at=frozenset(body.get("sold_at", ())),
    )


def product_shape(product: Product) -> dict[str, object]:
    """An entitlement product as the API tells it."""
    limit = product.limit
    return {
        "name": product.name,
        "kind": str(product.kind),
        "amount": product.amount,
        "vat_percent": product.vat_percent,
        "account": product.account,
        "clips": product.clips,
        "valid_days": product.valid_days,
        "limit": {"most": limit.most, "per": str(limit.per), "rolling": limit.is_rolling} if limit else None,
        "covers": [{"service": each, "percent": percent} for each, percent in sorted(product.covers.items())],
        "returns_late": product.returns_late,
        "grace_days": product.grace_days,
        "access": access_shape(product.access),
        "sold_at": sorted(product.sold_at),
    }


def _service_id(name: str) -> str:
    service = catalogue_now().service(name)
    return service.id if service is not None else name
