"""The words and the settings of a facility as rows."""

from collections.abc import Mapping

from sqlalchemy import select

from appliance.messaging.events import Event
from appliance.messaging.settings import MessageSettings
from appliance.messaging.tables import message_settings, message_template
from appliance.messaging.templates import Audience, Chosen, MessageTemplate, Slot, Way
from appliance.storage import versioned
from appliance.storage.statements import Row
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import Edited, Kind

_Row = Row


def _template_row(template: MessageTemplate) -> Mapping[str, object]:
    slot = template.slot
    return {
        "event": str(slot.event),
        "audience": str(slot.audience),
        "channel": str(slot.way),
        "language": slot.language,
        "subject": template.subject,
        "body": template.body,
    }


def _template(row: _Row, _parts: object) -> MessageTemplate:
    slot = Slot(Event(row.event), Audience(row.audience), Way(row.channel), row.language)
    return MessageTemplate(slot, row.subject, row.body)


def _settings_row(settings: MessageSettings) -> Mapping[str, object]:
    return {
        "staff_email": settings.staff_email,
        "staff_phone": settings.staff_phone,
        "reminder_hours": settings.reminder_hours,
        "language": settings.language,
        "recap_minute": settings.recap_minute,
        "recap_when_empty": int(settings.recap_when_empty),
        **{name: " ".join(sorted(getattr(settings, name))) for name in ("also_by_sms", "silent", "told_to_staff")},
    }


def _settings(row: _Row, _parts: object) -> MessageSettings:
    some = {name: frozenset(Event(each) for each in getattr(row, name).split()) for name in _EVENTS}
    return MessageSettings(
        row.staff_email,
        row.staff_phone,
        row.reminder_hours,
        row.language,
        **some,
        recap_minute=row.recap_minute,
        recap_when_empty=bool(row.recap_when_empty),
    )


_EVENTS = ("also_by_sms", "silent", "told_to_staff")
TEMPLATES = Kind(
    "message_template",
    message_template,
    _template_row,
    _template,
    order=("event", "audience", "channel", "language", "id"),
)
SETTINGS = Kind("message_settings", message_settings, _settings_row, _settings)


def chosen(tx: Transaction) -> Chosen:
    """Everything that the facility wrote itself."""
    return {each.value.slot: each.value for each in versioned.listed(tx, TEMPLATES)}


def settings_now(tx: Transaction) -> MessageSettings:
    """The settings in force; the usual ones where nobody chose any."""
    found = edited_settings(tx)
    return found.value if found is not None else MessageSettings()


def edited_settings(tx: Transaction) -> Edited[MessageSettings] | None:
    """The settings as they stand; None where nobody chose any."""
    return next(iter(versioned.listed(tx, SETTINGS)), None)


def is_taken(tx: Transaction, slot: Slot, own_id: str | None) -> bool:
    """Whether somebody wrote the words of that message already."""
    query = select(message_template.c.id).where(
        message_template.c.facility_id == tx.scope.facility_id,
        message_template.c.event == str(slot.event),
        message_template.c.audience == str(slot.audience),
        message_template.c.channel == str(slot.way),
        message_template.c.language == slot.language,
    )
    return any(row.id != own_id for row in tx.connection.execute(query))
