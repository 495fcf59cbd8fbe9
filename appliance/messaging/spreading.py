"""Who is told of an event, and by which channel (DY-63, DY-71). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.customers.store import Person
from appliance.messaging.events import OF_CUSTOMERS, Event
from appliance.messaging.settings import MessageSettings
from appliance.messaging.templates import Audience, Way


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is told, by one channel. The address is looked up when the message leaves."""

    audience: Audience
    way: Way


def recipients(event: Event, person: Person | None, settings: MessageSettings) -> Iterator[Recipient]:
    """Everybody who is told of an event.

    A customer by e-mail, and by SMS what is urgent; who has no e-mail address by SMS. Staff wherever they want to be.
    """
    if person is not None and event not in settings.silent:
        if person.email:
            yield Recipient(Audience.CLIENT, Way.EMAIL)
        if person.phone and (event in settings.also_by_sms or not person.email):
            yield Recipient(Audience.CLIENT, Way.SMS)
    if event in settings.told_to_staff:
        if settings.staff_email:
            yield Recipient(Audience.STAFF, Way.EMAIL)
        if settings.staff_phone:
            yield Recipient(Audience.STAFF, Way.SMS)


def ways_of(settings: MessageSettings) -> set[Way]:
    """By which channels somebody is told of something, whatever address they left."""
    guests = (Person("", "", "a@example.org", None, None), Person("", "", None, "+46701740605", None))
    return {to.way for event in OF_CUSTOMERS for guest in guests for to in recipients(event, guest, settings)}
