"""What a booking takes and tells beside its service: extras and answers to custom fields (DY-61, DY-65 to DY-69)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import marshmallow as ma
from flask import request

from appliance.booking.actions.answering import read_for
from appliance.booking.catalogue import Catalogue
from appliance.booking.custom_fields import Answer, CustomField, asked_with
from appliance.booking.extras import MOST_CHOSEN, BookedExtra, Extra, ExtraWish, choose_extras, offered_with
from appliance.booking.services import Service
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.money import Money
from appliance.web.api.complaints import Asked, Complaint, at_most
from appliance.web.api.fields import MoneySchema, bounded, counted
from appliance.web.unit import catalogue_lately, catalogue_now, held_service

MOST_QUANTITY: Final = 1000
MOST_ANSWERS: Final = 200
LONGEST_QUERY: Final = 8000
_TOO_MANY = Complaint("too_many", marked("There are too many of these."))
_LIST_WRONG = marked("Write ids and numbers, such as id:2,id:1.")


class ExtraWishSchema(Asked):
    """An extra of the service, and how many of it."""

    id = bounded(60, required=True)
    quantity = counted(1, MOST_QUANTITY, required=True)


class BookedExtraSchema(ma.Schema):
    """What was chosen, as it was then. `quantity` as chosen, `units` as paid for, `price` of one, `total` of all."""

    id = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    quantity = ma.fields.Integer(required=True)
    units = ma.fields.Integer(required=True)
    price = ma.fields.Nested(MoneySchema, required=True)
    total = ma.fields.Nested(MoneySchema, required=True)
    minutes = ma.fields.Integer(required=True)


class AnswerSchema(ma.Schema):
    """What was answered to a field; for staff only."""

    field = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    value = ma.fields.String(required=True)


def extras_wished() -> ma.fields.List[Any]:
    """A list of extras with their quantities."""
    return ma.fields.List(
        ma.fields.Nested(ExtraWishSchema), validate=ma.validate.Length(max=MOST_CHOSEN, error=_TOO_MANY)
    )


def answers_given() -> ma.fields.Dict:
    """Answers by the slugs of their fields: texts, numbers, true or false."""
    return ma.fields.Dict(
        data_key="fields",
        keys=ma.fields.String(validate=at_most(60)),
        values=ma.fields.Raw(allow_none=True),
        validate=ma.validate.Length(max=MOST_ANSWERS, error=_TOO_MANY),
    )


def wishes_in(body: Mapping[str, Any]) -> tuple[ExtraWish, ...]:
    """The extras of a body that its schema has checked."""
    return tuple(ExtraWish(each["id"], each["quantity"]) for each in body.get("extras", ()))


def answers_in(body: Mapping[str, Any]) -> Mapping[str, object]:
    """The answers of a body that its schema has checked."""
    given: Mapping[str, object] = body.get("answers", {})
    return given


def wishes_of_query(text: str) -> tuple[ExtraWish, ...]:
    """`id:quantity,id:quantity`. Invalid when it is something else."""
    pairs = [part.rpartition(":") for part in text.split(",")] if text else []
    if len(pairs) > MOST_CHOSEN or not all(name and _is_quantity(number) for name, _, number in pairs):
        raise Invalid(FieldError("extras", "invalid", _LIST_WRONG))
    return tuple(ExtraWish(name, int(number)) for name, _, number in pairs)


def mistakes(data: Mapping[str, Any], legs: Sequence[Any] | None = None) -> dict[str, list[str]]:
    """Everything wrong with the extras and answers of a booking, by field, so far as its service is known by now.

    legs: the services of a visit with the extras of each, where `data` has none itself; what of them could be read.
    """
    lately = catalogue_lately()
    wishes = {"": data} if legs is None else {f"legs.{number}.": leg for number, leg in enumerate(legs)}
    if not (lately.fields or data.get("answers") or any(wish.get("extras") for wish in wishes.values())):
        return {}
    # One that is old may say that all is well, for whoever acts on it asks again; only the one in force may say no.
    given = data.get("answers", {})
    found = _mistakes(lately, wishes, given) and _mistakes(catalogue_now(), wishes, given)
    return {error.field: [Complaint(error.code, error.message, **error.values)] for error in found}


def told_extras(extras: Iterable[BookedExtra]) -> list[dict[str, object]]:
    """The extras of a booking."""
    return [
        {
            "id": each.extra_id,
            "name": each.name,
            "quantity": each.quantity,
            "units": each.units,
            "price": _money(each.price),
            "total": _money(each.total),
            "minutes": each.minutes,
        }
        for each in extras
    ]


def told_answers(answers: Iterable[Answer]) -> list[dict[str, object]]:
    """What was answered with a booking."""
    return [{"field": each.slug, "label": each.label, "value": each.value} for each in answers]


def offered(service: Service, catalogue: Catalogue) -> dict[str, object]:
    """What can be taken with a service, and what is asked with it."""
    return {
        "extras": [_extra(each) for each in offered_with(catalogue.extras, service)],
        "fields": [_field(each) for each in asked_with(catalogue.fields, service)],
    }


def image_address(extra: Extra) -> str | None:
    """Where the picture of an extra is found; another picture has another address."""
    return f"{request.script_root}/api/v1/extras/{extra.id}/image?v={extra.image[:16]}" if extra.image else None


def _mistakes(
    catalogue: Catalogue, wishes: Mapping[str, Mapping[str, Any]], given: Mapping[str, object] | None
) -> list[FieldError]:
    found, services = [], []
    for prefix, data in wishes.items():
        service = catalogue.service(held_service(data["hold"]) if "hold" in data else data.get("service", ""))
        services += [service] if service is not None else []
        if service is not None and "hold" not in data:
            wrong = _wrong_extras(catalogue, service, data)
            found += [replace(error, field=prefix + error.field) for error in wrong]
    # A wish that is only to be held is not asked anything; of services that are not known nobody knows what is asked.
    is_asked = given is not None and len(services) == len(wishes)
    answers = read_for(catalogue, services, given or {}) if is_asked else ()
    return found + (answers if isinstance(answers, list) else [])


def _wrong_extras(catalogue: Catalogue, service: Service, data: Mapping[str, Any]) -> list[FieldError]:
    if not all({"id", "quantity"} <= each.keys() for each in data.get("extras", ())):
        return []
    duration = data.get("duration") or service.durations[0]
    try:
        choose_extras(catalogue.extras, service, wishes_in(data), duration)
    except Invalid as invalid:
        return list(invalid.errors)
    return []


def _extra(each: Extra) -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "summary": each.summary,
        "price": _money(each.price),
        "vat_percent": each.vat_percent,
        "per": str(each.per),
        "minutes": each.minutes,
        "least": each.least,
        "most": each.most,
        "image": image_address(each),
        "shows": sorted(each.shows),
    }


def _field(each: CustomField) -> dict[str, object]:
    return {
        "name": each.slug,
        "label": each.label,
        "kind": str(each.kind),
        "required": each.required,
        "pattern": each.pattern,
        "help": each.help,
        "choices": list(each.choices),
    }


def _money(value: Money) -> dict[str, object]:
    return {"amount": value.amount, "currency": value.currency}


def _is_quantity(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_QUANTITY
