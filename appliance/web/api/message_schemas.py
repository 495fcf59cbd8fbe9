"""What the API takes and tells of messages."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import marshmallow as ma

from appliance.customers.contacts import Contact, parse_contact
from appliance.foundation.i18n import LANGUAGES
from appliance.foundation.instants import DAY_MINUTES
from appliance.messaging.events import OF_CUSTOMERS, Event
from appliance.messaging.settings import LONGEST_REMINDER_HOURS, RECAP_MINUTE, MessageSettings
from appliance.messaging.templates import (
    LONGEST_BODY,
    LONGEST_SUBJECT,
    Audience,
    MessageTemplate,
    Slot,
    Way,
    is_told,
)
from appliance.web.api.complaints import (
    MISSING,
    NOT_AN_OPTION,
    UNPRINTABLE,
    Asked,
    Complaint,
    at_most,
    at_most_items,
    one_of,
)
from appliance.web.api.editing import MOST_VERSIONS, EditedSchema
from appliance.web.api.fields import TrueOrFalse, bounded, counted
from appliance.web.unit import catalogue_now

_LINES: Final = r"^[^\x00-\x09\x0b-\x0c\x0e-\x1f]*$"


def _lines_only(text: str) -> None:
    if any((ord(sign) < 32 and sign not in "\r\n") or 0xD800 <= ord(sign) <= 0xDFFF for sign in text):
        raise ma.ValidationError(UNPRINTABLE)


def _lines(*, required: bool = False) -> ma.fields.String:
    """A text of several lines."""
    checks: list[Callable[[str], object]] = [at_most(LONGEST_BODY), _lines_only]
    return ma.fields.String(validate=checks, required=required, metadata={"pattern": _LINES})


def _events() -> ma.fields.List[str]:
    return ma.fields.List(ma.fields.String(validate=one_of(*OF_CUSTOMERS)), validate=at_most_items(len(OF_CUSTOMERS)))


class SlotSchema(Asked):
    """Which message some words are for."""

    event = ma.fields.String(required=True, validate=one_of(*Event))
    audience = ma.fields.String(load_default=str(Audience.CLIENT), validate=one_of(*Audience))
    channel = ma.fields.String(load_default=str(Way.EMAIL), validate=one_of(*Way))
    language = ma.fields.String(required=True, validate=one_of(*LANGUAGES))

    @ma.validates_schema
    def _is_told(self, data: Mapping[str, Any], **_options: object) -> None:
        if not is_told(Event(data["event"]), Audience(data["audience"]), Way(data["channel"])):
            wrong = (("audience", Audience.STAFF), ("channel", Way.EMAIL))
            raise ma.ValidationError(
                {
                    name: [Complaint(NOT_AN_OPTION.code, str(NOT_AN_OPTION), choices=only)]
                    for name, only in wrong
                    if data[name] != only
                }
            )


class TemplateSchema(SlotSchema):
    """The words of one message; `{booking_number}` and the like stand for values. An SMS has no subject."""

    subject = bounded(LONGEST_SUBJECT)
    body = _lines(required=True)

    @ma.validates_schema
    def _has_a_subject(self, data: Mapping[str, Any], **_options: object) -> None:
        wrong = {"body": [MISSING]} if not data["body"].strip() else {}
        if data["channel"] == Way.EMAIL and not data.get("subject", "").strip():
            wrong["subject"] = [MISSING]
        if wrong:
            raise ma.ValidationError(wrong)


class TemplateAnswerSchema(EditedSchema):
    """The words of one message as they stand."""

    event = ma.fields.String(required=True)
    audience = ma.fields.String(required=True)
    channel = ma.fields.String(required=True)
    language = ma.fields.String(required=True)
    subject = ma.fields.String(required=True)
    body = ma.fields.String(required=True)


class PreviewSchema(SlotSchema):
    """Words to look at; without `body` those that are in force."""

    subject = bounded(LONGEST_SUBJECT)
    body = _lines()


class TrySchema(PreviewSchema):
    """The same, and the address or number to send them to."""

    to = bounded(254, required=True)

    @ma.validates_schema
    def _is_an_address(self, data: Mapping[str, Any], **_options: object) -> None:
        self._read(data)

    @ma.post_load
    def _normalised(self, typed: dict[str, Any], **_options: object) -> dict[str, Any]:
        read = self._read(typed)
        return typed | {"to": read.email or read.phone or ""}

    def _read(self, data: Mapping[str, Any]) -> Contact:
        is_mail = data["channel"] == Way.EMAIL
        return _contact(data["to"] if is_mail else "", "" if is_mail else data["to"], "to", "to")


class PreviewAnswerSchema(ma.Schema):
    """A message with a made-up booking, and the words it is made of; `own` when the facility wrote them."""

    subject = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    html = ma.fields.String(required=True)
    parts = ma.fields.Integer(required=True, metadata={"description": "of an SMS; 0 of a letter"})
    template = ma.fields.Dict(required=True)
    own = ma.fields.Boolean(required=True)


class TryAnswerSchema(ma.Schema):
    """What became of a message that was tried: `accepted`, `put_off`, `turned_down`, `away` or `off`."""

    outcome = ma.fields.String(required=True)
    fault = ma.fields.String(required=True)


class SettingsSchema(Asked):
    """How the facility writes to people; `version` 0 where nobody chose anything yet."""

    staff_email = bounded(254)
    staff_phone = bounded(40)
    reminder_hours = counted(0, LONGEST_REMINDER_HOURS, required=True)
    language = ma.fields.String(required=True, validate=one_of(*LANGUAGES))
    also_by_sms = _events()
    silent = _events()
    told_to_staff = _events()
    recap_minute = counted(0, DAY_MINUTES - 1, allow_none=True)
    recap_when_empty = TrueOrFalse()
    version = counted(0, MOST_VERSIONS, required=True)

    @ma.validates_schema(skip_on_field_errors=False)
    def _are_addresses(self, data: Mapping[str, Any], **_options: object) -> None:
        self._read(data)

    @ma.post_load
    def _normalised(self, typed: dict[str, Any], **_options: object) -> dict[str, Any]:
        return typed | self._read(typed)

    def _read(self, data: Mapping[str, Any]) -> dict[str, str]:
        email, phone = (str(data.get(name, "")).strip() for name in ("staff_email", "staff_phone"))
        read = _contact(email, phone, "staff_email", "staff_phone") if email or phone else None
        return {"staff_email": (read and read.email) or "", "staff_phone": (read and read.phone) or ""}


class SettingsAnswerSchema(EditedSchema):
    """The settings as they stand, and which channels are in service."""

    staff_email = ma.fields.String(required=True)
    staff_phone = ma.fields.String(required=True)
    reminder_hours = ma.fields.Integer(required=True)
    language = ma.fields.String(required=True)
    also_by_sms = ma.fields.List(ma.fields.String(), required=True)
    silent = ma.fields.List(ma.fields.String(), required=True)
    told_to_staff = ma.fields.List(ma.fields.String(), required=True)
    recap_minute = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "the minute of the day at which employees are told of the next one; null for never"},
    )
    recap_when_empty = ma.fields.Boolean(required=True)
    channels = ma.fields.Dict(required=True)


class MessageSchema(ma.Schema):
    """One message of the log: what was told to whom by what, and what became of it. No words, no address, no key."""

    id = ma.fields.String(required=True)
    event = ma.fields.String(required=True)
    audience = ma.fields.String(required=True)
    channel = ma.fields.String(required=True)
    state = ma.fields.String(required=True, metadata={"description": "due, sent, dead, dropped or off"})
    at = ma.fields.String(required=True)
    done_at = ma.fields.String(required=True, allow_none=True)
    due_at = ma.fields.String(required=True, allow_none=True)
    tries = ma.fields.Integer(required=True)
    parts = ma.fields.Integer(required=True)
    fault = ma.fields.String(required=True)


class MessagesSchema(ma.Schema):
    """The messages about a booking, oldest first."""

    messages = ma.fields.List(ma.fields.Nested(MessageSchema), required=True)


class OfBookingSchema(Asked):
    """Which booking."""

    booking = bounded(60, required=True)


class WordsSchema(ma.Schema):
    """Which messages there are, and what may stand in them."""

    events = ma.fields.List(ma.fields.Dict(), required=True)
    placeholders = ma.fields.List(ma.fields.Dict(), required=True)


def slot_of(body: Mapping[str, Any]) -> Slot:
    """Which message a body is about."""
    return Slot(Event(body["event"]), Audience(body["audience"]), Way(body["channel"]), body["language"])


def template_of(body: Mapping[str, Any]) -> MessageTemplate:
    """The template that a body describes."""
    return MessageTemplate(slot_of(body), body.get("subject", "").strip(), body["body"].replace("\r\n", "\n"))


def template_shape(template: MessageTemplate) -> dict[str, object]:
    """A template as staff are told of it."""
    slot = template.slot
    return {
        "event": str(slot.event),
        "audience": str(slot.audience),
        "channel": str(slot.way),
        "language": slot.language,
        "subject": template.subject,
        "body": template.body,
    }


def settings_of(body: Mapping[str, Any]) -> MessageSettings:
    """The settings that a body describes."""
    some = {name: frozenset(Event(each) for each in body.get(name, ())) for name in _CHOICES}
    return MessageSettings(
        body.get("staff_email", ""),
        body.get("staff_phone", ""),
        body["reminder_hours"],
        body["language"],
        **some,
        recap_minute=body.get("recap_minute", RECAP_MINUTE),
        recap_when_empty=body.get("recap_when_empty", False),
    )


def settings_shape(settings: MessageSettings) -> dict[str, object]:
    """The settings as staff are told of them."""
    plain = {name: getattr(settings, name) for name in _PLAIN}
    return plain | {name: sorted(getattr(settings, name)) for name in _CHOICES}


_PLAIN: Final = ("staff_email", "staff_phone", "reminder_hours", "language", "recap_minute", "recap_when_empty")
_CHOICES: Final = ("also_by_sms", "silent", "told_to_staff")


def _contact(email: str, phone: str, email_field: str, phone_field: str) -> Contact:
    read = parse_contact("", email, phone, catalogue_now().facility.region)
    if isinstance(read, Contact):
        return read
    fields = {"email": email_field, "phone": phone_field}
    raise ma.ValidationError(
        {fields.get(each.field, each.field): [Complaint(each.code, each.message)] for each in read}
    )
