"""What the contract accepts and promises; marshmallow checks the one and OpenAPI describes both."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import marshmallow as ma
from flask import g

from appliance.customers.contacts import Contact, parse_contact
from appliance.foundation.i18n import marked
from appliance.web.api import beside
from appliance.web.api.complaints import MISSING, Asked, Complaint, at_most, one_of
from appliance.web.api.fields import (
    InstantField,
    MoneySchema,
    TrueOrFalse,
    bounded,
    counted,
    resource_name,
    service_name,
    zone_name,
)
from appliance.web.api.people import people_list, require_sum
from appliance.web.api.price_lines import LeftSchema, PriceLineSchema
from appliance.web.unit import catalogue_now

MOST_AT_ONCE = 1000
NAME_LIMIT = 120
REASON_LIMIT = 200


class CustomerSchema(Asked):
    """Who a booking is for: a name and one of e-mail and phone. With the birth year the key is shown at the kiosk.

    `time_zone` is the IANA name of the zone in which they are told times; that of the facility unless given.
    """

    name = bounded(NAME_LIMIT)
    email = bounded(254)
    phone = bounded(40)
    birth_year = counted(1900, 2100)
    time_zone = zone_name()

    @ma.post_load
    def _contact(self, typed: dict[str, Any], **_options: object) -> Contact:
        g.time_zone = typed.get("time_zone")
        phone = typed.get("phone")
        region = catalogue_now().facility.region if phone else ""
        read = parse_contact(typed.get("name"), typed.get("email"), phone, region)
        if isinstance(read, Contact):
            return replace(read, birth_year=typed.get("birth_year"))
        raise ma.ValidationError({error.field: [Complaint(error.code, error.message)] for error in read})


class WishSchema(Asked):
    """What to book: slugs or ids, a start on the grid, minutes."""

    service = service_name(required=True)
    start = InstantField(required=True)
    resource = resource_name()
    duration = counted(1, 1440)
    quantity = counted(1, MOST_AT_ONCE)
    people = people_list()
    extras = beside.extras_wished()

    @ma.validates_schema(skip_on_field_errors=False)
    def _beside(self, data: Mapping[str, Any], **_options: object) -> None:
        if wrong := beside.mistakes({**data, "answers": None}):
            raise ma.ValidationError(wrong)

    @ma.validates_schema
    def _people_add_up(self, data: Mapping[str, Any], **_options: object) -> None:
        require_sum(data)


UNTIL_TOO_FAR = marked("Choose a time after the first one, at most 62 days later.")


class BookingRequestSchema(Asked):
    """A wish or a hold, who it is for, and what they answer to the fields of the service.

    `entitlement` is which one pays: `auto` chooses (the usual), `none` takes none, else the id of one, or the id or the
    name of its product.
    """

    service = service_name()
    start = InstantField()
    resource = resource_name()
    duration = counted(1, 1440)
    quantity = counted(1, MOST_AT_ONCE)
    people = people_list()
    hold = bounded(60)
    entitlement = bounded(NAME_LIMIT)
    customer = ma.fields.Nested(CustomerSchema, required=True)
    extras = beside.extras_wished()
    answers = beside.answers_given()

    @ma.validates_schema(skip_on_field_errors=False)
    def _beside(self, data: Mapping[str, Any], **_options: object) -> None:
        if wrong := beside.mistakes(data):
            raise ma.ValidationError(wrong)

    @ma.validates_schema
    def _people_add_up(self, data: Mapping[str, Any], **_options: object) -> None:
        require_sum(data)

    @ma.validates_schema(skip_on_field_errors=False, pass_original=True)
    def _wish_or_hold(self, _data: object, original: object, **_options: object) -> None:
        given = original if isinstance(original, dict) else {}
        if "hold" in given:
            return
        missing = {name: [MISSING] for name in ("service", "start") if name not in given}
        if missing:
            raise ma.ValidationError(missing)


class ProofSchema(Asked):
    """The code that says it is one's own, for those who do not write it into the body."""

    cancel_code = ma.fields.String(load_default="", metadata={"description": "the code from the confirmation"})


class OwnershipSchema(ProofSchema):
    """What says in an address that a booking is one's own."""

    sig = ma.fields.String(load_default="", metadata={"description": "the signature of the link under `links.self`"})


class CancelSchema(Asked):
    """The code from the confirmation; staff need none, and may waive what cancelling costs."""

    cancel_code = bounded(60)
    waive_fee = TrueOrFalse()


class MoveSchema(Asked):
    """Where to move a booking, and the code that says it is one's own."""

    start = InstantField(required=True)
    cancel_code = bounded(60)


class ExtendSchema(Asked):
    """How long a booking is to last in all, in minutes, and the code that says it is one's own."""

    duration = counted(1, 1440, required=True)
    cancel_code = bounded(60)


class ExtrasSchema(Asked):
    """The extras that a booking is to have, in the place of those it has; and the code that says it is one's own."""

    extras = beside.extras_wished()
    cancel_code = bounded(60)


class CheckOutSchema(Asked):
    """The code that says it is one's own; it stays good for looking the booking up."""

    cancel_code = bounded(60)


class LinkSchema(Asked):
    """The link to a service that is not public, for those who were given it."""

    link = ma.fields.String(validate=at_most(60))


class HoldSchema(ma.Schema):
    """A slot that is kept for a while."""

    id = ma.fields.String(required=True)
    expires_at = ma.fields.String(required=True)


