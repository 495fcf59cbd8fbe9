"""What the API takes and tells of prices."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from appliance.billing.categories import CustomerCategory
from appliance.billing.prices import LARGEST_AMOUNT, LARGEST_PERCENT, Conditions, Effect, PriceRule
from appliance.booking.booking_window import Channel
from appliance.foundation.i18n import marked
from appliance.web.api.complaints import MISSING, OUT_OF_RANGE, Asked, Complaint, between, one_of
from appliance.web.api.editing import EditedSchema
from appliance.web.api.fields import DateField, WholeNumber, bounded, counted, named, resource_name, service_name
from appliance.web.unit import catalogue_now

NAME_LIMIT = 120
_TWO_ENDS = Complaint("missing", marked("A time of day has a beginning and an end."))
_BACKWARDS = Complaint("out_of_range", marked("The last day is before the first."))
_RANGES = {Effect.AMOUNT: (0, LARGEST_AMOUNT), Effect.PERCENT: (0, LARGEST_PERCENT)}
_ANY_VALUE = (-LARGEST_AMOUNT, LARGEST_AMOUNT)


class CategorySchema(Asked):
    """A customer category, such as adult or child."""

    name = named(NAME_LIMIT)
    position = counted(0, 1000)


class CategoryAnswerSchema(EditedSchema):
    """A customer category as it stands."""

    name = ma.fields.String(required=True)
    position = ma.fields.Integer(required=True)


class PriceRuleSchema(Asked):
    """A price rule: what it does, and the conditions under which it does it; null and left out restrict nothing.

    `value` is minor units for `amount` and `addition`, percent of the base price for `percent`. An amount names its
    service and duration. `weekdays` are 0 (Monday) to 6. Minutes are of the local day; `to_minute` at or before
    `from_minute` passes midnight.
    """

    name = named(NAME_LIMIT)
    effect = ma.fields.String(required=True, validate=one_of(*Effect))
    value = WholeNumber(strict=True, required=True, validate=between(*_ANY_VALUE))
    service = service_name(allow_none=True)
    duration = counted(1, 1440, allow_none=True)
    resource = resource_name()
    category = bounded(60, allow_none=True)
    channel = ma.fields.String(validate=one_of(*Channel), allow_none=True)
    date_from = DateField(allow_none=True)
    date_to = DateField(allow_none=True)
    weekdays = ma.fields.List(counted(0, 6))
    from_minute = counted(0, 1439, allow_none=True)
    to_minute = counted(0, 1440, allow_none=True)

    @ma.validates_schema(skip_on_field_errors=True)
    def _fits_together(self, data: Mapping[str, Any], **_options: object) -> None:
        wrong: dict[str, list[str]] = {}
        if data["effect"] == Effect.AMOUNT:
            wrong |= {name: [MISSING] for name in ("service", "duration") if data.get(name) is None}
        least, most = _RANGES.get(Effect(data["effect"]), _ANY_VALUE)
        if not least <= data["value"] <= most:
            wrong["value"] = [OUT_OF_RANGE.format(min=least, max=most)]
        if (data.get("from_minute") is None) != (data.get("to_minute") is None):
            wrong["to_minute"] = [_TWO_ENDS]
        if data.get("date_from") and data.get("date_to") and data["date_to"] < data["date_from"]:
            wrong["date_to"] = [_BACKWARDS]
        if wrong:
            raise ma.ValidationError(wrong)


class PriceRuleAnswerSchema(EditedSchema):
    """A price rule as it stands."""

    name = ma.fields.String(required=True)
    effect = ma.fields.String(required=True)
    value = ma.fields.Integer(required=True)
    service = ma.fields.String(required=True, allow_none=True)
    duration = ma.fields.Integer(required=True, allow_none=True)
    resource = ma.fields.String(required=True, allow_none=True)
    category = ma.fields.String(required=True, allow_none=True)
    channel = ma.fields.String(required=True, allow_none=True)
    date_from = ma.fields.String(required=True, allow_none=True)
    date_to = ma.fields.String(required=True, allow_none=True)
    weekdays = ma.fields.List(ma.fields.Integer(), required=True)
    from_minute = ma.fields.Integer(required=True, allow_none=True)
    to_minute = ma.fields.Integer(required=True, allow_none=True)


def category_of(body: Mapping[str, Any]) -> CustomerCategory:
    """The category that a body describes."""
    return CustomerCategory(body["name"], body.get("position", 0))


def category_shape(category: CustomerCategory) -> dict[str, object]:
    """A category as the API tells it."""
    return {"name": category.name, "position": category.position}


def price_rule_of(body: Mapping[str, Any]) -> PriceRule:
    """The price rule that a body describes; services and resources go by slug or id."""
    catalogue = catalogue_now()
    service = catalogue.service(body["service"]) if body.get("service") else None
    resource = body.get("resource")
    when = Conditions(
        service_id=service.id if service else None,
        duration=body.get("duration"),
        resource_id=catalogue.resource_id(resource) if resource else None,
        category_id=body.get("category"),
        channel=body.get("channel"),
        date_from=body.get("date_from"),
        date_to=body.get("date_to"),
        weekdays=frozenset(body.get("weekdays", ())),
        from_minute=body.get("from_minute"),
        to_minute=body.get("to_minute"),
    )
    return PriceRule(body["name"], Effect(body["effect"]), body["value"], when)


def price_rule_shape(rule: PriceRule) -> dict[str, object]:
    """A price rule as the API tells it."""
    when = rule.when
    return {
        "name": rule.name,
        "effect": str(rule.effect),
        "value": rule.value,
        "service": when.service_id,
        "duration": when.duration,
        "resource": when.resource_id,
        "category": when.category_id,
        "channel": when.channel,
        "date_from": when.date_from.isoformat() if when.date_from else None,
        "date_to": when.date_to.isoformat() if when.date_to else None,
        "weekdays": sorted(when.weekdays),
        "from_minute": when.from_minute,
        "to_minute": when.to_minute,
    }
