"""Where a person is reached: one field, a phone number or an e-mail address, and what is wrong with it in words."""

from collections.abc import Sequence
from typing import Final

from flask import request

from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked, text

TYPED_LENGTH: Final = 254
_WRONG: Final = {
    "phone": marked("That phone number does not look complete. Check the digits."),
    "email": marked("That e-mail address does not look right. Check it."),
}


def reached_by() -> str:
    """Which of the two this screen asks for."""
    return "email" if request.values.get("by") == "email" else "phone"


def typed_contact() -> str:
    """What was typed, as long as it may be."""
    return request.form.get("contact", "")[:TYPED_LENGTH]


def as_contact(typed: str, by: str) -> tuple[str, str]:
    """The e-mail address and the phone number that a person typed, of which one is empty."""
    return (typed, "") if by == "email" else ("", typed)


def contact_wrong(language: str, errors: Sequence[FieldError], by: str) -> str:
    """What to check."""
    field = next((error.field for error in errors if error.field in _WRONG), by)
    return text(language, _WRONG[field if field in _WRONG else "phone"])