class KeySchema(ma.Schema):
    """One key of a booking."""

    kind = ma.fields.String(required=True)
    code = ma.fields.String()
    token = ma.fields.String()
    valid_from = ma.fields.String(required=True)
    valid_to = ma.fields.String(required=True)
    doors = ma.fields.List(ma.fields.String(), required=True)


class LinksSchema(ma.Schema):
    """Where to find the booking again without signing in."""

    self = ma.fields.String(required=True)
    page = ma.fields.String(required=True, metadata={"description": "the page with its keys, for a phone"})


class CancellingTermsSchema(ma.Schema):
    """Whether its customer could cancel a booking now, and for how much; `percent` is of the price."""

    allowed = ma.fields.Boolean(required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    passes_at = ma.fields.String(required=True, allow_none=True)
    percent = ma.fields.Integer(required=True)
    fee = ma.fields.Nested(MoneySchema, required=True)


class SettlementSchema(ma.Schema):
    """What became of the money of a booking that was just cancelled: the fee, what comes back, what is still due."""

    fee = ma.fields.Nested(MoneySchema, required=True)
    refund = ma.fields.Nested(MoneySchema, required=True)
    due = ma.fields.Nested(MoneySchema, required=True)


class BookingSchema(ma.Schema):
    """A booking, with its keys and its cancel code for whoever may see them."""

    id = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    service = ma.fields.String(required=True)
    start = ma.fields.String(required=True)
    end = ma.fields.String(required=True)
    resources = ma.fields.List(ma.fields.String(), required=True)
    quantity = ma.fields.Integer(required=True)
    price = ma.fields.Nested(MoneySchema, required=True)
    extras = ma.fields.List(ma.fields.Nested(beside.BookedExtraSchema), required=True)
    answers = ma.fields.List(ma.fields.Nested(beside.AnswerSchema), metadata={"description": "for staff only"})
    vat = ma.fields.Nested(MoneySchema, required=True)
    lines = ma.fields.List(ma.fields.Nested(PriceLineSchema), required=True)
    pay_by = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Until when a pending booking is kept for payment"}
    )
    entitlement = ma.fields.Nested(LeftSchema)
    links = ma.fields.Nested(LinksSchema, required=True)
    keys = ma.fields.List(ma.fields.Nested(KeySchema), required=True)
    cancelling = ma.fields.Nested(CancellingTermsSchema)
    settlement = ma.fields.Nested(SettlementSchema)
    cancel_code = ma.fields.String()
    order = ma.fields.String(metadata={"description": "the order that it was made in together with others"})
    participant = ma.fields.String(allow_none=True, metadata={"description": "who comes, where somebody was named"})
    revocation = ma.fields.String(validate=ma.validate.OneOf(["done", "pending"]))


class PresentationSchema(Asked):
    """A credential that meets a reader. The same `presentation_id` twice is one entry."""

    kind = ma.fields.String(required=True, validate=one_of("pin", "qr", "card", "mobile"))
    value = ma.fields.String(required=True, validate=at_most(1024))
    presentation_id = ma.fields.UUID(required=True)


class VerdictSchema(ma.Schema):
    """What the door says, and the sentence for the guest."""

    verdict = ma.fields.String(required=True, validate=ma.validate.OneOf(["granted", "denied"]))
    reason = ma.fields.String(required=True)
    message = ma.fields.String(required=True)
    released_s = ma.fields.Integer(required=True)
    retry_at = ma.fields.String(allow_none=True)
    tries_left = ma.fields.Integer(
        allow_none=True, metadata={"description": "Wrong PINs that may still follow before a pause"}
    )


class ReleaseSchema(Asked):
    """Why staff does something, such as releasing a door; it goes into the journal."""

    reason = bounded(REASON_LIMIT, required=True)


class ReleaseAtSchema(ReleaseSchema):
    """The same, and at which door."""

    door = bounded(60, required=True)


class ModeSchema(Asked):
    """A wish for how a door is run, or its end (`on`: false); `normal` ends all others. The reason is on record."""

    mode = ma.fields.String(required=True, validate=one_of("normal", "free_access", "lockdown", "emergency"))
    on = TrueOrFalse(load_default=True)
    reason = bounded(200, required=True)


class OutputSchema(ma.Schema):
    """One output: whether it is on, and until when staff have their will of it."""

    id = ma.fields.String(required=True)
    slug = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    driver = ma.fields.String(required=True)
    on = ma.fields.Boolean(required=True)
    override_until = ma.fields.String(required=True, allow_none=True)
    online = ma.fields.Boolean(required=True)
    fault = ma.fields.String(required=True)


class GrantPageSchema(ma.Schema):
    """Where a page of grants begins."""

    cursor = ma.fields.String(load_default="", validate=ma.validate.Length(max=64))


class OverrideSchema(Asked):
    """What staff want of an output, for how many minutes, and why."""

    on = TrueOrFalse(required=True)
    minutes = counted(1, 1440, required=True)
    reason = bounded(200, required=True)


class JournalQuerySchema(Asked):
    """Which entries: of one kind of thing, in some real time, after a cursor."""

    entity = bounded(60)
    from_ = InstantField(data_key="from")
    to = InstantField()
    cursor = counted(0, 2**62, in_query=True)


class ChallengeSchema(ma.Schema):
    """What a phone must sign, once and soon, together with the id of the door and of its key."""

    door = ma.fields.String(required=True)
    challenge = ma.fields.String(required=True)
    expires_at = ma.fields.String(required=True)
