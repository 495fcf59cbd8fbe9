"""What the API takes and tells of bookings that are made together: series, visits and their orders."""

from collections.abc import Mapping
from datetime import date
from typing import NotRequired, TypedDict, cast

import marshmallow as ma

from appliance.booking.recurrence import MOST_EVERY, MOST_OCCURRENCES, Cadence, Recurrence
from appliance.foundation.i18n import marked
from appliance.foundation.instants import Instant
from appliance.web.api import beside
from appliance.web.api.complaints import Asked, Complaint, at_most_items, one_of
from appliance.web.api.fields import DateField, InstantField, MoneySchema, TrueOrFalse, bounded, counted
from appliance.web.api.schemas import NAME_LIMIT, BookingSchema, CustomerSchema, SettlementSchema, WishSchema

_ONE_ENDING = Complaint("missing", marked("Write either until or times."))
_WEEKLY_ONLY = Complaint("invalid", marked("Only a weekly series has weekdays."))


class RepeatSchema(Asked):
    """How a series recurs, from its first start on, whose weekday or day of the month it keeps.

    `weekdays` are 0 (Monday) to 6, of a weekly series only. It ends after so many `times`, or on the day `until`.
    """

    cadence = ma.fields.String(required=True, validate=one_of(*Cadence))
    every = counted(1, MOST_EVERY)
    weekdays = ma.fields.List(counted(0, 6), validate=at_most_items(7))
    until = DateField()
    times = counted(1, MOST_OCCURRENCES)

    @ma.validates_schema(skip_on_field_errors=True)
    def _whole(self, typed: Mapping[str, object], **_options: object) -> None:
        if ("until" in typed) == ("times" in typed):
            raise ma.ValidationError({"times": [_ONE_ENDING]})
        if typed.get("weekdays") and typed["cadence"] != Cadence.WEEKLY:
            raise ma.ValidationError({"weekdays": [_WEEKLY_ONLY]})

    @ma.post_load
    def _recurrence(self, typed: dict[str, object], **_options: object) -> Recurrence:
        return Recurrence(
            Cadence(cast("str", typed["cadence"])),
            cast("int", typed.get("every", 1)),
            frozenset(cast("list[int]", typed.get("weekdays", []))),
            cast("date | None", typed.get("until")),
            cast("int | None", typed.get("times")),
        )


class SeriesPreviewSchema(WishSchema):
    """A wish for the first date, and how it recurs. With `after_only` no suggestion is earlier than what is wanted."""

    repeat = ma.fields.Nested(RepeatSchema, required=True)
    after_only = TrueOrFalse()


class AcceptedDateSchema(Asked):
    """A date of the series, and the start that is accepted for it; its usual one if none is given."""

    date = DateField(required=True)
    start = InstantField()


class SeriesRequestSchema(SeriesPreviewSchema):
    """A series and who it is for.

    `dates` are those that are wanted, all others are left out and can be added later; without it all are wanted. What
    cannot be booked refuses the whole, or with `skip_taken` is left out too. `entitlement` is which one pays, as for a
    booking; it pays for each date by itself, and the dates for which one that was named is used up cannot be booked.
    `fields` and `extras` are as of a booking, and go with every date.
    """

    dates = ma.fields.List(ma.fields.Nested(AcceptedDateSchema), validate=at_most_items(MOST_OCCURRENCES))
    skip_taken = TrueOrFalse()
    entitlement = bounded(NAME_LIMIT)
    answers = beside.answers_given()
    customer = ma.fields.Nested(CustomerSchema, required=True)

    @ma.validates_schema(skip_on_field_errors=False)
    def _beside(self, data: Mapping[str, object], **_options: object) -> None:
        if wrong := beside.mistakes(data):
            raise ma.ValidationError(wrong)


class AddDateSchema(Asked):
    """A date of a series that was skipped, and its start if not the usual one.

    `fields` are the answers that are others than with the dates that are booked.
    """

    date = DateField(required=True)
    start = InstantField()
    entitlement = bounded(NAME_LIMIT)
    answers = beside.answers_given()
    cancel_code = bounded(60)


class AddDateBody(TypedDict):
    """The same as its schema hands it over."""

    date: date
    start: NotRequired[Instant]
    entitlement: NotRequired[str]
    answers: NotRequired[Mapping[str, object]]
    cancel_code: NotRequired[str]


class OccurrenceSchema(ma.Schema):
    """What would become of one date; `date` is only a month where that has no such day."""

    date = ma.fields.String(required=True)
    wanted = ma.fields.String(required=True, allow_none=True)
    outcome = ma.fields.String(required=True, validate=ma.validate.OneOf(["ok", "moved", "skipped"]))
    start = ma.fields.String(required=True, allow_none=True)
    end = ma.fields.String(required=True, allow_none=True)
    resources = ma.fields.List(ma.fields.String(), required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    message = ma.fields.String(required=True, allow_none=True)
    passes_at = ma.fields.String(required=True, allow_none=True)


class SeriesSchema(ma.Schema):
    """Every date of a series, and what those cost together that would be booked."""

    occurrences = ma.fields.List(ma.fields.Nested(OccurrenceSchema), required=True)
    total = ma.fields.Nested(MoneySchema, required=True)


class OpenDateSchema(ma.Schema):
    """A date of a series that was not booked, and why; it can be added later where it has a start."""

    date = ma.fields.String(required=True)
    wanted = ma.fields.String(required=True, allow_none=True)
    reason = ma.fields.String(required=True)
    message = ma.fields.String(required=True)


class OrderLinksSchema(ma.Schema):
    """Where to find the order again without signing in."""

    self = ma.fields.String(required=True)


class KeptSchema(ma.Schema):
    """A booking that could not be cancelled with the others, and why."""

    id = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    message = ma.fields.String(required=True)


class OrderPaymentSchema(ma.Schema):
    """What is due with an order as one payment: for `all` of its bookings, or the `first` alone; the rest is later."""

    covers = ma.fields.String(required=True, validate=ma.validate.OneOf(["all", "first"]))
    due = ma.fields.Nested(MoneySchema, required=True)
    paid = ma.fields.Nested(MoneySchema, required=True)
    owed = ma.fields.Nested(MoneySchema, required=True)


class OrderSchema(ma.Schema):
    """Bookings that were made together, each with its own keys and code; `cancel_code` is for all of them at once."""

    id = ma.fields.String(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(["series", "chain", "row"]))
    total = ma.fields.Nested(MoneySchema, required=True)
    payment = ma.fields.Nested(OrderPaymentSchema, required=True)
    bookings = ma.fields.List(ma.fields.Nested(BookingSchema), required=True)
    skipped = ma.fields.List(ma.fields.Nested(OpenDateSchema), required=True)
    cancel_code = ma.fields.String(required=True)
    links = ma.fields.Nested(OrderLinksSchema, required=True)
    kept = ma.fields.List(ma.fields.Nested(KeptSchema))
    settlement = ma.fields.Nested(SettlementSchema)
    revocation = ma.fields.String(validate=ma.validate.OneOf(["done", "pending"]))


class RebookingSchema(OccurrenceSchema):
    """The next similar time for a booking, and what to ask for to have it."""

    service = ma.fields.String(required=True)
    duration = ma.fields.Integer(required=True)
    quantity = ma.fields.Integer(required=True)
