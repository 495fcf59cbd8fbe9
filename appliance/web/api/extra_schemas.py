"""What the API takes and tells of extras and of custom fields as set-up data."""

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from appliance.booking.custom_fields import CustomField, FieldKind
from appliance.booking.extras import ChargedPer, Extra, ExtraPart
from appliance.booking.masks import MASK_LIMIT, parse_mask
from appliance.booking.services import LONGEST_BOOKING_MINUTES, Need
from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked
from appliance.foundation.ids import is_slug
from appliance.foundation.money import Money
from appliance.web.api.beside import MOST_QUANTITY
from appliance.web.api.complaints import MISSING, Asked, Complaint, one_of
from appliance.web.api.editing import EditedSchema
from appliance.web.api.fields import TrueOrFalse, bounded, counted, named, service_name
from appliance.web.unit import catalogue_now

NAME_LIMIT: Final = 120
LARGEST_AMOUNT: Final = 10**9
MOST_CHOICES: Final = 100
LONGEST_RETENTION_DAYS: Final = 3660
_NO_SUCH_POOL = Complaint("unknown", marked("There is no such pool."))
_NO_SLUG = Complaint("invalid", marked("Write small letters a to z, digits and single dashes."))
_LEAST_OVER_MOST = Complaint("out_of_range", marked("The least is more than the most."))
_TOO_MANY = Complaint("too_many", marked("There are too many of these."))
_ONLY_TEXT = Complaint("not_offered", marked("Only a text has a pattern."))
_TWICE = Complaint("twice", marked("This stands here twice."))


class ExtraNeedSchema(Asked):
    """What one of an extra takes for itself: so many of a pool, for the whole booking or a part of it in minutes."""

    pool = bounded(60, required=True)
    quantity = counted(1, MOST_QUANTITY)
    offset_minutes = counted(0, LONGEST_BOOKING_MINUTES)
    length_minutes = counted(1, LONGEST_BOOKING_MINUTES, allow_none=True)

    @ma.validates_schema(skip_on_field_errors=True)
    def _known_pool(self, data: Mapping[str, Any], **_options: object) -> None:
        if _pool_id(data["pool"]) is None:
            raise ma.ValidationError({"pool": [_NO_SUCH_POOL]})


class ExtraSchema(Asked):
    """An extra. `amount` is what one costs, in minor units, VAT contained. Without `service` it goes with every one.

    `minutes` lengthen the booking for each one chosen. `per` says whether a quantity is for each person or for the
    booking. `shows` lists what is shown of it where it is chosen.
    """

    name = named(NAME_LIMIT)
    service = service_name(allow_none=True)
    summary = bounded(500)
    amount = counted(0, LARGEST_AMOUNT, required=True)
    vat_percent = counted(0, 100)
    account = bounded(40)
    minutes = counted(0, LONGEST_BOOKING_MINUTES)
    least = counted(1, MOST_QUANTITY)
    most = counted(1, MOST_QUANTITY)
    per = ma.fields.String(validate=one_of(*ChargedPer))
    need = ma.fields.Nested(ExtraNeedSchema, allow_none=True)
    shows = ma.fields.List(ma.fields.String(validate=one_of(*ExtraPart)))
    position = counted(0, 10_000)

    @ma.validates_schema(skip_on_field_errors=True)
    def _fits_together(self, data: Mapping[str, Any], **_options: object) -> None:
        if data.get("least", 1) > data.get("most", max(1, data.get("least", 1))):
            raise ma.ValidationError({"least": [_LEAST_OVER_MOST]})


class ExtraAnswerSchema(EditedSchema):
    """An extra as it stands."""

    name = ma.fields.String(required=True)
    service = ma.fields.String(required=True, allow_none=True)
    summary = ma.fields.String(required=True)
    amount = ma.fields.Integer(required=True)
    vat_percent = ma.fields.Integer(required=True)
    account = ma.fields.String(required=True)
    minutes = ma.fields.Integer(required=True)
    least = ma.fields.Integer(required=True)
    most = ma.fields.Integer(required=True)
    per = ma.fields.String(required=True)
    need = ma.fields.Dict(required=True, allow_none=True)
    shows = ma.fields.List(ma.fields.String(), required=True)
    position = ma.fields.Integer(required=True)


