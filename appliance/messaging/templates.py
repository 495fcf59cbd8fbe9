"""The words of messages: those a facility chose, else the ones that come with the program (DY-62). Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import translations
from appliance.messaging import default_texts
from appliance.messaging.events import Event
from appliance.messaging.placeholders import fitting, mistakes

LONGEST_SUBJECT: Final = 200
LONGEST_BODY: Final = 8000


class Audience(StrEnum):
    """Whom a message is for."""

    CLIENT = "client"
    STAFF = "staff"


class Way(StrEnum):
    """By which channel a message goes."""

    EMAIL = "email"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Slot:
    """Which message some words are for."""

    event: Event
    audience: Audience
    way: Way
    language: str


def is_told(event: Event, audience: Audience, way: Way) -> bool:
    """Whether there is such a message: what is for employees goes to them by e-mail, and to nobody else (DY-34)."""
    return event is not Event.RECAP or (audience is Audience.STAFF and way is Way.EMAIL)


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """The words of one message, with placeholders. The subject of an SMS is not sent."""

    slot: Slot
    subject: str
    body: str


Chosen: TypeAlias = Mapping[Slot, MessageTemplate]
"""What a facility wrote itself."""


def template_for(chosen: Chosen, slot: Slot) -> MessageTemplate:
    """The words of a message: the facility's own in that language, else the usual ones."""
    return chosen.get(slot) or usual(slot)


def usual(slot: Slot) -> MessageTemplate:
    """The words that come with the program."""
    say = translations(slot.language).gettext
    words = default_texts.WORDS[slot.event]
    subject = say(words.subject)
    parts: tuple[str, ...]
    if slot.audience is Audience.STAFF:
        parts = (words.subject,) if slot.way is Way.SMS else words.to_staff
    elif slot.way is Way.SMS:
        parts = (words.sms, *words.sms_details)
    else:
        parts = (default_texts.GREETING, words.intro, *words.details)
    return MessageTemplate(slot, subject, "\n".join(say(part) if part else "" for part in parts))


def wrong_in(template: MessageTemplate) -> Iterator[FieldError]:
    """Every mistake in the words of a template."""
    for_staff, known = template.slot.audience is Audience.STAFF, fitting(template.slot.event)
    yield from mistakes("subject", template.subject, known, for_staff=for_staff)
    yield from mistakes("body", template.body, known, for_staff=for_staff)
