"""What staff send and are told of the facility, its services, and the pools that those take from."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import marshmallow as ma

from appliance.booking.catalogue import Facility
from appliance.booking.offer_kinds_store import Sold
from appliance.booking.resources import Pool
from appliance.booking.services import LONGEST_BOOKING_MINUTES, Need, Service, ServiceKind, WaitingMode
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.money import Money
from appliance.web.api.complaints import MISSING, Asked, Complaint, at_most_items, one_of
from appliance.web.api.editing import MOST_VERSIONS, EditedSchema
from appliance.web.api.fields import PositionField, bounded, counted, named, resource_name, short_name, zone_name
from appliance.web.unit import catalogue_now

NAME_LIMIT: Final = 120
MOST_LINES: Final = 50
MOST_MEMBERS: Final = 500
LARGEST_AMOUNT: Final = 10**9
_NO_NEEDS = Complaint("out_of_range", marked("A class takes places of its meetings, and nothing else."))
_TWICE = Complaint("twice", marked("Each length stands here only once."))
_BEYOND = Complaint("out_of_range", marked("This lasts longer than the shortest booking."))
_TOO_LONG = Complaint("out_of_range", marked("A booking with its buffers lasts at most 24 hours."))
_UNFIT = marked("This does not fit together with what else is said of the service: {what}.")


class FacilitySchema(Asked):
    """The facility. A new `zone` (IANA) is in force once the unit was started again, everything else at once.

    `rule` is the booking rule of every service that has none of its own. `version`: the one that was looked at.
    """

    name = named(NAME_LIMIT)
    zone = zone_name(required=True)
    address = bounded(200)
    help_phone = bounded(40)
    position = PositionField(allow_none=True)
    rule = bounded(60, allow_none=True)
    version = counted(1, MOST_VERSIONS, required=True)


class FacilityAnswerSchema(EditedSchema):
    """The facility as it stands."""

    slug = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    zone = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    address = ma.fields.String(required=True)
    help_phone = ma.fields.String(required=True)
    position = PositionField(required=True, allow_none=True)
    rule = ma.fields.String(required=True, allow_none=True)


class LengthSchema(Asked):
    """A length that may be chosen, in minutes, and what one costs in minor units, VAT contained."""

    minutes = counted(1, LONGEST_BOOKING_MINUTES, required=True)
    amount = counted(0, LARGEST_AMOUNT, required=True)


class ServiceNeedSchema(Asked):
    """So many of a pool (id), for the whole booking or a part of it in minutes."""

    pool = bounded(60, required=True)
    quantity = counted(1, MOST_MEMBERS)
    offset_minutes = counted(0, LONGEST_BOOKING_MINUTES)
    length_minutes = counted(1, LONGEST_BOOKING_MINUTES, allow_none=True)


class ServiceSchema(Asked):
    """A service; the first length is the usual one. An individual one needs something, a class has meetings instead.

    `rule` (id) null goes by the facility's. `grid_minutes`: starts lie on multiples of it from midnight.
    """

    slug = short_name()
    name = named(NAME_LIMIT)
    kind = ma.fields.String(required=True, validate=one_of(*ServiceKind))
    durations = ma.fields.List(ma.fields.Nested(LengthSchema), required=True, validate=at_most_items(MOST_LINES))
    needs = ma.fields.List(ma.fields.Nested(ServiceNeedSchema), validate=at_most_items(MOST_LINES))
    grid_minutes = counted(1, LONGEST_BOOKING_MINUTES)
    before_minutes = counted(0, LONGEST_BOOKING_MINUTES)
    after_minutes = counted(0, LONGEST_BOOKING_MINUTES)
    max_quantity = counted(1, 1000)
    vat_percent = counted(0, 100)
    rule = bounded(60, allow_none=True)
    position = counted(0, 10_000)
    waiting = ma.fields.String(validate=one_of(*WaitingMode))
    offer_minutes = counted(1, LONGEST_BOOKING_MINUTES)

    @ma.validates_schema(skip_on_field_errors=True)
    def _fits_together(self, data: Mapping[str, Any], **_options: object) -> None:
        wrong: dict[str, list[str]] = {}
        lengths, needs = [each["minutes"] for each in data["durations"]], data.get("needs", [])
        is_class = data["kind"] == ServiceKind.CLASS
        if not lengths:
            wrong["durations"] = [MISSING]
        if any(one == other for one, other in pairwise(sorted(lengths))):
            wrong["durations"] = [_TWICE]
        if max(lengths, default=0) + data.get("before_minutes", 0) + data.get("after_minutes", 0) > 1440:
            wrong["durations"] = [_TOO_LONG]
        if is_class == bool(needs):
            wrong["needs"] = [_NO_NEEDS if is_class else MISSING]
        elif any(_ends(need) > min(lengths, default=0) for need in needs):
            wrong["needs"] = [_BEYOND]
        if wrong:
            raise ma.ValidationError(wrong)


class ServiceAnswerSchema(EditedSchema):
    """A service as it stands; every part of it is there."""

    slug = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    durations = ma.fields.List(ma.fields.Dict(), required=True)
    needs = ma.fields.List(ma.fields.Dict(), required=True)
    grid_minutes = ma.fields.Integer(required=True)
    before_minutes = ma.fields.Integer(required=True)
    after_minutes = ma.fields.Integer(required=True)
    max_quantity = ma.fields.Integer(required=True)
    vat_percent = ma.fields.Integer(required=True)
    rule = ma.fields.String(required=True, allow_none=True)
    position = ma.fields.Integer(required=True)
    waiting = ma.fields.String(required=True)
    offer_minutes = ma.fields.Integer(required=True)


class PoolSchema(Asked):
    """Resources (slugs or ids) that serve a need equally well."""

    slug = short_name()
    members = ma.fields.List(resource_name(), required=True, validate=at_most_items(MOST_MEMBERS))


class PoolAnswerSchema(EditedSchema):
    """A pool as it stands."""

    slug = ma.fields.String(required=True)
    members = ma.fields.List(ma.fields.String(), required=True)


def facility_of(body: Mapping[str, Any], old: Facility) -> Facility:
    """The facility that a body describes, `old` in what cannot be changed."""
    own = {"name": body["name"], "zone": ZoneInfo(body["zone"]), "rule_id": body.get("rule")}
    reached = {"address": body.get("address", ""), "help_phone": body.get("help_phone", "")}
    return replace(old, **own, **reached, position=body.get("position"))


def facility_shape(facility: Facility) -> dict[str, object]:
    """The facility as staff are told of it."""
    own = ("slug", "name", "currency", "address", "help_phone")
    shown = {name: getattr(facility, name) for name in own}
    return {**shown, "zone": facility.zone.key, "rule": facility.rule_id, "position": facility.written_position}


def sold_of(body: Mapping[str, Any]) -> Sold:
    """The service that a body describes; Invalid when its parts do not fit together."""
    currency = catalogue_now().facility.currency
    try:
        service = Service(
            id="",
            slug=body["slug"],
            name=body["name"],
            kind=ServiceKind(body["kind"]),
            durations=tuple(each["minutes"] for each in body["durations"]),
            prices=tuple(Money(each["amount"], currency) for each in body["durations"]),
            needs=tuple(_need(each) for each in body.get("needs", ())),
            grid_minutes=body.get("grid_minutes", 15),
            before_minutes=body.get("before_minutes", 0),
            after_minutes=body.get("after_minutes", 0),
            max_quantity=body.get("max_quantity", 1),
            rule_id=body.get("rule"),
            waiting=WaitingMode(body.get("waiting", WaitingMode.OFF)),
            offer_minutes=body.get("offer_minutes", 30),
        )
    except ValueError as fault:
        raise Invalid(unfit(fault)) from fault
    return Sold(service, body.get("vat_percent", 0), body.get("position", 0))


def unfit(fault: ValueError) -> FieldError:
    """What is wrong with a service as a whole."""
    return FieldError("", "invalid", _UNFIT, {"what": str(fault)})


def sold_shape(sold: Sold) -> dict[str, object]:
    """A service as staff are told of it."""
    service = sold.service
    own = ("slug", "name", "grid_minutes", "before_minutes", "after_minutes", "max_quantity", "offer_minutes")
    pairs = zip(service.durations, service.prices, strict=True)
    return {name: getattr(service, name) for name in own} | {
        "kind": str(service.kind),
        "durations": [{"minutes": minutes, "amount": price.amount} for minutes, price in pairs],
        "needs": [
            {
                "pool": need.pool_id,
                "quantity": need.quantity,
                "offset_minutes": need.offset_minutes,
                "length_minutes": need.length_minutes,
            }
            for need in service.needs
        ],
        "vat_percent": sold.vat_percent,
        "rule": service.rule_id,
        "position": sold.position,
        "waiting": str(service.waiting),
    }


def pool_of(body: Mapping[str, Any]) -> Pool:
    """The pool that a body describes."""
    ids = (catalogue_now().resource_id(member) or "" for member in body["members"])
    return Pool("", body["slug"], tuple(dict.fromkeys(ids)))


def pool_shape(pool: Pool) -> dict[str, object]:
    """A pool as staff are told of it."""
    return {"slug": pool.slug, "members": list(pool.members)}


def _need(body: Mapping[str, Any]) -> Need:
    return Need(body["pool"], body.get("quantity", 1), body.get("offset_minutes", 0), body.get("length_minutes"))


def _ends(need: Mapping[str, Any]) -> int:
    """The minute of a booking at which a need that says its length ends; of another, the last at which it begins."""
    begins = int(need.get("offset_minutes", 0))
    return begins + int(need.get("length_minutes") or 1)
