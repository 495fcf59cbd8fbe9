"""The facilities behind this address, and where a service is free next (DY-58, DY-59)."""

from typing import NotRequired, TypedDict

import marshmallow as ma
from flask import Response, jsonify

from appliance.booking.actions.nearest import FacilityAnswer, Wanted
from appliance.booking.actions.searching import current_catalogue
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.instants import DAY, Instant, Interval
from appliance.foundation.positions import Position
from appliance.web.api import schemas, shapes
from appliance.web.api.complaints import Asked
from appliance.web.api.fields import InstantField, MoneySchema, PositionField, bounded, counted
from appliance.web.api.slot_schemas import LONGEST_RANGE_DAYS
from appliance.web.api.slots import TOO_FAR
from appliance.web.api.specification import PREFIX, Blueprint
from appliance.web.portal import Storefront
from appliance.web.unit import Unit


class NearestQuerySchema(Asked):
    """What is wanted, from when on and before when; `from` and `to` are at most 62 days apart."""

    service = bounded(60, required=True)
    from_ = InstantField(required=True, data_key="from")
    to = InstantField(required=True)
    duration = counted(1, 1440, in_query=True)
    quantity = counted(1, schemas.MOST_AT_ONCE, in_query=True)
    near = PositionField(metadata={"description": "from where distances are told, as latitude,longitude in degrees"})


class NearestQuery(TypedDict):
    """The query as its schema hands it over."""

    service: str
    from_: Instant
    to: Instant
    duration: NotRequired[int]
    quantity: NotRequired[int]
    near: NotRequired[Position]


class ServedFacilitySchema(ma.Schema):
    """A facility, and where its pages and its calls begin."""

    id = ma.fields.String(required=True)
    slug = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    time_zone = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    address = ma.fields.String(required=True)
    help_phone = ma.fields.String(required=True)
    position = PositionField(required=True, allow_none=True)
    links = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


class FacilitiesSchema(ma.Schema):
    """The facilities served here, the unit's own first."""

    facilities = ma.fields.List(ma.fields.Nested(ServedFacilitySchema), required=True)


class FirstSchema(ma.Schema):
    """The first start that is free. `price_to` stands there only where some of its resources cost more."""

    start = ma.fields.String(required=True)
    end = ma.fields.String(required=True)
    price = ma.fields.Nested(MoneySchema, required=True)
    price_to = ma.fields.Nested(MoneySchema)


class NearestFacilitySchema(ServedFacilitySchema):
    """A facility as an answer. `first`: null where nothing is free in two weeks, or the service is not to be had."""

    distance_m = ma.fields.Integer(required=True, allow_none=True)
    is_offered = ma.fields.Boolean(required=True)
    is_in_time = ma.fields.Boolean(required=True)
    first = ma.fields.Nested(FirstSchema, required=True, allow_none=True)


class NearestSchema(ma.Schema):
    """Every facility, the best first."""

    facilities = ma.fields.List(ma.fields.Nested(NearestFacilitySchema), required=True)


def blueprint(unit: Unit) -> Blueprint:
    """`/facilities` and `/facilities/nearest`."""
    pages = Blueprint("facilities", __name__, description="The facilities behind this address")

    @pages.get("/facilities")
    @pages.response(200, FacilitiesSchema)
    def facilities() -> Response:
        """The facilities served here, the unit's own first."""
        known = [(storefront, current_catalogue(storefront.desk).facility) for storefront in unit.portal.storefronts]
        return jsonify(
            facilities=[{**shapes.facility(each), "links": _links(storefront)} for storefront, each in known]
        )

    @pages.get("/facilities/nearest")
    @pages.arguments(NearestQuerySchema(), location="query")
    @pages.response(200, NearestSchema)
    def nearest(query: NearestQuery) -> Response:
        """Where a service is free: those that have it in time by distance, then those that have it within two weeks."""
        if not 0 < query["to"] - query["from_"] <= LONGEST_RANGE_DAYS * DAY:
            raise Invalid(FieldError("to", "out_of_range", TOO_FAR, {"days": LONGEST_RANGE_DAYS}))
        within = Interval(query["from_"], query["to"])
        wanted = Wanted(
            query["service"], within, query.get("duration"), query.get("quantity", 1), near=query.get("near")
        )
        return jsonify(facilities=[_answer(each, answer, wanted) for each, answer in unit.portal.ask(wanted)])

    return pages


def _links(storefront: Storefront) -> dict[str, str]:
    return {"book": f"{storefront.url}/book", "api": f"{storefront.url}{PREFIX}"}


def _answer(storefront: Storefront, answer: FacilityAnswer, wanted: Wanted) -> dict[str, object]:
    return {
        **shapes.facility(answer.facility),
        "links": _links(storefront),
        "distance_m": answer.distance,
        "is_offered": answer.service is not None,
        "is_in_time": answer.is_in_time(wanted),
        "first": _first(answer),
    }


def _first(answer: FacilityAnswer) -> dict[str, object] | None:
    first = answer.first
    if first is None:
        return None
    dearer = {} if first.price == first.price_to else {"price_to": shapes.money(first.price_to)}
    when = shapes.interval(first.interval, answer.facility.zone)
    return {**when, "price": shapes.money(first.price), **dearer}
