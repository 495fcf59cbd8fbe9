"""What can be wrong with a value that somebody sends: each of marshmallow's messages, by its key, in our own words."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from appliance.booking.actions.desk import UNKNOWN_RESOURCE, UNKNOWN_SERVICE
from appliance.foundation.i18n import marked


class Complaint(str):
    """An English text with its stable code, which is put into a language only when it is told.

    marshmallow fills the blanks of a message by `format`. Here they are kept beside it, so that it can be translated
    first; all but the value itself, which may be a password.
    """

    code: str
    values: Mapping[str, object]

    def __new__(cls, code: str, message: str, **values: object) -> "Complaint":
        made = super().__new__(cls, message)
        made.code, made.values = code, values
        return made

    def __deepcopy__(self, _memo: object) -> "Complaint":
        # marshmallow copies a field with its messages for each schema; this one never changes.
        return self

    def format(self, *_unnamed: object, **values: object) -> str:
        return Complaint(self.code, str(self), **{name: value for name, value in values.items() if name != "input"})


_NO_OBJECT = Complaint("invalid", marked("Write an object with names and values."))
_NO_TEXT = Complaint("invalid", marked("Write a text."))
MISSING = Complaint("missing", marked("This is needed."))
UNREADABLE = Complaint("invalid", marked("This is not JSON."))
NUMBER_TOO_LONG = Complaint("invalid", marked("This holds a number that is too long."))
TOO_LONG = Complaint("too_long", marked("Write at most {max} characters."))
OUT_OF_RANGE = Complaint("out_of_range", marked("Choose a number from {min} to {max}."))
NOT_AN_OPTION = Complaint("out_of_range", marked("Choose one of: {choices}."))
UNPRINTABLE = Complaint("invalid", marked("Leave out control characters."))
NO_SUCH_CATEGORY = Complaint("unknown", marked("There is no such customer category."))
NO_SUCH_SERVICE = Complaint(UNKNOWN_SERVICE.code, UNKNOWN_SERVICE.message)
NO_SUCH_RESOURCE = Complaint(UNKNOWN_RESOURCE.code, UNKNOWN_RESOURCE.message)

BY_KIND: Mapping[type, Mapping[str, Complaint]] = {
    ma.fields.Field: {
        "required": MISSING,
        "null": Complaint("null", marked("This must not be null.")),
        "validator_failed": Complaint("invalid", marked("This does not fit here.")),
    },
    ma.fields.String: {"invalid": _NO_TEXT, "invalid_utf8": _NO_TEXT},
    ma.fields.Integer: {
        "invalid": Complaint("invalid", marked("Write a whole number.")),
        "too_large": Complaint("out_of_range", marked("This number is too large.")),
    },
    ma.fields.Boolean: {"invalid": Complaint("invalid", marked("Write true or false."))},
    ma.fields.UUID: {"invalid_uuid": Complaint("invalid", marked("Write a UUID (RFC 9562)."))},
    ma.fields.Nested: {"type": _NO_OBJECT},
    ma.fields.Dict: {"invalid": _NO_OBJECT},
    ma.fields.List: {"invalid": Complaint("invalid", marked("Write a list."))},
}


class Asked(ma.Schema):
    """A body or a query that somebody sends; whatever is wrong with it is a `Complaint`."""

    error_messages: dict[str, str] = {  # noqa: RUF012 (marshmallow's own attribute)
        "unknown": Complaint("unknown", marked("There is no such field.")),
        "type": _NO_OBJECT,
    }

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[Any]) -> None:
        """Let a field complain in our words."""
        for kind in reversed(type(field_obj).__mro__):
            field_obj.error_messages.update(BY_KIND.get(kind, {}))


def at_most(characters: int) -> ma.validate.Length:
    """A text of at most so many characters."""
    return ma.validate.Length(max=characters, error=TOO_LONG)


def between(least: int, most: int) -> ma.validate.Range:
    """A number in a range, both ends included."""
    return ma.validate.Range(least, most, error=OUT_OF_RANGE)


def one_of(*options: str) -> ma.validate.OneOf:
    """One text of a closed list."""
    return ma.validate.OneOf(options, error=NOT_AN_OPTION)
