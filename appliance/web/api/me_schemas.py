"""What the API takes and tells of one's own profile."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import marshmallow as ma

from appliance.customers.contacts import EMAIL_LIMIT, PHONE_LIMIT, parse_email, parse_name, parse_phone
from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import LANGUAGES
from appliance.identity.profile_store import Profile
from appliance.web.api.complaints import Asked, Complaint, one_of
from appliance.web.api.editing import MOST_VERSIONS
from appliance.web.api.fields import bounded, counted
from appliance.web.unit import catalogue_now


class ProfileSchema(Asked):
    """What somebody says of themselves; what is left out or empty is not said."""

    name = bounded()
    email = bounded(EMAIL_LIMIT)
    phone = bounded(PHONE_LIMIT)
    language = ma.fields.String(validate=one_of("", *LANGUAGES))
    version = counted(1, MOST_VERSIONS, required=True)

    @ma.validates_schema(skip_on_field_errors=False)
    def _can_be_read(self, data: Mapping[str, Any], **_options: object) -> None:
        wrong = [each for each in _read(data).values() if isinstance(each, FieldError)]
        if wrong:
            raise ma.ValidationError({each.field: [Complaint(each.code, each.message)] for each in wrong})

    @ma.post_load
    def _normalised(self, typed: dict[str, Any], **_options: object) -> dict[str, Any]:
        return typed | _read(typed)


class ProfileAnswerSchema(ma.Schema):
    """What somebody said of themselves, and whether their calendar has an address, which is told only once."""

    user = ma.fields.String(required=True)
    role = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    email = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)
    language = ma.fields.String(required=True)
    has_calendar = ma.fields.Boolean(required=True)
    version = ma.fields.Integer(required=True)


class CalendarAddressSchema(ma.Schema):
    """The address of a calendar; whoever has it reads it."""

    address = ma.fields.String(required=True)


def profile_of(body: Mapping[str, Any]) -> Profile:
    """The profile that a body describes."""
    return Profile(body["name"], body["email"], body["phone"], body.get("language", ""))


def profile_shape(profile: Profile) -> dict[str, object]:
    """A profile as its owner is told of it."""
    return asdict(profile)


def _read(data: Mapping[str, Any]) -> dict[str, str | FieldError]:
    return {
        "name": parse_name(data.get("name", "")),
        "email": parse_email(data.get("email", "")),
        "phone": parse_phone(data.get("phone", ""), catalogue_now().facility.region),
    }
