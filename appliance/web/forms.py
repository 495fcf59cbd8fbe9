"""A form read by the schemas of the API: what is wrong with each field at once, in words, and all that was typed.

A form sends nothing but text. Whole numbers and ticks are made of it as their fields want them; an empty field is one
that was left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import marshmallow as ma
from flask import request

from appliance.foundation.errors import FieldError, Invalid
from appliance.web.api.specification import field_errors
from appliance.web.speaking import language

CONFIRMED: Final = "confirmed"
_OURS: Final = frozenset({"csrf_token", CONFIRMED, "act", "back"})


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of a form. wrong: sentences by field; empty when `values` are good."""

    values: Mapping[str, Any] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, list[str]] = field(default_factory=dict)


def filled(schema: ma.Schema) -> Filled:
    """The form of this request as `schema` reads it."""
    typed = {name: value.strip() for name, value in request.form.items() if name not in _OURS}
    try:
        values = schema.load(_as_sent(schema, typed))
    except ma.ValidationError as fault:
        return Filled({}, typed, wrong_fields(field_errors(fault.messages)))
    return Filled(values, typed)


def complained(form: Filled, fault: Invalid) -> Filled:
    """The same form with what a capability found wrong with it."""
    return Filled({}, form.typed, wrong_fields(fault.errors))


def wrong_fields(errors: tuple[FieldError, ...] | list[FieldError]) -> dict[str, list[str]]:
    """Sentences by field, in the visitor's language."""
    wrong: dict[str, list[str]] = {}
    for error in errors:
        wrong.setdefault(error.field, []).append(error.told(language()))
    return wrong


def is_confirmed() -> bool:
    """Whether the person has said once more that they want this."""
    return request.form.get(CONFIRMED) == "yes"


def carried() -> list[tuple[str, str]]:
    """Every field of this form, to be sent once more with the confirmation."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", CONFIRMED)]


def _as_sent(schema: ma.Schema, typed: Mapping[str, str]) -> dict[str, object]:
    sent: dict[str, object] = {name: value for name, value in typed.items() if value}
    for name, kind in schema.fields.items():
        key = kind.data_key or name
        if isinstance(kind, ma.fields.Boolean):
            sent[key] = typed.get(key, "") in ("on", "true", "yes")
        elif isinstance(kind, ma.fields.Integer) and typed.get(key, "").removeprefix("-").isdecimal():
            sent[key] = int(typed[key][:20])
    return sent