class CustomFieldSchema(Asked):
    """A custom field. Without `service` it is asked with every service.

    `pattern`, for a text: 9 is a digit, A a letter, N either; ? behind a sign: may be left out, +: may repeat.
    `retention_days`: for so many days after the booking its answer is kept; null for as long as the booking.
    """

    slug = bounded(60, required=True)
    label = named(NAME_LIMIT)
    kind = ma.fields.String(required=True, validate=one_of(*FieldKind))
    service = service_name(allow_none=True)
    required = TrueOrFalse()
    pattern = bounded(MASK_LIMIT)
    help = bounded(500)
    choices = ma.fields.List(named(NAME_LIMIT), validate=ma.validate.Length(max=MOST_CHOICES, error=_TOO_MANY))
    position = counted(0, 10_000)
    retention_days = counted(0, LONGEST_RETENTION_DAYS, allow_none=True)

    @ma.validates_schema(skip_on_field_errors=True)
    def _fits_together(self, data: Mapping[str, Any], **_options: object) -> None:
        wrong: dict[str, list[str]] = {}
        choices, mask = data.get("choices", []), parse_mask(data.get("pattern", ""))
        if not is_slug(data["slug"]):
            wrong["slug"] = [_NO_SLUG]
        if data["kind"] == FieldKind.CHOICE and not choices:
            wrong["choices"] = [MISSING]
        if len(set(choices)) != len(choices):
            wrong["choices"] = [_TWICE]
        if isinstance(mask, FieldError):
            wrong["pattern"] = [Complaint(mask.code, mask.message, **mask.values)]
        elif mask and data["kind"] != FieldKind.TEXT:
            wrong["pattern"] = [_ONLY_TEXT]
        if wrong:
            raise ma.ValidationError(wrong)


class CustomFieldAnswerSchema(EditedSchema):
    """A custom field as it stands."""

    slug = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    service = ma.fields.String(required=True, allow_none=True)
    required = ma.fields.Boolean(required=True)
    pattern = ma.fields.String(required=True)
    help = ma.fields.String(required=True)
    choices = ma.fields.List(ma.fields.String(), required=True)
    position = ma.fields.Integer(required=True)
    retention_days = ma.fields.Integer(required=True, allow_none=True)


def extra_of(body: Mapping[str, Any]) -> Extra:
    """The extra that a body describes."""
    need, least = body.get("need"), body.get("least", 1)
    return Extra(
        id="",
        name=body["name"],
        price=Money(body["amount"], catalogue_now().facility.currency),
        service_id=_service_id(body),
        summary=body.get("summary", ""),
        vat_percent=body.get("vat_percent", 0),
        account=body.get("account", ""),
        minutes=body.get("minutes", 0),
        least=least,
        most=body.get("most", least),
        per=ChargedPer(body.get("per", ChargedPer.BOOKING)),
        need=_need(need) if need else None,
        shows=frozenset(ExtraPart(part) for part in body.get("shows", ExtraPart)),
        position=body.get("position", 0),
    )


def extra_shape(extra: Extra) -> dict[str, object]:
    """An extra as the API tells it to staff."""
    need = extra.need
    own = ("name", "summary", "vat_percent", "account", "minutes", "least", "most", "position")
    return {name: getattr(extra, name) for name in own} | {
        "service": extra.service_id,
        "amount": extra.price.amount,
        "per": str(extra.per),
        "need": {
            "pool": need.pool_id,
            "quantity": need.quantity,
            "offset_minutes": need.offset_minutes,
            "length_minutes": need.length_minutes,
        }
        if need
        else None,
        "shows": [str(part) for part in ExtraPart if part in extra.shows],
    }


def field_of(body: Mapping[str, Any]) -> CustomField:
    """The custom field that a body describes."""
    return CustomField(
        id="",
        slug=body["slug"],
        label=body["label"],
        kind=FieldKind(body["kind"]),
        service_id=_service_id(body),
        required=body.get("required", False),
        pattern=body.get("pattern", ""),
        help=body.get("help", ""),
        choices=tuple(body.get("choices", ())),
        position=body.get("position", 0),
        retention_days=body.get("retention_days"),
    )


def field_shape(asked: CustomField) -> dict[str, object]:
    """A custom field as the API tells it to staff."""
    own = ("slug", "label", "required", "pattern", "help", "position", "retention_days")
    shown = {name: getattr(asked, name) for name in own}
    return shown | {"service": asked.service_id, "kind": str(asked.kind), "choices": list(asked.choices)}


def _service_id(body: Mapping[str, Any]) -> str | None:
    service = catalogue_now().service(body["service"]) if body.get("service") else None
    return service.id if service else None


def _need(body: Mapping[str, Any]) -> Need:
    pool_id = _pool_id(body["pool"]) or ""
    return Need(pool_id, body.get("quantity", 1), body.get("offset_minutes", 0), body.get("length_minutes"))


def _pool_id(name: str) -> str | None:
    pools = catalogue_now().pools
    return name if name in pools else next((pool.id for pool in pools.values() if pool.slug == name), None)
