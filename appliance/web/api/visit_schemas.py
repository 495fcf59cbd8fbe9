"""What the API takes and tells of visits."""

from collections.abc import Mapping, Sized
from typing import Any, cast

import marshmallow as ma

from appliance.booking.services import MOST_IN_A_ROW
from appliance.booking.visits import MOST_LEGS
from appliance.foundation.i18n import marked
from appliance.web.api import beside
from appliance.web.api.complaints import Asked, Complaint, at_most_items
from appliance.web.api.fields import (
    InstantField,
    MoneySchema,
    TrueOrFalse,
    bounded,
    counted,
    resource_name,
    service_name,
)
from appliance.web.api.schemas import NAME_LIMIT, CustomerSchema

LONGEST_RANGE_DAYS = 31
ONE_SERVICE = marked("Only one service can be booked several times in a row.")
_ONE_SERVICE = Complaint("invalid", ONE_SERVICE)
_NO_LEGS = Complaint("missing", marked("Name at least one service."))
_TOO_MANY_PARTICIPANTS = Complaint("too_many", marked("Name at most one participant for each slot."))


class VisitsQuerySchema(Asked):
    """Which visits are asked for: slugs or ids of services, separated by commas, in the order of the visit.

    `durations` and `resources` hold as many parts as `services`, of which empty ones leave open. So does `extras`, its
    parts separated by semicolons, each as for `slots`; they are taken each time. `count`: one service so many times in
    a row. `any_order`: the services may come in any order.
    """

    services = bounded(400, required=True)
    from_ = InstantField(required=True, data_key="from")
    to = InstantField(required=True)
    durations = bounded(40)
    resources = bounded(400)
    extras = bounded(beside.LONGEST_QUERY)
    count = counted(1, MOST_IN_A_ROW, in_query=True)
    any_order = ma.fields.Boolean()


class LegSchema(Asked):
    """One service of a visit."""

    service = service_name(required=True)
    duration = counted(1, 1440)
    resource = resource_name()
    extras = beside.extras_wished()


class VisitRequestSchema(Asked):
    """A visit: one to four services one after the other, or one service `count` times in a row; and who it is for.

    `entitlement` is which one pays, as for a booking; it pays for each service by itself.

    `participants` say who comes to each slot of a row, in order; null leaves one open. `fields` answer once what the
    services ask, and each booking keeps what its own does. `extras` of a service are taken each time.
    """

    legs = ma.fields.List(ma.fields.Nested(LegSchema), required=True, validate=at_most_items(MOST_LEGS))
    start = InstantField(required=True)
    count = counted(1, MOST_IN_A_ROW)
    any_order = TrueOrFalse()
    entitlement = bounded(NAME_LIMIT)
    participants = ma.fields.List(bounded(NAME_LIMIT, allow_none=True), validate=at_most_items(MOST_IN_A_ROW))
    answers = beside.answers_given()
    customer = ma.fields.Nested(CustomerSchema, required=True)

    @ma.validates_schema(skip_on_field_errors=False)
    def _beside(self, data: Mapping[str, Any], **_options: object) -> None:
        if data.get("legs") and (wrong := beside.mistakes(data, data["legs"])):
            raise ma.ValidationError(wrong)

    @ma.validates_schema(skip_on_field_errors=True)
    def _whole(self, typed: Mapping[str, object], **_options: object) -> None:
        legs, count = len(cast("Sized", typed["legs"])), cast("int", typed.get("count", 1))
        if not legs:
            raise ma.ValidationError({"legs": [_NO_LEGS]})
        if legs > 1 and count > 1:
            raise ma.ValidationError({"count": [_ONE_SERVICE]})
        if len(cast("Sized", typed.get("participants", ()))) > legs * count:
            raise ma.ValidationError({"participants": [_TOO_MANY_PARTICIPANTS]})


class VisitLegSchema(ma.Schema):
    """When one service of a visit is had."""

    service = ma.fields.String(required=True)
    start = ma.fields.String(required=True)
    end = ma.fields.String(required=True)


class VisitSchema(ma.Schema):
    """A whole visit that would be accepted now. `price_to` stands there only where some of its resources cost more."""

    start = ma.fields.String(required=True)
    end = ma.fields.String(required=True)
    price = ma.fields.Nested(MoneySchema, required=True)
    price_to = ma.fields.Nested(MoneySchema)
    legs = ma.fields.List(ma.fields.Nested(VisitLegSchema), required=True)


class VisitsSchema(ma.Schema):
    """Every visit in the range that would be accepted now."""

    visits = ma.fields.List(ma.fields.Nested(VisitSchema), required=True)
