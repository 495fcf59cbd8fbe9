"""Booking rules, for staff: edit them, ask why a time cannot be booked, pardon missed bookings (BRP-01 to BRP-22)."""

from collections.abc import Iterable, Mapping
from typing import Any, NotRequired, TypedDict
from zoneinfo import ZoneInfo

import marshmallow as ma
from flask import Response, jsonify

from appliance.billing.tariff_store import FEE_PRODUCTS
from appliance.booking.actions import explaining
from appliance.booking.actions.desk import Wish
from appliance.booking.actions.editing import Rules
from appliance.booking.actions.explaining import Explanation
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.booking_window import Channel
from appliance.booking.deciding import Finding
from appliance.booking.rule_store import RULES, is_rule_used
from appliance.booking.rules import BookingRule, mistakes
from appliance.customers.store import pardon
from appliance.foundation.errors import FieldError
from appliance.foundation.instants import Instant, format_instant
from appliance.foundation.refusals import Refusal
from appliance.identity.store import StaffMember
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction
from appliance.web.api import rule_schemas
from appliance.web.api.access import STAFF
from appliance.web.api.complaints import Asked, one_of
from appliance.web.api.editing import Editing, add_editing
from appliance.web.api.fields import InstantField, bounded, counted, named, resource_name, service_name
from appliance.web.api.specification import Blueprint
from appliance.web.problems import NotFound, sentence
from appliance.web.sight import sight_now
from appliance.web.speaking import language
from appliance.web.unit import Unit


class WishQuerySchema(Asked):
    """A wish that is only asked about."""

    service = service_name(required=True)
    start = InstantField(required=True)
    channel = ma.fields.String(validate=one_of(*Channel), load_default=str(Channel.PUBLIC))
    duration = counted(1, 1440, in_query=True)
    quantity = counted(1, 1000, in_query=True)
    resource = resource_name()
    customer = bounded(60)


class WishQuery(TypedDict):
    """The same, as its schema hands it over."""

    service: str
    start: Instant
    channel: str
    duration: NotRequired[int]
    quantity: NotRequired[int]
    resource: NotRequired[str]
    customer: NotRequired[str]


class LineSchema(ma.Schema):
    """One line of a rule: whether it lets the wish through, and the numbers that it went by."""

    line = ma.fields.String(required=True)
    holds = ma.fields.Boolean(required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    message = ma.fields.String(required=True, allow_none=True)
    passes_at = ma.fields.String(required=True, allow_none=True)
    facts = ma.fields.Dict(required=True)


class WhyNotSchema(ma.Schema):
    """Whether a wish would be taken now, and every line of the rule in force that was asked."""

    allowed = ma.fields.Boolean(required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    message = ma.fields.String(required=True, allow_none=True)
    passes_at = ma.fields.String(required=True, allow_none=True)
    rule = ma.fields.Dict(required=True)
    lines = ma.fields.List(ma.fields.Nested(LineSchema), required=True)


class PardonSchema(Asked):
    """Why missed bookings are forgiven."""

    reason = named(200)


def blueprint(unit: Unit) -> Blueprint:
    """`/booking-rules`, `/why-not`, `/customers/{id}/pardon`."""
    pages = Blueprint("rules", __name__, description="What may be booked and cancelled when, and why not")
    add_editing(pages, unit, rule_editing(unit))

    @pages.get("/why-not")
    @pages.open_to(STAFF, unit)
    @pages.arguments(WishQuerySchema(), location="query")
    @pages.response(200, WhyNotSchema)
    def why_not(query: WishQuery, who: StaffMember) -> Response:
        """What somebody would be told who books this now, line by line of the rule that is in force for them."""
        wish = Wish(
            query["service"],
            query["start"],
            Channel(query["channel"]),
            query.get("duration"),
            query.get("quantity", 1),
            query.get("resource"),
            customer_id=query.get("customer"),
            sight=sight_now(),
        )
        return jsonify(_told(explaining.explain(unit.desk, wish), unit.desk.scope.zone))

    @pages.post("/customers/<customer_id>/pardon")
    @pages.open_to(STAFF, unit)
    @pages.arguments(PardonSchema())
    @pages.response(204)
    def forgive(body: Mapping[str, Any], customer_id: str, who: StaffMember) -> Response:
        """Forgive a customer every booking that was missed so far."""
        with unit.desk.book.write(unit.desk.scope, f"staff:{who.id}") as tx:
            if not pardon(tx, customer_id, body["reason"]):
                raise NotFound
        return Response(status=204)

    return pages


def rule_editing(unit: Unit) -> Editing[BookingRule]:
    """Booking rules as staff edit them."""
    return Editing(
        "booking-rules",
        RULES,
        rule_schemas.RuleSchema,
        rule_schemas.RuleAnswerSchema,
        rule_schemas.rule_of_body,
        lambda rule: rule_schemas.rule_shape(rule) | _links(unit, rule),
        Rules(_mistakes, is_rule_used),
    )


def _mistakes(tx: Transaction, rule: BookingRule, rule_id: str | None) -> Iterable[FieldError]:
    """What does not fit together, and a name that another rule has."""
    others = {each.id: each.value for each in versioned.listed(tx, RULES, archived=True) if each.id != rule_id}
    if any(other.name == rule.name for other in others.values()):
        yield rule_schemas.NAME_TAKEN
    costs = any(tier.percent for tier in rule.cancelling.tiers)
    if costs and not versioned.listed(tx, FEE_PRODUCTS):
        yield rule_schemas.NO_FEE_PRODUCT
    yield from mistakes(rule_schemas.named_as(rule, rule_id), others)


def _links(unit: Unit, rule: BookingRule) -> dict[str, object]:
    """Which services go by a rule, and a warning when nothing does (BRP-02)."""
    catalogue = current_catalogue(unit.desk)
    rule_id = next((each.id for each in catalogue.rules.values() if each.name == rule.name), "")
    services = [each.slug for each in catalogue.services if catalogue.rule(each).id == rule_id]
    swapped = any(swap.rule_id == rule_id for each in catalogue.rules.values() for swap in each.swaps)
    is_linked = bool(services) or swapped or catalogue.facility.rule_id == rule_id
    return {"services": services, "warnings": [] if is_linked else ["unlinked"]}


def _told(explained: Explanation, zone: ZoneInfo) -> dict[str, object]:
    asked = explained.asked
    replaced = {"id": asked.base.id, "name": asked.base.name} if asked.base.id != asked.rule.id else None
    return {
        "allowed": explained.refusal is None,
        **_refused(explained.refusal, zone),
        "rule": {"id": asked.rule.id, "name": asked.rule.name, "replaces": replaced},
        "lines": [_line(each, zone) for each in explained.findings],
    }


def _line(found: Finding, zone: ZoneInfo) -> dict[str, object]:
    refused = None if found.reason is None else Refusal(found.reason, found.passes_at)
    return {"line": found.line, "holds": refused is None, **_refused(refused, zone), "facts": dict(found.facts)}


def _refused(refused: Refusal | None, zone: ZoneInfo) -> dict[str, object]:
    if refused is None:
        return {"reason": None, "message": None, "passes_at": None}
    passes_at = None if refused.passes_at is None else format_instant(refused.passes_at, zone)
    return {"reason": refused.reason, "message": sentence(refused, language(), zone), "passes_at": passes_at}
