"""A made-up booking by which staff see what a message looks like; no key of it is real (DY-62). Pure."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Claimed, Status
from appliance.booking.catalogue import Catalogue
from appliance.booking.extras import BookedExtra
from appliance.booking.waiting_list import State, WaitingEntry
from appliance.customers.store import Person
from appliance.foundation.instants import HOUR, MINUTE, Instant, Interval, at_local, local_date
from appliance.foundation.money import Money
from appliance.keys.issuing import ShownKey
from appliance.messaging.events import Event
from appliance.messaging.facts import Facts
from appliance.messaging.recap import Assignment, Employee, Recap

_ID: Final = "00000000-0000-7000-8000-000000000000"
_WAITING: Final = frozenset({Event.WAITING_JOINED, Event.WAITING_OFFER, Event.WAITING_FREE, Event.WAITING_END})
_PERSON: Final = Person(_ID, "Åsa O'Neill", "asa@example.org", "+46701740605", None)


def sample(catalogue: Catalogue, event: Event, language: str, zone: ZoneInfo, now: Instant) -> Facts | Recap:
    """What a message about the first service of a facility would be about."""
    service = next(iter(catalogue.services), None)
    service_id, minutes = (service.id, service.durations[0]) if service else ("", 60)
    start = at_local(local_date(now, zone) + timedelta(days=2), 18 * 60, zone)
    when = Interval(start, start + minutes * MINUTE)
    booked = _booking(catalogue, service_id, when, now)
    if event is Event.RECAP:
        employee, day = Employee(_ID, "Kim Berg", "kim@example.org", language), local_date(start, zone)
        agenda = [Assignment(booked, catalogue, _PERSON)]
        return Recap(employee, day, agenda, catalogue.facility.name, zone, language)
    entry = WaitingEntry(
        _ID, service_id, _ID, Channel.PUBLIC, Interval(start, start + 1), minutes, 1, State.OFFERED, _ID, None, now
    )
    return Facts(
        event=event,
        catalogue=catalogue,
        bookings=() if event in _WAITING - {Event.WAITING_OFFER} else (booked,),
        entry=entry if event in _WAITING else None,
        person=_PERSON,
        language=language,
        zone=zone,
        keys={_ID: [ShownKey("pin", "123456", start - HOUR // 4, when.end, ())]} if event not in _WAITING else {},
        answers={"note": "…", "address": "Storgatan 1"},
        paid=booked.price.amount,
    )


def _booking(catalogue: Catalogue, service_id: str, when: Interval, now: Instant) -> Booking:
    leaf = next((each.id for each in catalogue.tree.resources.values() if not catalogue.tree.below[each.id][1:]), None)
    currency = catalogue.facility.currency
    return Booking(
        id=_ID,
        number="ABCD2345",
        service_id=service_id,
        session_id=None,
        customer_id=_ID,
        status=Status.CONFIRMED,
        channel=Channel.PUBLIC,
        interval=when,
        quantity=1,
        price=Money(20_000, currency),
        vat_percent=6,
        revision=0,
        created_at=now,
        committed_at=now,
        expires_at=now + HOUR // 2,
        claims=(Claimed(leaf, when, 1),) if leaf else (),
        extras=(BookedExtra(_ID, "Racket", 2, 2, Money(2_500, currency), 25, "", 0),),
    )
