"""`GET /slots`: what could be booked now, and nothing else (DY-06)."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NotRequired, TypedDict
from zoneinfo import ZoneInfo

from flask import Response

from appliance.booking.actions.desk import UNKNOWN_RESOURCE, UNKNOWN_SERVICE
from appliance.booking.actions.searching import current_catalogue, search
from appliance.booking.calendar import Offers
from appliance.booking.catalogue import Catalogue
from appliance.booking.extras import visit_with
from appliance.booking.pricing import offered_prices
from appliance.booking.services import Service
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.instants import DAY, Instant, Interval
from appliance.foundation.money import Money
from appliance.web.api import shapes, slot_schemas
from appliance.web.api.access import ANYBODY
from appliance.web.api.beside import wishes_of_query
from appliance.web.api.specification import Blueprint
from appliance.web.callers import Caller
from appliance.web.problems import NotFound
from appliance.web.sight import sight_now
from appliance.web.unit import Unit

TOO_FAR = marked("Choose a time after from, at most {days} days later.")
_OTHER_LENGTH = marked("Choose one of these lengths, in minutes: {lengths}.")
_TOO_MANY = marked("Choose at most {most}.")


class SlotsQuery(TypedDict):
    """The query as its schema hands it over."""

    service: str
    from_: Instant
    to: Instant
    resource: NotRequired[str]
    duration: NotRequired[int]
    quantity: NotRequired[int]
    category: NotRequired[str]
    extras: NotRequired[str]


def blueprint(unit: Unit) -> Blueprint:
    """The search."""
    pages = Blueprint("slots", __name__, description="Times that can be booked")

    @pages.get("/slots")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(slot_schemas.SlotsQuerySchema(), location="query")
    @pages.response(200, slot_schemas.SlotsSchema)
    def slots(query: SlotsQuery, who: Caller) -> Response:
        """Every start from `from` up to but not including `to` that would be accepted now; 62 days at most."""
        catalogue = current_catalogue(unit.desk)
        service, duration, quantity, resource_id = _checked(catalogue, query)
        wishes, within = wishes_of_query(query.get("extras", "")), Interval(query["from_"], query["to"])
        visit = visit_with(catalogue.extras, service, wishes, duration, quantity)
        found = search(
            unit.desk,
            visit.whole,
            within,
            who.channel,
            duration=visit.minutes,
            quantity=quantity,
            resource_id=resource_id,
        )
        prices = offered_prices(
            catalogue, service, duration, quantity, who.channel, found, query.get("category"), visit.quoted
        )
        return Response(
            written(found, prices, catalogue.facility.currency, unit.desk.scope.zone), content_type="application/json"
        )

    return pages


def _checked(catalogue: Catalogue, query: SlotsQuery) -> tuple[Service, int, int, str | None]:
    service, errors = catalogue.service(query["service"], sight_now()), list[FieldError]()
    if service is None:
        errors.append(UNKNOWN_SERVICE)
    if not 0 < query["to"] - query["from_"] <= slot_schemas.LONGEST_RANGE_DAYS * DAY:
        errors.append(FieldError("to", "out_of_range", TOO_FAR, {"days": slot_schemas.LONGEST_RANGE_DAYS}))
    duration = query.get("duration") or (service.durations[0] if service else 0)
    if service is not None and duration not in service.durations:
        errors.append(
            FieldError("duration", "not_offered", _OTHER_LENGTH, {"lengths": ", ".join(map(str, service.durations))})
        )
    quantity = query.get("quantity", 1)
    if service is not None and quantity > service.max_quantity:
        errors.append(FieldError("quantity", "not_offered", _TOO_MANY, {"most": service.max_quantity}))
    resource_id = catalogue.resource_id(query["resource"]) if "resource" in query else None
    if "resource" in query and resource_id is None:
        errors.append(UNKNOWN_RESOURCE)
    if errors == [UNKNOWN_SERVICE]:
        raise NotFound
    if errors or service is None:
        raise Invalid(*errors)
    return service, duration, quantity, resource_id


def written(found: Offers, prices: Sequence[tuple[int, int]], currency: str, zone: ZoneInfo) -> str:
    """The answer as JSON text; `prices` are the lowest and highest at each start.

    Thousands of starts share a few sets of resources: each set is written once and pasted, which is what keeps a month
    of fifty courts in the tens of milliseconds.
    """
    shown, quoted, priced = _Shown(zone), _Quoted(), _Priced(currency)
    pasted: dict[tuple[str, ...], str] = {}
    parts = []
    rows = zip(found.starts, found.ends, found.resources, found.seats_left, prices, strict=True)
    for start, end, resources, left, ends in rows:
        listed = pasted.get(resources)
        if listed is None:
            listed = pasted[resources] = ",".join([quoted[resource_id] for resource_id in resources])
        parts.append(
            f'{{"start":"{shown[start]}","end":"{shown[end]}","resources":[{listed}],'
            f'{priced[ends]},"seats_left":{left}}}'
        )
    return f'{{"slots":[{",".join(parts)}]}}'


class _Quoted(dict[str, str]):
    """Texts as JSON, each worked out once."""

    def __missing__(self, text: str) -> str:
        quoted = self[text] = json.dumps(text)
        return quoted


class _Priced(dict[tuple[int, int], str]):
    """Prices as members of a slot, each written once."""

    def __init__(self, currency: str) -> None:
        super().__init__()
        self._currency = currency

    def __missing__(self, ends: tuple[int, int]) -> str:
        low, high = (json.dumps(shapes.money(Money(amount, self._currency))) for amount in ends)
        text = self[ends] = f'"price":{low}' if low == high else f'"price":{low},"price_to":{high}'
        return text


class _Shown(dict[Instant, str]):
    """Instants as RFC 3339, each worked out once: the end of one start is often the start of another."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, instant: Instant) -> str:
        text = self[instant] = datetime.fromtimestamp(instant, self._zone).isoformat()
        return text
