"""Messages, for staff: the log of a booking, words and settings, a preview and a test (DY-62, DY-63, DY-71)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import Response, jsonify

from appliance.booking.actions.editing import Rules
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked, text
from appliance.foundation.ids import Uuid7
from appliance.foundation.instants import format_instant
from appliance.identity.store import StaffMember
from appliance.messaging import message_store, template_store
from appliance.messaging.actions import settling, showing
from appliance.messaging.actions.showing import Preview
from appliance.messaging.channels.contract import Accepted, Away, Outcome, PutOff
from appliance.messaging.events import Event
from appliance.messaging.message_store import Message
from appliance.messaging.placeholders import ALL, OF_THE_CLIENT
from appliance.messaging.settings import MessageSettings
from appliance.messaging.sms_text import parts
from appliance.messaging.templates import MessageTemplate, Way, wrong_in
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import ChangedMeanwhile, Edited
from appliance.web.api import message_schemas as schemas
from appliance.web.api.access import STAFF
from appliance.web.api.editing import Editing, add_editing, changed_meanwhile, shown
from appliance.web.api.specification import Blueprint
from appliance.web.message_words import EVENT_WORDS
from appliance.web.speaking import language
from appliance.web.unit import Unit

_TAKEN: Final = FieldError("event", "taken", marked("The words of this message were written already; change those."))

TEMPLATES: Final = Editing(
    "message-templates",
    template_store.TEMPLATES,
    schemas.TemplateSchema,
    schemas.TemplateAnswerSchema,
    schemas.template_of,
    schemas.template_shape,
    Rules(lambda tx, template, own_id: _mistakes(tx, template, own_id)),
)


def blueprint(unit: Unit) -> Blueprint:
    """`/messages`, and `/message-templates`, `-settings`, `-words`, `-preview` and `-tests`."""
    pages = Blueprint("messages", __name__, description="What people are told by mail and SMS")

    @pages.get("/messages")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.OfBookingSchema(), location="query", as_kwargs=True)
    @pages.response(200, schemas.MessagesSchema)
    def log(who: StaffMember, booking: str) -> Response:
        """What was told of a booking: when, to whom, by which channel, and what became of it."""
        with unit.desk.book.read(unit.desk.scope) as tx:
            found = message_store.of_booking(tx, booking)
        return jsonify(messages=[_logged(each, unit) for each in found])

    @pages.get("/message-words")
    @pages.open_to(STAFF, unit)
    @pages.response(200, schemas.WordsSchema)
    def words(who: StaffMember) -> Response:
        """Which messages there are, and every placeholder with what it stands for."""
        spoken = language()
        events = [{"event": str(each), "about": text(spoken, EVENT_WORDS[each])} for each in Event]
        known = [
            {"name": name, "about": text(spoken, about), "for_staff": name not in OF_THE_CLIENT}
            for name, about in ALL.items()
        ]
        return jsonify(events=events, placeholders=known)

    add_editing(pages, unit, TEMPLATES)
    _add_trying(pages, unit)
    _add_settings(pages, unit)
    return pages


def _add_trying(pages: Blueprint, unit: Unit) -> None:
    @pages.post("/message-preview")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.PreviewSchema())
    @pages.response(200, schemas.PreviewAnswerSchema)
    def preview(body: Mapping[str, Any], who: StaffMember) -> Response:
        """How a message would look, by a made-up booking."""
        return jsonify(previewed(unit, body))

    @pages.post("/message-tests")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.TrySchema())
    @pages.response(200, schemas.TryAnswerSchema)
    def try_out(body: Mapping[str, Any], who: StaffMember) -> Response:
        """Send such a message to an address now; it is not kept."""
        outcome, fault = tried(unit, body)
        return jsonify(outcome=outcome, fault=fault)


def _add_settings(pages: Blueprint, unit: Unit) -> None:
    @pages.get("/message-settings")
    @pages.open_to(STAFF, unit)
    @pages.response(200, schemas.SettingsAnswerSchema)
    def show(who: StaffMember) -> Response:
        """How the facility writes to people, and by which channels it can."""
        return jsonify(_settings(unit, settling.settings_of(unit.desk)))

    @pages.put("/message-settings")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.SettingsSchema())
    @pages.response(200, schemas.SettingsAnswerSchema)
    def change(body: Mapping[str, Any], who: StaffMember) -> Response:
        """Change that; `changed_meanwhile` with who and when if somebody was faster."""
        try:
            made = settling.change_settings(unit.desk, schemas.settings_of(body), body["version"], who.actor)
        except ChangedMeanwhile as meanwhile:
            return changed_meanwhile(unit, meanwhile)
        return jsonify(_settings(unit, made))


def previewed(unit: Unit, body: Mapping[str, Any]) -> dict[str, object]:
    """A message by a made-up booking; Invalid when its words are not fit to be saved."""
    slot = schemas.slot_of(body)
    found = showing.preview(unit.desk, unit.addresses, slot, _words(body), "preview")
    return _previewed(found, slot.way)


def tried(unit: Unit, body: Mapping[str, Any]) -> tuple[str, str]:
    """What became of a message that was sent to try it, and why."""
    slot, ids = schemas.slot_of(body), Uuid7()
    outcome = showing.try_out(unit.desk, unit.addresses, unit.channels, slot, _words(body), body["to"], ids)
    return _outcome(outcome)


def _words(body: Mapping[str, Any]) -> tuple[str, str] | None:
    if body.get("body") is None:
        return None
    template = schemas.template_of(body)
    wrong = tuple(wrong_in(template))
    if wrong:
        raise Invalid(*wrong)
    return template.subject, template.body


def _previewed(found: Preview, way: Way) -> dict[str, object]:
    outgoing = found.outgoing
    return {
        "subject": outgoing.subject,
        "text": outgoing.text,
        "html": outgoing.html,
        "parts": parts(outgoing.text) if way is Way.SMS else 0,
        "template": {"subject": found.template.subject, "body": found.template.body},
        "own": found.own,
    }


def _outcome(outcome: Outcome) -> tuple[str, str]:
    if isinstance(outcome, Accepted):
        return "accepted", ""
    if isinstance(outcome, Away):
        return ("off" if outcome.fault == "off" else "away"), outcome.fault
    return ("put_off" if isinstance(outcome, PutOff) else "turned_down"), outcome.fault


def _logged(message: Message, unit: Unit) -> dict[str, object]:
    zone = unit.desk.scope.zone
    waits = message.state == "due"
    return {
        "id": message.id,
        "event": str(message.event),
        "audience": str(message.audience),
        "channel": str(message.way),
        "state": message.state,
        "at": format_instant(message.at, zone),
        "done_at": None if message.done_at is None else format_instant(message.done_at, zone),
        "due_at": format_instant(message.due_at, zone) if waits else None,
        "tries": message.tries,
        "parts": message.parts,
        "fault": message.fault,
    }


def _settings(unit: Unit, found: Edited[MessageSettings]) -> dict[str, object]:
    channels = {str(way): way in unit.channels for way in Way}
    return shown(unit, schemas.settings_shape, found, unit.signing_in.names()) | {"channels": channels}


def _mistakes(tx: Transaction, template: MessageTemplate, own_id: str | None) -> Iterable[FieldError]:
    yield from wrong_in(template)
    if template_store.is_taken(tx, template.slot, own_id):
        yield _TAKEN
