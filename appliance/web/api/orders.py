"""Orders: what was made together, shown, told and cancelled as one (DY-46, DY-49)."""

from collections.abc import Mapping
from typing import cast

import marshmallow as ma
from flask import Response, jsonify

from appliance.billing.terms import Method
from appliance.booking.actions.order_paying import OrderAccount, account_of_order, pay_order
from appliance.booking.actions.ordering import Ordered
from appliance.booking.booking_window import Channel
from appliance.booking.idempotency_store import Request
from appliance.booking.orders import total
from appliance.foundation.i18n import text
from appliance.foundation.instants import format_instant
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.identity.store import StaffMember
from appliance.storage.unit_of_work import Transaction
from appliance.web.api import order_schemas, schemas, shapes
from appliance.web.api.access import ANYBODY, STAFF
from appliance.web.api.complaints import Asked, one_of
from appliance.web.api.specification import Blueprint
from appliance.web.api.telling import told_together
from appliance.web.callers import Caller
from appliance.web.ownership import own_order
from appliance.web.problems import SENTENCES, refusal, sentence
from appliance.web.revoking import cancel_order_everywhere, revocation
from appliance.web.speaking import language
from appliance.web.unit import Unit


class OrderPaidSchema(Asked):
    """How what is due with an order came in."""

    method = ma.fields.String(required=True, validate=one_of(*Method))


def blueprint(unit: Unit) -> Blueprint:
    """`/orders`."""
    pages = Blueprint("orders", __name__, description="Bookings that were made together")
    zone = unit.desk.scope.zone

    @pages.get("/orders/<order_id>")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(schemas.OwnershipSchema(), location="query", as_kwargs=True)
    @pages.response(200, order_schemas.OrderSchema)
    def show(order_id: str, who: Caller, cancel_code: str, sig: str) -> Response:
        """An order with its bookings, for staff, by its signed link (`sig`) or with its code (`cancel_code`)."""
        found = own_order(unit, who, order_id, code=cancel_code, sig=sig)
        with unit.desk.book.read(unit.desk.scope) as tx:
            return jsonify(told_order(unit, tx, found))

    @pages.post("/orders/<order_id>/cancel")
    @pages.open_to(ANYBODY, unit)
    @pages.idempotent
    @pages.arguments(schemas.ProofSchema(), location="query", as_kwargs=True)
    @pages.arguments(schemas.CancelSchema())
    @pages.response(200, order_schemas.OrderSchema)
    def cancel(
        body: Mapping[str, object], order_id: str, who: Caller, asked: Request | None, cancel_code: str
    ) -> Response:
        """Cancel every booking of an order that may be cancelled; `kept` says which may not, and why."""
        found = own_order(unit, who, order_id, code=cast("str", body.get("cancel_code", "")) or cancel_code)
        ended = cancel_order_everywhere(unit, found.order.id, who, asked, waive_fee=body.get("waive_fee") is True)
        if isinstance(ended, Refusal):
            return refusal(ended, zone)
        kept = [
            {"id": booking_id, "reason": each.reason, "message": sentence(each, language(), zone)}
            for booking_id, each in ended.kept.items()
        ]
        with unit.desk.book.read(unit.desk.scope) as tx:
            told = told_order(unit, tx, ended.ordered)
        settled = shapes.settlement(ended.settlement, unit.desk.scope.currency)
        return jsonify(told | settled | {"kept": kept, "revocation": revocation(unit, ended.key_seq)})

    @pages.post("/orders/<order_id>/payments")
    @pages.open_to(STAFF, unit)
    @pages.idempotent
    @pages.arguments(OrderPaidSchema())
    @pages.response(201, order_schemas.OrderSchema)
    def pay(body: Mapping[str, object], order_id: str, who: StaffMember, asked: Request | None) -> Response:
        """Note that what is due with an order came in, as one; what waited for it is confirmed, with its keys."""
        own_order(unit, Caller(Channel.STAFF, who.actor, who), order_id)
        paid = pay_order(unit.desk, order_id, Method(cast("str", body["method"])), who.actor, asked)
        if isinstance(paid, Refusal):
            return refusal(paid, zone)
        with unit.desk.book.read(unit.desk.scope) as tx:
            return shapes.created(told_order(unit, tx, paid))

    return pages


def _payment(account: OrderAccount, currency: str) -> dict[str, object]:
    parts = {"due": account.due_now, "paid": account.paid, "owed": account.owed}
    shown = {name: shapes.money(Money(amount, currency)) for name, amount in parts.items()}
    return {"covers": "first" if account.first_only else "all", **shown}


def told_order(unit: Unit, tx: Transaction, made: Ordered) -> dict[str, object]:
    """An order with its bookings, as its owner is told."""
    order, zone = made.order, unit.desk.scope.zone
    link = f"{unit.public_url}/api/v1/orders/{order.id}?sig={unit.links.token(order.id)}"
    return {
        "id": order.id,
        "kind": str(order.kind),
        "total": shapes.money(total(made.bookings, unit.desk.scope.currency)),
        "payment": _payment(account_of_order(unit.desk, tx, made), unit.desk.scope.currency),
        "bookings": told_together(unit, tx, made.bookings),
        "skipped": [
            {
                "date": each.day,
                "wanted": None if each.wanted is None else format_instant(each.wanted, zone),
                "reason": each.reason,
                "message": text(language(), SENTENCES[each.reason]),
            }
            for each in order.skipped
        ],
        "cancel_code": unit.links.cancel_code(order.id),
        "links": {"self": link},
    }
