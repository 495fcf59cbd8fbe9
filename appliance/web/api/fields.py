"""The schema fields of the contract: instants with an offset, dates, money, and texts that end somewhere."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from zoneinfo import available_timezones

import marshmallow as ma

from appliance.foundation.i18n import marked
from appliance.foundation.instants import Instant, parse_instant
from appliance.foundation.positions import Position, parse_position
from appliance.web.api.complaints import (
    MISSING,
    NO_SUCH_CATEGORY,
    NO_SUCH_RESOURCE,
    NO_SUCH_SERVICE,
    UNPRINTABLE,
    Complaint,
    at_most,
    between,
)
from appliance.web.sight import sight_now
from appliance.web.unit import catalogue_knows

TEXT_LIMIT = 500
PRINTABLE = r"^[^\x00-\x1f]*$"
NAME = r"^[^\x00-\x1f]*[!-~][^\x00-\x1f]*$"
SHORT_NAME = r"^[a-z0-9]+(-[a-z0-9]+)*\Z"
_SLUG = Complaint("invalid", marked("Write small letters, digits and dashes."))
_NO_ZONE = Complaint("unknown", marked("There is no such time zone; write one such as Europe/Stockholm."))
LATEST = 4_102_444_800  # 2100-01-01: nobody books further ahead, and every calendar computes safely before it


class InstantField(ma.fields.Field[Instant]):
    """RFC 3339 with an offset and whole seconds, before the year 2100; UTC seconds inside."""

    default_error_messages = {  # noqa: RUF012 (marshmallow's own attribute)
        "invalid": Complaint(
            "invalid", marked("Write a date and time with its offset, such as 2026-11-22T18:00:00+01:00.")
        ),
        "out_of_range": Complaint("out_of_range", marked("Choose a time between 1970 and 2100.")),
    }

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> Instant:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        try:
            # A query string turns the plus of an offset into a space.
            instant = parse_instant(value.replace(" ", "+"))
        except ValueError as fault:
            raise self.make_error("invalid") from fault
        if not 0 <= instant < LATEST:
            raise self.make_error("out_of_range")
        return instant


class PositionField(ma.fields.Field[Position]):
    """Latitude and longitude in degrees as RFC 5870 writes them, such as 59.3057,18.0731; a position inside."""

    default_error_messages = {  # noqa: RUF012 (marshmallow's own attribute)
        "invalid": Complaint("invalid", marked("Write latitude and longitude in degrees, such as 59.3057, 18.0731.")),
    }

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> Position:
        position = parse_position(value) if isinstance(value, str) else None
        if position is None:
            raise self.make_error("invalid")
        return position


class WholeNumber(ma.fields.Integer):
    """An integer as JSON Schema has it: 60.0 is one, neither text nor a fraction is."""

    def _validated(self, value: object) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return super()._validated(value)


class TrueOrFalse(ma.fields.Boolean):
    """JSON's true or false, and none of the words and numbers that stand for them elsewhere."""

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


def bounded(most: int = TEXT_LIMIT, *, required: bool = False, allow_none: bool = False) -> ma.fields.String:
    """A text of at most `most` characters without control characters."""
    checks: list[Callable[[str], object]] = [at_most(most), _printable]
    return ma.fields.String(validate=checks, required=required, allow_none=allow_none, metadata={"pattern": PRINTABLE})


def service_name(*, required: bool = False, allow_none: bool = False) -> ma.fields.String:
    """The slug or id of a service of the catalogue."""
    return ma.fields.String(validate=[at_most(60), _known_service], required=required, allow_none=allow_none)


def resource_name() -> ma.fields.String:
    """The slug or id of a resource of the catalogue; null takes any that fits."""
    return ma.fields.String(validate=[at_most(60), _known_resource], allow_none=True)


def category_name(*, required: bool = False) -> ma.fields.String:
    """The id of a customer category."""
    return ma.fields.String(validate=[at_most(60), _known_category], required=required)


def counted(
    least: int, most: int, *, in_query: bool = False, required: bool = False, allow_none: bool = False
) -> ma.fields.Integer:
    """A whole number; neither text nor fraction will do, but in a query everything is text."""
    kind = ma.fields.Integer if in_query else WholeNumber
    return kind(strict=not in_query, validate=between(least, most), required=required, allow_none=allow_none)


def named(most: int) -> ma.fields.String:
    """A name of something: a text of at most `most` characters that says something."""
    checks: list[Callable[[str], object]] = [at_most(most), _printable, _says_something]
    return ma.fields.String(validate=checks, required=True, metadata={"pattern": NAME})


def short_name() -> ma.fields.String:
    """The slug of something, by which people and addresses name it."""
    return ma.fields.String(required=True, validate=[at_most(60), ma.validate.Regexp(SHORT_NAME, error=_SLUG)])


def zone_name(*, required: bool = False) -> ma.fields.String:
    """A time zone by its IANA name."""
    return ma.fields.String(required=required, validate=[at_most(60), _known_zone])


class DateField(ma.fields.Field[date]):
    """A calendar date (ISO 8601) of this century."""

    default_error_messages = {  # noqa: RUF012 (marshmallow's own attribute)
        "invalid": Complaint("invalid", marked("Write a date such as 2026-11-22.")),
        "out_of_range": Complaint("out_of_range", marked("Choose a day from 2000 to 2099.")),
    }

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> date:
        try:
            if not isinstance(value, str) or len(value) != len("2026-11-22"):
                raise ValueError("no date")
            day = date.fromisoformat(value)
        except ValueError as fault:
            raise self.make_error("invalid") from fault
        if day.year // 100 != 20:
            raise self.make_error("out_of_range")
        return day


class MoneySchema(ma.Schema):
    """Minor units of a currency."""

    amount = ma.fields.Integer(required=True)
    currency = ma.fields.String(required=True)


def _known_service(name: str) -> None:
    seen = sight_now()
    if not catalogue_knows(lambda catalogue: catalogue.service(name, seen)):
        raise ma.ValidationError(NO_SUCH_SERVICE)


def _known_resource(name: str) -> None:
    if not catalogue_knows(lambda catalogue: catalogue.resource_id(name)):
        raise ma.ValidationError(NO_SUCH_RESOURCE)


def _known_category(category_id: str) -> None:
    if not catalogue_knows(lambda catalogue: catalogue.tariff.categories.get(category_id)):
        raise ma.ValidationError(NO_SUCH_CATEGORY)


def _known_zone(name: str) -> None:
    if name not in _zones():
        raise ma.ValidationError(_NO_ZONE)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _says_something(text: str) -> None:
    if not text.strip():
        raise ma.ValidationError(MISSING)


def _printable(text: str) -> None:
    if any(ord(character) < 32 or 0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise ma.ValidationError(UNPRINTABLE)
