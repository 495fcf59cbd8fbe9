"""Payments that staff take, and entitlements that they sell or grant (DY-21, DY-22, DY-23, DY-37)."""

from typing import NotRequired, TypedDict

import marshmallow as ma
from flask import Response, jsonify

from appliance.billing.prices import LARGEST_AMOUNT
from appliance.billing.terms import Method
from appliance.booking.actions import granting, paying
from appliance.booking.actions.granting import Held
from appliance.booking.actions.paying import Account, Payment
from appliance.booking.booking_window import Channel
from appliance.booking.idempotency_store import Request
from appliance.foundation.i18n import marked
from appliance.foundation.instants import Instant, format_instant
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.identity.store import StaffMember
from appliance.web.api import shapes
from appliance.web.api.access import STAFF
from appliance.web.api.complaints import Asked, Complaint, one_of
from appliance.web.api.fields import InstantField, MoneySchema, WholeNumber, bounded, counted
from appliance.web.api.price_lines import LeftSchema
from appliance.web.api.specification import Blueprint
from appliance.web.api.standing_schemas import StandingAccessAnswerSchema, access_shape
from appliance.web.callers import Caller
from appliance.web.ownership import own_booking
from appliance.web.problems import NotFound, refusal
from appliance.web.revoking import revocation
from appliance.web.unit import Unit

REASON_LIMIT = 200
_SOMETHING = Complaint("out_of_range", marked("Choose a number other than 0, from -10000 to 10000."))


class PaymentSchema(Asked):
    """Money that came in; without an `amount` all that is owed, in minor units."""

    method = ma.fields.String(required=True, validate=one_of(*Method))
    amount = counted(1, LARGEST_AMOUNT)


class AccountSchema(ma.Schema):
    """Where a booking stands."""

    booking = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    price = ma.fields.Nested(MoneySchema, required=True)
    paid = ma.fields.Nested(MoneySchema, required=True)
    owed = ma.fields.Nested(MoneySchema, required=True)


class GrantSchema(Asked):
    """What a customer is sold or granted, by the id of the product, and why."""

    product = bounded(60, required=True)
    starts = InstantField()
    reason = bounded(REASON_LIMIT, required=True)


class CorrectionSchema(Asked):
    """Clips more, or less below zero, and why."""

    delta = WholeNumber(strict=True, required=True, validate=lambda delta: _is_something(delta))
    reason = bounded(REASON_LIMIT, required=True)


class HeldSchema(LeftSchema):
    """An entitlement that a customer holds or held. access: what their cards open with it, without a booking, while it
    is good. `in_force`, after a change: whether the doors know, `done` or `pending`."""

    product = ma.fields.String(required=True)
    starts = ma.fields.String(required=True)
    access = ma.fields.Nested(StandingAccessAnswerSchema, required=True, allow_none=True)
    in_force = ma.fields.String()


class EndSchema(Asked):
    """Why it ends now."""

    reason = bounded(REASON_LIMIT, required=True)


class HoldingsSchema(ma.Schema):
    """Everything that a customer holds or held."""

    entitlements = ma.fields.List(ma.fields.Nested(HeldSchema), required=True)


class PaymentBody(TypedDict):
    """A payment as its schema hands it over."""

    method: str
    amount: NotRequired[int]


class GrantBody(TypedDict):
    """A grant as its schema hands it over."""

    product: str
    starts: NotRequired[Instant]
    reason: str


class CorrectionBody(TypedDict):
    """A correction as its schema hands it over."""

    delta: int
    reason: str


class EndBody(TypedDict):
    """An end as its schema hands it over."""

    reason: str


def blueprint(unit: Unit) -> Blueprint:
    """`/bookings/{id}/payments` and `/customers/{id}/entitlements`."""
    pages = Blueprint("payments", __name__, description="Payments and entitlements")
    _add_payments(pages, unit)
    _add_entitlements(pages, unit)
    return pages


