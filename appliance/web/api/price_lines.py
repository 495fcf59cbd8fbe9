"""What the API tells of the price of a booking, and of the entitlement that pays for it."""

import marshmallow as ma

from appliance.web.api.fields import MoneySchema


class PriceLineSchema(ma.Schema):
    """One line of a price; what an entitlement pays is a line below zero."""

    kind = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    quantity = ma.fields.Integer(required=True)
    amount = ma.fields.Nested(MoneySchema, required=True)
    vat_percent = ma.fields.Integer(required=True)


class LeftSchema(ma.Schema):
    """What is left of the entitlement that pays: clips, or uses in the week or month of the booking."""

    id = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    ends = ma.fields.String(required=True, allow_none=True)
    clips_left = ma.fields.Integer(required=True, allow_none=True)
    uses_left = ma.fields.Integer(required=True, allow_none=True)
