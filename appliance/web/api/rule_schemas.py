"""What the API takes and tells of booking rules; the parts are those of `booking.rule_document`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import marshmallow as ma

from appliance.booking.booking_window import Channel
from appliance.booking.lead_time import LONGEST_LEAD_DAYS, LeadUnit
from appliance.booking.limits import MOST, Of, Per, Whose
from appliance.booking.rule_document import rule_of, terms
from appliance.booking.rules import LONGEST_GRACE_S, LONGEST_TIER_MINUTES, LONGEST_WAIT_MINUTES, BookingRule
from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked
from appliance.foundation.instants import DAY, HOUR, MINUTE
from appliance.web.api.complaints import OUT_OF_RANGE, Asked, Complaint, one_of
from appliance.web.api.editing import EditedSchema
from appliance.web.api.fields import TrueOrFalse, WholeNumber, bounded, counted, named

NAME_LIMIT = 120
MOST_PARTS = 20
NAME_TAKEN = FieldError("name", "taken", marked("Another rule has this name."))
NO_FEE_PRODUCT = FieldError(
    "cancelling.tiers",
    "no_fee_product",
    marked("Name the fee product of this facility first: what the fee is called, its account and its VAT."),
)
_TOO_MANY_PARTS = Complaint("too_long", marked("These are too many."))
_SECONDS = {LeadUnit.MINUTES: MINUTE, LeadUnit.HOURS: HOUR, LeadUnit.DAYS: DAY}
_EVERYBODY_AT_ONCE = Complaint("out_of_range", marked("A limit on everybody is for a day, a week or a month."))


class LeadTimeSchema(Asked):
    """How long before: minutes and hours are elapsed time, days are calendar days of the facility.

    A negative one, of minutes or hours and at most a day long, lies after it.
    """

    value = WholeNumber(strict=True, required=True)
    unit = ma.fields.String(required=True, validate=one_of(*LeadUnit))

    @ma.validates_schema(skip_on_field_errors=True)
    def _in_range(self, data: Mapping[str, Any], **_options: object) -> None:
        unit = LeadUnit(data["unit"])
        least = 0 if unit is LeadUnit.DAYS else -DAY // _SECONDS[unit]
        most = LONGEST_LEAD_DAYS * DAY // _SECONDS[unit]
        if not least <= data["value"] <= most:
            raise ma.ValidationError({"value": [OUT_OF_RANGE.format(min=least, max=most)]})


def _lead() -> ma.fields.Nested:
    return ma.fields.Nested(LeadTimeSchema, allow_none=True)


def _several(schema: type[ma.Schema]) -> ma.fields.List[Any]:
    return ma.fields.List(ma.fields.Nested(schema), validate=_few)


def _few(parts: list[object]) -> None:
    if len(parts) > MOST_PARTS:
        raise ma.ValidationError(_TOO_MANY_PARTS)


class WindowSchema(Asked):
    """When one channel may book a slot: from `earliest` before it until `latest` before its start.

    `release_minute`: the minute of the local day at which it opens, where `earliest` is of days. `from_end`: `earliest`
    is counted from the end of the slot.
    """

    earliest = _lead()
    release_minute = counted(0, 1439, allow_none=True)
    from_end = TrueOrFalse()
    latest = _lead()


class WindowsSchema(Asked):
    """The window of each channel; one that is left out opens at once and closes at the start."""

    public = ma.fields.Nested(WindowSchema)
    kiosk = ma.fields.Nested(WindowSchema)
    staff = ma.fields.Nested(WindowSchema)


class TierSchema(Asked):
    """Who cancels less than so many minutes before the start owes so many percent of what was charged."""

    before_minutes = counted(1, LONGEST_TIER_MINUTES, required=True)
    percent = counted(0, 100, required=True)


class CancellingSchema(Asked):
    """When a customer may cancel, and what it costs; for `grace_s` after booking it is free unless a key was used."""

    earliest = _lead()
    until = _lead()
    grace_s = counted(0, LONGEST_GRACE_S)
    tiers = _several(TierSchema)


class MovingSchema(Asked):
    """Until when and how often a customer may move a booking; null is as for cancelling, and as often as one likes."""

    until = _lead()
    most = counted(0, 1000, allow_none=True)


class BookingLimitSchema(Asked):
    """At most so many bookings at once, or in a day, a week or a month of the facility."""

    most = counted(1, MOST, required=True)
    per = ma.fields.String(required=True, validate=one_of(*Per))
    whose = ma.fields.String(validate=one_of(*Whose))
    of = ma.fields.String(validate=one_of(*Of))

    @ma.validates_schema(skip_on_field_errors=True)
    def _fits(self, data: Mapping[str, Any], **_options: object) -> None:
        if data["per"] == Per.AT_ONCE and data.get("whose") == Whose.EVERYBODY:
            raise ma.ValidationError({"whose": [_EVERYBODY_AT_ONCE]})


class BlockSchema(Asked):
    """After `count` missed bookings within `days` nothing can be booked on `channels`."""

    count = counted(1, MOST, required=True)
    days = counted(1, 3660, required=True)
    channels = ma.fields.List(
        ma.fields.String(validate=one_of(Channel.PUBLIC, Channel.KIOSK)),
        required=True,
        validate=ma.validate.Length(min=1, max=2),
    )


class NoShowsSchema(Asked):
    """For how many minutes guests are waited for, null for ever; and what follows not showing up."""

    wait_minutes = counted(1, LONGEST_WAIT_MINUTES, allow_none=True)
    block = ma.fields.Nested(BlockSchema, allow_none=True)


class SwapSchema(Asked):
    """For who holds an entitlement of `product`, `rule` replaces the whole rule; the lowest priority wins."""

    product = bounded(60, required=True)
    rule = bounded(60, required=True)
    priority = counted(0, 1000)


class RuleSchema(Asked):
    """A booking rule. What is left out is as in a rule that forbids nothing."""

    name = named(NAME_LIMIT)
    windows = ma.fields.Nested(WindowsSchema)
    cancelling = ma.fields.Nested(CancellingSchema)
    moving = ma.fields.Nested(MovingSchema)
    limits = _several(BookingLimitSchema)
    no_shows = ma.fields.Nested(NoShowsSchema)
    promote_until = _lead()
    swaps = _several(SwapSchema)


class RuleAnswerSchema(EditedSchema):
    """A booking rule as it stands; every part of it is there."""

    name = ma.fields.String(required=True)
    windows = ma.fields.Dict(required=True)
    cancelling = ma.fields.Dict(required=True)
    moving = ma.fields.Dict(required=True)
    limits = ma.fields.List(ma.fields.Dict(), required=True)
    no_shows = ma.fields.Dict(required=True)
    promote_until = ma.fields.Dict(required=True, allow_none=True)
    swaps = ma.fields.List(ma.fields.Dict(), required=True)
    services = ma.fields.List(ma.fields.String(), required=True)
    warnings = ma.fields.List(ma.fields.String(), required=True)


def rule_of_body(body: Mapping[str, Any]) -> BookingRule:
    """The rule that a body describes."""
    return rule_of("", body["name"], body)


def named_as(rule: BookingRule, rule_id: str | None) -> BookingRule:
    """The rule as it would stand under its id, so that it can be held against the others."""
    return replace(rule, id=rule_id or "new")


def rule_shape(rule: BookingRule) -> dict[str, object]:
    """A rule as the API tells it."""
    return {"name": rule.name, **terms(rule)}
