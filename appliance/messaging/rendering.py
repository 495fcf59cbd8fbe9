"""A message as it leaves, from what it is about and the words for it. Pure."""

from dataclasses import replace
from typing import Final

from appliance.booking.bookings import OCCUPYING, Booking, Status
from appliance.foundation.instants import Instant
from appliance.messaging import placeholders
from appliance.messaging.calendar_file import CalendarEntry, calendar_file, uid_of
from appliance.messaging.channels.contract import Outgoing
from appliance.messaging.events import Event
from appliance.messaging.facts import Addresses, Facts, values
from appliance.messaging.placeholders import OF_THE_CLIENT, Link, Values
from appliance.messaging.recap import Recap, recap_values
from appliance.messaging.sms_text import MOST_PARTS, parts, simplified
from appliance.messaging.templates import Audience, MessageTemplate, Way

# Events that change where a booking stands in somebody's calendar.
_IN_CALENDAR: Final = frozenset(
    {Event.CONFIRMATION, Event.CHANGE, Event.MOVE, Event.CANCELLATION, Event.EXPIRY, Event.NO_SHOW}
)


def rendered(
    message_id: str, to: str, template: MessageTemplate, facts: Facts | Recap, links: Addresses, now: Instant
) -> Outgoing:
    """The message in the words of `template`. Only its customer gets keys, and what cancels."""
    slot = template.slot
    if isinstance(facts, Recap):
        return _letter(message_id, to, template, recap_values(facts))
    is_for_staff = slot.audience is Audience.STAFF
    told = values(replace(facts, keys={}) if is_for_staff else facts, links)
    if is_for_staff:
        told = {name: value for name, value in told.items() if name not in OF_THE_CLIENT}
    if slot.way is Way.SMS:
        subject = placeholders.line(template.subject, told)
        return Outgoing(message_id, to, subject, short(template.body, subject, told))
    has_calendar = slot.audience is Audience.CLIENT and facts.event in _IN_CALENDAR and facts.bookings
    calendar = calendar_file([_entry(facts, links, each) for each in facts.bookings], now) if has_calendar else ""
    return _letter(message_id, to, template, told, calendar)


def short(body: str, subject: str, told: Values) -> str:
    """An SMS. What would go in too many parts is its subject and a link to all the rest, without the PIN."""
    whole = simplified(placeholders.plain(body, told))
    if parts(whole) <= MOST_PARTS:
        return whole
    link = told.get("key_url", "")
    room = f" {link}" if isinstance(link, Link) and link.url else ""
    return simplified(subject)[: 150 - len(room)].rstrip() + room if len(room) < 140 else simplified(subject)[:150]


def _letter(message_id: str, to: str, template: MessageTemplate, told: Values, calendar: str = "") -> Outgoing:
    text, html = (fill(template.body, told) for fill in (placeholders.plain, placeholders.html))
    return Outgoing(message_id, to, placeholders.line(template.subject, told), text, html, calendar)


def _entry(facts: Facts, links: Addresses, booked: Booking) -> CalendarEntry:
    place = facts.catalogue.facility
    service = facts.catalogue.service(booked.service_id)
    where = facts.catalogue.where(booked)
    return CalendarEntry(
        uid=uid_of(booked.id),
        sequence=booked.revision,
        interval=booked.interval,
        summary=", ".join(part for part in (service.name if service else "", place.name) if part),
        place=", ".join([*where, place.address] if place.address else where),
        description=booked.number,
        url=links.page(booked.id),
        cancelled=booked.status not in OCCUPYING or booked.status is Status.EXPIRED,
    )
