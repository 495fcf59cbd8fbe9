"""Purchases: what customers can buy, ordering it, and what staff do with what was ordered (DY-23)."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from flask import Response, jsonify

from appliance.billing import purchase_store
from appliance.billing.purchases import Purchase, PurchaseStatus
from appliance.billing.terms import Method
from appliance.booking.actions import purchasing
from appliance.booking.actions.purchasing import Bought
from appliance.booking.booking_window import Channel
from appliance.booking.idempotency_store import Request
from appliance.customers.contacts import Contact
from appliance.foundation.refusals import Refusal
from appliance.identity.store import StaffMember
from appliance.web.api import purchase_schemas as schemas
from appliance.web.api.access import ANYBODY, STAFF
from appliance.web.api.shapes import created
from appliance.web.api.specification import Blueprint
from appliance.web.callers import Caller
from appliance.web.ownership import own_purchase, purchase_page
from appliance.web.problems import refusal
from appliance.web.revoking import revocation
from appliance.web.sight import sight_now
from appliance.web.unit import Unit, catalogue_now


class OrderedBody(TypedDict):
    """What is ordered, as its schema hands it over."""

    product: str
    customer: Contact


class RefundBody(TypedDict):
    """A refund as its schema hands it over."""

    reason: str
    even_if_used: bool


class PurchasesQuery(TypedDict):
    """Which purchases, as its schema hands it over."""

    status: NotRequired[str]
    before: NotRequired[str]


def blueprint(unit: Unit) -> Blueprint:
    """`/products`, `/purchases` and `/customers/{id}/purchases`."""
    pages = Blueprint("purchases", __name__, description="Cards and subscriptions that customers buy")
    _add_ordering(pages, unit)
    _add_own(pages, unit)
    _add_selling(pages, unit)
    return pages


def _add_ordering(pages: Blueprint, unit: Unit) -> None:
    scope = unit.desk.scope

    @pages.get("/products")
    @pages.open_to(ANYBODY, unit)
    @pages.response(200, schemas.ManyForSaleSchema)
    def products(who: Caller) -> Response:
        """What can be bought: on the channel of the caller, and by staff for customers whatever is sold on one."""
        catalogue = catalogue_now()
        seen, tariff = catalogue.services_for(sight_now()), catalogue.tariff
        sold = tariff.products if who.channel is Channel.STAFF else tariff.sold_at(who.channel)
        shown = [
            schemas.for_sale_shape(each, product, seen, scope.currency)
            for each, product in sold.items()
            if product.sold_at
        ]
        return jsonify(products=shown)

    @pages.post("/purchases")
    @pages.open_to(ANYBODY, unit)
    @pages.idempotent
    @pages.arguments(schemas.OrderedSchema())
    @pages.response(201, schemas.PurchaseSchema)
    def order(body: OrderedBody, who: Caller, asked: Request | None) -> Response:
        """Order a card or subscription; it is the customer's once staff have noted its payment."""
        made = unit.sure_clock.refusal(unit.doors) or purchasing.order(
            unit.desk, body["product"], body["customer"], who.channel, who.actor, asked
        )
        return refusal(made, scope.zone) if isinstance(made, Refusal) else created(_changed(unit, made, who.staff))


def _add_own(pages: Blueprint, unit: Unit) -> None:
    zone = unit.desk.scope.zone

    @pages.get("/purchases/<purchase_id>")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(schemas.ProofOfPurchaseSchema(), location="query", as_kwargs=True)
    @pages.response(200, schemas.PurchaseSchema)
    def show(purchase_id: str, who: Caller, sig: str = "") -> Response:
        """A purchase, for staff or by its signed link (`sig`)."""
        return jsonify(_told(unit, own_purchase(unit, who, purchase_id, sig), who.staff))

    @pages.post("/purchases/<purchase_id>/cancel")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(schemas.ProofOfPurchaseSchema(), location="query", as_kwargs=True)
    @pages.response(200, schemas.PurchaseSchema)
    def cancel(purchase_id: str, who: Caller, sig: str = "") -> Response:
        """Give up a purchase that is not paid."""
        own_purchase(unit, who, purchase_id, sig)
        ended = purchasing.cancel(unit.desk, purchase_id, who.actor)
        return refusal(ended, zone) if isinstance(ended, Refusal) else jsonify(_told(unit, ended.purchase, who.staff))


def _add_selling(pages: Blueprint, unit: Unit) -> None:
    zone = unit.desk.scope.zone

    @pages.get("/purchases")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.PurchasesQuerySchema(), location="query")
    @pages.response(200, schemas.PurchasesSchema)
    def every(query: PurchasesQuery, who: StaffMember) -> Response:
        """Purchases, the newest first, a hundred a page; `before` of the answer asks for the next."""
        status = PurchaseStatus(query["status"]) if "status" in query else None
        with unit.desk.book.read(unit.desk.scope) as tx:
            found = purchase_store.page(tx, status, query.get("before"))
        before = found[-1].id if len(found) == purchase_store.PAGE else None
        return jsonify(purchases=[_told(unit, each, who) for each in found], before=before)

    @pages.post("/purchases/<purchase_id>/payments")
    @pages.open_to(STAFF, unit)
    @pages.idempotent
    @pages.arguments(schemas.PaidSchema())
    @pages.response(201, schemas.PurchaseSchema)
    def pay(body: Mapping[str, str], purchase_id: str, who: StaffMember, asked: Request | None) -> Response:
        """Note that all of its price came in, also late: it is the customer's from now on."""
        paid = purchasing.pay(unit.desk, purchase_id, Method(body["method"]), who.actor, asked)
        return refusal(paid, zone) if isinstance(paid, Refusal) else created(_changed(unit, paid, who))

    @pages.post("/purchases/<purchase_id>/refund")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.RefundSchema())
    @pages.response(200, schemas.PurchaseSchema)
    def refund(body: RefundBody, purchase_id: str, who: StaffMember) -> Response:
        """Undo a purchase that was paid: what it gave ends now, and the money is to be given back."""
        undone = purchasing.refund(unit.desk, purchase_id, body["reason"], who.actor, even_if_used=body["even_if_used"])
        return refusal(undone, zone) if isinstance(undone, Refusal) else jsonify(_changed(unit, undone, who))

    @pages.post("/customers/<customer>/purchases")
    @pages.open_to(STAFF, unit)
    @pages.idempotent
    @pages.arguments(schemas.SoldSchema())
    @pages.response(201, schemas.PurchaseSchema)
    def sell(body: Mapping[str, str], customer: str, who: StaffMember, asked: Request | None) -> Response:
        """Sell on the spot: ordered, paid and the customer's in one step."""
        method = Method(body["method"])
        sold = purchasing.sell(unit.desk, body["product"], customer, method, who.actor, asked)
        return refusal(sold, zone) if isinstance(sold, Refusal) else created(_changed(unit, sold, who))


def _changed(unit: Unit, bought: Bought, staff: StaffMember | None) -> dict[str, object]:
    return _told(unit, bought.purchase, staff) | {"in_force": revocation(unit, bought.key_seq)}


def _told(unit: Unit, bought: Purchase, staff: StaffMember | None) -> dict[str, object]:
    link = f"{unit.public_url}/api/v1/purchases/{bought.id}?sig={unit.links.token(bought.id)}"
    told = schemas.purchase_shape(bought, unit.desk.scope, link, purchase_page(unit, bought.id))
    return told if staff is None else told | {"customer": bought.customer_id, "reason": bought.reason}
