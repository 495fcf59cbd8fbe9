"""A customer's name, e-mail address and telephone number: read once at the rim, kept in one spelling (BM-05).

Two contacts are the same person when their `email_match` or their `phone` are equal.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked

NAME_LIMIT: Final = 120
EMAIL_LIMIT: Final = 254  # RFC 5321 section 4.5.3.1.3, less the angle brackets
PHONE_LIMIT: Final = 40
# Line ends, controls and lone surrogates; marks that turn the writing direction make a name look like another.
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTION_MARKS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Contact:
    """A readable contact with at least one of e-mail and telephone.

    name: NFC, at most 120 characters, may be empty. email: as the person writes it. email_match: for comparing.
    phone: E.164, such as +46701234567; also for comparing. birth_year: where the person told it.
    """

    name: str
    email: str | None
    phone: str | None
    email_match: str | None
    birth_year: int | None = None


def parse_contact(
    name: str | None, email: str | None, phone: str | None, region: str = "SE"
) -> Contact | list[FieldError]:
    """Read what a person typed, or list every mistake in it. `region` (ISO 3166) is that of a number without +."""
    parts = (parse_name(name or ""), parse_email(email or ""), parse_phone(phone or "", region))
    errors = [part for part in parts if isinstance(part, FieldError)]
    if errors:
        return errors
    clean_name, clean_email, clean_phone = (part for part in parts if isinstance(part, str))
    if not clean_email and not clean_phone:
        return [FieldError("email", "contact_missing", marked("Enter an e-mail address or a telephone number."))]
    return Contact(clean_name, clean_email or None, clean_phone or None, match_key(clean_email) or None)


def match_key(email: str) -> str:
    """The form of an e-mail address in which two are compared: one letter case and one spelling of each letter.

    RFC 5321 lets the part before the @ tell cases apart; no mail provider in use does, and people do not either.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", email).casefold())


def parse_name(typed: str) -> str | FieldError:
    """A name in one spelling (NFC), at most 120 characters; empty for none."""
    # Composing can shorten a name to a third; what is longer than that needs no look.
    if len(typed) > 4 * NAME_LIMIT:
        return _name_too_long()
    if any(unicodedata.category(letter) in _REFUSED_CATEGORIES or letter in _DIRECTION_MARKS for letter in typed):
        return FieldError("name", "control_character", marked("The name holds a character that cannot be shown."))
    name = _SPACES.sub(" ", unicodedata.normalize("NFC", typed)).strip()
    return _name_too_long() if len(name) > NAME_LIMIT else name


def _name_too_long() -> FieldError:
    return FieldError("name", "too_long", marked("The name is too long: at most 120 characters."))


def parse_email(typed: str) -> str | FieldError:
    """An e-mail address as the person writes it; empty for none."""
    wrong = FieldError("email", "not_an_email", marked("This is not an e-mail address."))
    typed = typed.strip()
    if not typed:
        return ""
    if len(typed) > EMAIL_LIMIT:
        return wrong
    # Here and below: a tenth of a second on a small unit that most requests can do without.
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(typed, check_deliverability=False, strict=True).normalized
    except EmailNotValidError:
        return wrong


def parse_phone(typed: str, region: str) -> str | FieldError:
    """A telephone number as E.164, empty for none; `region` (ISO 3166) is that of a number without +."""
    wrong = FieldError("phone", "not_a_phone", marked("This is not a telephone number."))
    typed = typed.strip()
    if not typed:
        return ""
    if len(typed) > PHONE_LIMIT:
        return wrong
    import phonenumbers

    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return wrong
    if number.extension or not phonenumbers.is_valid_number(number):
        return wrong
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
