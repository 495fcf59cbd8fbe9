"""Which starts, and which busy times, may be asked for, and what the answer holds (DY-06, DY-13)."""

import marshmallow as ma

from appliance.web.api import beside, schemas
from appliance.web.api.complaints import Asked, at_most
from appliance.web.api.fields import InstantField, MoneySchema, bounded, category_name, counted, resource_name

LONGEST_RANGE_DAYS = 62


class BusyQuerySchema(Asked):
    """Which time is asked about; `from` and `to` are at most 62 days apart."""

    from_ = InstantField(required=True, data_key="from")
    to = InstantField(required=True)
    link = ma.fields.String(validate=at_most(60))


class SlotsQuerySchema(Asked):
    """Which starts are asked for; `from` and `to` are at most 62 days apart."""

    # Not looked up here: a service that this caller does not find is answered like an address that leads nowhere.
    service = bounded(60, required=True)
    link = ma.fields.String(validate=at_most(60))
    from_ = InstantField(required=True, data_key="from")
    to = InstantField(required=True)
    resource = resource_name()
    duration = counted(1, 1440, in_query=True)
    quantity = counted(1, schemas.MOST_AT_ONCE, in_query=True)
    extras = ma.fields.String(
        validate=at_most(beside.LONGEST_QUERY), metadata={"description": "ids and quantities, as id:2,id:1"}
    )
    category = category_name()


class SlotSchema(ma.Schema):
    """One start that would be accepted now. `price_to` stands there only where some of its resources cost more."""

    start = ma.fields.String(required=True)
    end = ma.fields.String(required=True)
    resources = ma.fields.List(ma.fields.String(), required=True)
    price = ma.fields.Nested(MoneySchema, required=True)
    price_to = ma.fields.Nested(MoneySchema)
    seats_left = ma.fields.Integer(required=True)


class SlotsSchema(ma.Schema):
    """Every start in the range that would be accepted now."""

    slots = ma.fields.List(ma.fields.Nested(SlotSchema), required=True)
