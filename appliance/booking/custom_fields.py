"""Custom fields: what a facility asks of those who book, and how an answer is read (DY-61).

An answer is kept as one text in one spelling, whatever its kind: a number with a point, a date as ISO 8601, a telephone
number as E.164, `yes` or `no` for a box that is ticked or not.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from appliance.booking.masks import matches, parse_mask
from appliance.booking.services import Service
from appliance.customers.contacts import parse_phone
from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked

ANSWER_LIMIT: Final = 500
YES: Final = "yes"
NO: Final = "no"
_TOO_LARGE: Final = 10**12
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_MISSING: Final = marked("This is needed.")
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


class FieldKind(StrEnum):
    """What kind of answer a field takes."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    CHECKBOX = "checkbox"
    DATE = "date"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class CustomField:
    """One question. `service_id` None: with every service.

    slug: its name in the API. label, help: as the owner wrote them. required: of a box that it must be ticked.
    pattern: a mask for a text, empty for any. choices: of a choice. retention_days: for how many days after the end of
    a booking its answer is kept, None for as long as the booking.
    """

    id: str
    slug: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    service_id: str | None = None
    required: bool = False
    pattern: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()
    position: int = 0
    retention_days: int | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered to a field, with the label as it was asked."""

    field_id: str
    slug: str
    label: str
    value: str


def asked_with(fields: Iterable[CustomField], *services: Service) -> list[CustomField]:
    """What is asked of who books some services together, in order and each but once."""
    asking = {None, *(service.id for service in services)}
    return [each for each in fields if each.service_id in asking and not each.archived]


def read_answers(
    fields: Iterable[CustomField], given: Mapping[str, object], region: str, prefix: str = "fields."
) -> tuple[Answer, ...] | list[FieldError]:
    """The answers to `fields` out of what was `given` by slug, or every mistake in them; what is left empty is none.

    A given value is a text, a number or a yes or no. `region` (ISO 3166) is that of a telephone number without +.
    """
    asked = list(fields)
    known = {each.slug for each in asked}
    unknown = marked("There is no such field.")
    errors = [FieldError(prefix + slug, "unknown", unknown) for slug in sorted(given) if slug not in known]
    answers = []
    for each in asked:
        read = _read(each, given.get(each.slug), region)
        if isinstance(read, FieldError):
            errors.append(FieldError(prefix + each.slug, read.code, read.message, read.values))
        elif read:
            answers.append(Answer(each.id, each.slug, each.label, read))
    return errors or tuple(answers)


def _read(asked: CustomField, given: object, region: str) -> str | FieldError:
    """The answer in its one spelling, empty for none."""
    if asked.kind is FieldKind.CHECKBOX:
        return _ticked(asked, given)
    text = _plain(given)
    if isinstance(text, FieldError):
        return text
    if not text:
        return FieldError("", "missing", _MISSING) if asked.required else ""
    return _READERS[asked.kind](asked, text, region)


def _plain(given: object) -> str | FieldError:
    if given is None:
        return ""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return FieldError("", "invalid", marked("Write a text."))
    if not isinstance(given, str) and not abs(given) < _TOO_LARGE:
        return FieldError("", "out_of_range", marked("This number is too large."))
    text = given if isinstance(given, str) else format(given, ".6f").rstrip("0").rstrip(".")
    if len(text) > ANSWER_LIMIT:
        return FieldError("", "too_long", marked("Write at most {max} characters."), {"max": ANSWER_LIMIT})
    if any(unicodedata.category(sign) in _REFUSED_CATEGORIES for sign in text):
        return FieldError("", "invalid", marked("Leave out control characters."))
    return unicodedata.normalize("NFC", text).strip()


def _ticked(asked: CustomField, given: object) -> str | FieldError:
    if given in (True, YES):
        return YES
    if given not in (None, False, "", NO):
        return FieldError("", "invalid", marked("Write true or false."))
    return FieldError("", "missing", _MISSING) if asked.required else NO if given is not None else ""


def _text(asked: CustomField, text: str, _region: str) -> str | FieldError:
    mask = parse_mask(asked.pattern)
    if isinstance(mask, FieldError) or not mask or matches(mask, text):
        return text
    return FieldError("", "pattern", marked("This does not look as it should: {pattern}"), {"pattern": asked.pattern})


def _number(_asked: CustomField, text: str, _region: str) -> str | FieldError:
    number = text.replace(",", ".")
    return number if _NUMBER.fullmatch(number) else FieldError("", "invalid", marked("Write a number."))


def _choice(asked: CustomField, text: str, _region: str) -> str | FieldError:
    if text in asked.choices:
        return text
    choices = ", ".join(asked.choices)
    return FieldError("", "out_of_range", marked("Choose one of: {choices}."), {"choices": choices})


def _date(_asked: CustomField, text: str, _region: str) -> str | FieldError:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return FieldError("", "invalid", marked("Write a date such as 2026-11-22."))


def _phone(_asked: CustomField, text: str, region: str) -> str | FieldError:
    return parse_phone(text, region)


_READERS: Final = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.CHOICE: _choice,
    FieldKind.DATE: _date,
    FieldKind.PHONE: _phone,
}
