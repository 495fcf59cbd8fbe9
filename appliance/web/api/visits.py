"""Visits over HTTP: when several services, or several slots in a row, can be had together, and booking them so."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict, cast

from flask import Response, jsonify

from appliance.booking.actions import entitling, visiting
from appliance.booking.actions.visiting import LegWish, VisitsFound, VisitWish
from appliance.booking.idempotency_store import Request
from appliance.booking.visits import MOST_LEGS
from appliance.customers.contacts import Contact
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.instants import DAY, MINUTE, Instant, Interval, format_instant
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.web.api import order_schemas, shapes, visit_schemas
from appliance.web.api.access import ANYBODY
from appliance.web.api.beside import answers_in, wishes_in, wishes_of_query
from appliance.web.api.orders import told_order
from appliance.web.api.shapes import created
from appliance.web.api.specification import Blueprint
from appliance.web.callers import Caller
from appliance.web.problems import refusal
from appliance.web.unit import Unit

_TOO_FAR = marked("Choose a time after from, at most {days} days later.")
_TOO_MANY_LEGS = marked("A visit has at most {most} services.")
_UNEVEN = marked("Give one for each service, separated by {sign} alone; nothing between two leaves it open.")
_SIGNS = {"durations": ",", "resources": ",", "extras": ";"}
_NOT_MINUTES = marked("Write whole minutes.")


class VisitsQuery(TypedDict):
    """The query as its schema hands it over."""

    services: str
    from_: Instant
    to: Instant
    durations: NotRequired[str]
    resources: NotRequired[str]
    extras: NotRequired[str]
    count: NotRequired[int]
    any_order: NotRequired[bool]


def blueprint(unit: Unit) -> Blueprint:
    """`/visits`."""
    pages = Blueprint("visits", __name__, description="Several services, or several slots, in one visit")
    zone = unit.desk.scope.zone

    @pages.get("/visits")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(visit_schemas.VisitsQuerySchema(), location="query")
    @pages.response(200, visit_schemas.VisitsSchema)
    def visits(query: VisitsQuery, who: Caller) -> Response:
        """Every start of the whole visit from `from` up to but not including `to`; 31 days at most."""
        wish = VisitWish(_legs_of(query), who.channel, query.get("any_order", False))
        found = visiting.search_visits(unit.desk, wish, Interval(query["from_"], query["to"]))
        return refusal(found, zone) if isinstance(found, Refusal) else jsonify(visits=_shown(unit, found))

    @pages.post("/visits")
    @pages.open_to(ANYBODY, unit)
    @pages.idempotent
    @pages.arguments(visit_schemas.VisitRequestSchema())
    @pages.response(201, order_schemas.OrderSchema)
    def book(body: Mapping[str, object], who: Caller, asked: Request | None) -> Response:
        """Book a whole visit at once: every booking of it, or none."""
        wish = _wish_of(body, who)
        participants = cast("list[str | None]", body.get("participants", []))
        start, contact = cast("Instant", body["start"]), cast("Contact", body["customer"])
        made = unit.sure_clock.refusal(unit.doors) or visiting.book_visit(
            unit.desk, wish, start, participants, contact, who.actor, asked
        )
        if isinstance(made, Refusal):
            return refusal(made, zone)
        with unit.desk.book.read(unit.desk.scope) as tx:
            return created(told_order(unit, tx, made))

    return pages


def _wish_of(body: Mapping[str, object], who: Caller) -> VisitWish:
    legs, count = cast("list[dict[str, object]]", body["legs"]), cast("int", body.get("count", 1))
    entitlement = cast("str", body.get("entitlement", entitling.AUTO))
    in_any_order = bool(body.get("any_order", False))
    legs_wished = tuple(_leg_of(leg, count) for leg in legs)
    return VisitWish(legs_wished, who.channel, in_any_order, entitlement, answers_in(body))


def _leg_of(leg: Mapping[str, object], count: int) -> LegWish:
    return LegWish(
        cast("str", leg["service"]),
        cast("int | None", leg.get("duration")),
        cast("str | None", leg.get("resource")),
        count,
        wishes_in(leg),
    )


def _legs_of(query: VisitsQuery) -> tuple[LegWish, ...]:
    services = query["services"].split(",")
    columns = {name: cast("str", query.get(name, "")).split(sign) for name, sign in _SIGNS.items()}
    errors = [
        FieldError(name, "invalid", _UNEVEN, {"sign": _SIGNS[name]})
        for name, column in columns.items()
        if name in query and len(column) != len(services)
    ]
    if any(text and not (text.isascii() and text.isdigit() and len(text) <= 4) for text in columns["durations"]):
        errors.append(FieldError("durations", "invalid", _NOT_MINUTES))
    if len(services) > MOST_LEGS:
        errors.append(FieldError("services", "too_many", _TOO_MANY_LEGS, {"most": MOST_LEGS}))
    if query.get("count", 1) > 1 and len(services) > 1:
        errors.append(FieldError("count", "invalid", visit_schemas.ONE_SERVICE))
    if not 0 < query["to"] - query["from_"] <= visit_schemas.LONGEST_RANGE_DAYS * DAY:
        errors.append(FieldError("to", "out_of_range", _TOO_FAR, {"days": visit_schemas.LONGEST_RANGE_DAYS}))
    if errors:
        raise Invalid(*errors)
    durations, resources, extras = ((column + [""] * len(services))[: len(services)] for column in columns.values())
    return tuple(
        LegWish(service, int(duration) if duration else None, resource or None, query.get("count", 1), wishes)
        for service, duration, resource, wishes in zip(
            services, durations, resources, map(wishes_of_query, extras), strict=True
        )
    )


def _shown(unit: Unit, found: VisitsFound) -> list[dict[str, object]]:
    zone, currency = unit.desk.scope.zone, unit.desk.scope.currency
    return [
        {
            "start": format_instant(visit.start, zone),
            "end": format_instant(visit.end, zone),
            "price": shapes.money(Money(low, currency)),
            **({"price_to": shapes.money(Money(high, currency))} if high != low else {}),
            "legs": [
                {
                    "service": found.legs[number].service.id,
                    "start": format_instant(start, zone),
                    "end": format_instant(start + found.legs[number].minutes * MINUTE, zone),
                }
                for number, start in visit.legs
            ],
        }
        for visit, (low, high) in zip(found.visits, found.prices, strict=True)
    ]