def _add_payments(pages: Blueprint, unit: Unit) -> None:
    @pages.post("/bookings/<booking_id>/payments")
    @pages.open_to(STAFF, unit)
    @pages.idempotent
    @pages.arguments(PaymentSchema())
    @pages.response(201, AccountSchema)
    def pay(body: PaymentBody, booking_id: str, who: StaffMember, asked: Request | None) -> Response:
        """Note a payment; a booking that waited for it is confirmed, with its keys, once enough came in."""
        payment = Payment(Method(body["method"]), body.get("amount"))
        paid = paying.pay(unit.desk, booking_id, payment, who.actor, asked)
        if isinstance(paid, Refusal):
            return refusal(paid, unit.desk.scope.zone)
        return shapes.created(_account(paid))

    @pages.get("/bookings/<booking_id>/payments")
    @pages.open_to(STAFF, unit)
    @pages.response(200, AccountSchema)
    def stands(booking_id: str, who: StaffMember) -> Response:
        """What was paid for a booking, and what is owed."""
        found = own_booking(unit, Caller(Channel.STAFF, who.actor, who), booking_id)
        return jsonify(_account(paying.account_of(unit.desk, found)))


def _add_entitlements(pages: Blueprint, unit: Unit) -> None:
    zone = unit.desk.scope.zone

    @pages.get("/customers/<customer>/entitlements")
    @pages.open_to(STAFF, unit)
    @pages.response(200, HoldingsSchema)
    def held(customer: str, who: StaffMember) -> Response:
        """What a customer holds or held, and what is left of it for a booking now."""
        found = granting.held_by(unit.desk, customer)
        if found is None:
            raise NotFound
        return jsonify(entitlements=[_held(unit, each) for each in found])

    @pages.post("/customers/<customer>/entitlements")
    @pages.open_to(STAFF, unit)
    @pages.idempotent
    @pages.arguments(GrantSchema())
    @pages.response(201, HeldSchema)
    def grant(body: GrantBody, customer: str, who: StaffMember, asked: Request | None) -> Response:
        """Give a customer an entitlement, from now on or from `starts`."""
        starts, reason = body.get("starts"), body["reason"]
        made = granting.grant(unit.desk, customer, body["product"], starts, reason, who.actor, asked)
        return refusal(made, zone) if isinstance(made, Refusal) else shapes.created(_changed(unit, made))

    @pages.post("/customers/<customer>/entitlements/<entitlement>/end")
    @pages.open_to(STAFF, unit)
    @pages.arguments(EndSchema())
    @pages.response(200, HeldSchema)
    def end(body: EndBody, customer: str, entitlement: str, who: StaffMember) -> Response:
        """Let an entitlement end now; its keys open nothing any more when the answer says `"in_force": "done"`."""
        ended = granting.end(unit.desk, customer, entitlement, body["reason"], who.actor)
        return refusal(ended, zone) if isinstance(ended, Refusal) else jsonify(_changed(unit, ended))

    @pages.post("/customers/<customer>/entitlements/<entitlement>/corrections")
    @pages.open_to(STAFF, unit)
    @pages.idempotent
    @pages.arguments(CorrectionSchema())
    @pages.response(201, HeldSchema)
    def correct(
        body: CorrectionBody, customer: str, entitlement: str, who: StaffMember, asked: Request | None
    ) -> Response:
        """Add clips to a card, or take some off; below zero is refused as `no_clips_left`."""
        delta, reason = body["delta"], body["reason"]
        made = granting.correct(unit.desk, customer, entitlement, delta, reason, who.actor, asked)
        return refusal(made, zone) if isinstance(made, Refusal) else shapes.created(_held(unit, made))


def _account(account: Account) -> dict[str, object]:
    booked = account.booking
    return {
        "booking": booked.id,
        "status": str(booked.status),
        "price": shapes.money(booked.price),
        "paid": shapes.money(Money(account.paid, booked.price.currency)),
        "owed": shapes.money(Money(account.owed, booked.price.currency)),
    }


def _held(unit: Unit, held: Held) -> dict[str, object]:
    zone = unit.desk.scope.zone
    return {
        **shapes.left(held.holding, held.product, unit.clock.now(), zone),
        "product": held.holding.product_id,
        "starts": format_instant(held.holding.starts, zone),
        "access": access_shape(held.product.access),
    }


def _changed(unit: Unit, held: Held) -> dict[str, object]:
    return _held(unit, held) | {"in_force": revocation(unit, held.key_seq)}


def _is_something(delta: int) -> None:
    if delta == 0 or abs(delta) > 10_000:
        raise ma.ValidationError(_SOMETHING)
