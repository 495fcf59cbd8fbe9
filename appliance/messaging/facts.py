"""Everything that a message may tell of what it is about, and that as the values of its placeholders (DY-64). Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from appliance.billing.lines import people_of
from appliance.booking.bookings import Booking
from appliance.booking.catalogue import Catalogue
from appliance.booking.waiting_list import WaitingEntry
from appliance.customers.store import Person
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import MINUTE, Instant, Interval, local_date
from appliance.foundation.money import Money
from appliance.foundation.wording import clock_text, date_text, money_text, span_text
from appliance.keys.issuing import ShownKey
from appliance.messaging.events import Event
from appliance.messaging.placeholders import Link, Values

_CANCEL: Final = marked("Cancel the booking")
_NOTE, _ADDRESS = "note", "address"  # the short names of the custom fields that a template may quote


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the links of a message lead. page, cancel: of a booking. offer: of an entry of the waiting list."""

    page: Callable[[str], str]
    cancel: Callable[[str], str]
    offer: Callable[[str], str]
    console: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What one message is about.

    bookings: one, or several that were made together; none where somebody only waits. keys: live ones, by booking.
    answers: what was answered to custom fields, by their short names. paid: minor units. language, zone: the reader's.
    """

    event: Event
    catalogue: Catalogue
    bookings: tuple[Booking, ...]
    entry: WaitingEntry | None
    person: Person | None
    language: str
    zone: ZoneInfo
    keys: Mapping[str, Sequence[ShownKey]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    paid: int = 0

    @property
    def first(self) -> Booking | None:
        """The booking that a message is about in the first place."""
        return self.bookings[0] if self.bookings else None

    @property
    def interval(self) -> Interval | None:
        """When that is."""
        if self.first is not None:
            return self.first.interval
        return None if self.entry is None else _awaited(self.entry, self.event)


def values(facts: Facts, links: Addresses) -> Values:
    """The value of every placeholder; empty where there is none."""
    return {**_of_facility(facts), **_of_person(facts), **_of_time(facts), **_of_booking(facts), **_links(facts, links)}


def first_and_last(name: str) -> tuple[str, str]:
    """The two parts of a name; people with one name have that as their first one."""
    first, _, last = name.rpartition(" ") if " " in name else (name, "", "")
    return first, last


def _awaited(entry: WaitingEntry, event: Event) -> Interval:
    told = entry.told_start if event is Event.WAITING_FREE else None
    start = entry.starts.start if told is None else told
    return Interval(start, start + entry.duration * MINUTE)


def _of_facility(facts: Facts) -> Values:
    place = facts.catalogue.facility
    return {"facility_name": place.name, "facility_address": place.address, "facility_phone": place.help_phone}


def _of_person(facts: Facts) -> Values:
    person = facts.person
    name = person.name if person else ""
    first, last = first_and_last(name)
    return {
        "client_name": name,
        "client_first_name": first,
        "client_last_name": last,
        "client_email": (person.email if person else None) or "",
        "client_phone": (person.phone if person else None) or "",
        "client_time_zone": facts.zone.key,
        "client_note": facts.answers.get(_NOTE, ""),
        "client_address": facts.answers.get(_ADDRESS, ""),
    }


def _of_time(facts: Facts) -> Values:
    when, booked = facts.interval, facts.first
    if when is None:
        return {}
    offered = booked.expires_at if booked is not None and facts.event is Event.WAITING_OFFER else None
    return {
        "appointment_date": _day(facts, when.start),
        "appointment_time": clock_text(facts.language, when.start, facts.zone),
        "appointment_end_date": _day(facts, when.end),
        "appointment_end_time": clock_text(facts.language, when.end, facts.zone),
        "offer_until": _moment(facts, offered),
        "valid_from": _moment(facts, min((key.valid_from for key in _own_keys(facts)), default=None)),
    }


def _of_booking(facts: Facts) -> Values:
    booked = facts.first
    service_id = booked.service_id if booked else (facts.entry.service_id if facts.entry else "")
    service = facts.catalogue.service(service_id)
    told: dict[str, str | Link] = {
        "service_name": service.name if service else "",
        "quantity": str(booked.quantity if booked else (facts.entry.quantity if facts.entry else "")),
        "cancel_reason": facts.reason,
    }
    if booked is None:
        return told
    sums = [extra.total for each in facts.bookings for extra in each.extras]
    return told | {
        "booking_number": ", ".join(each.number for each in facts.bookings),
        "place_name": _places(facts, booked),
        "category_name": _categories(facts, booked),
        "price": _money(facts, sum(each.price.amount for each in facts.bookings)),
        "paid": _money(facts, facts.paid) if facts.paid else "",
        "pin": next((key.code for key in _own_keys(facts) if key.kind == "pin"), ""),
        "extras": _extras(facts, booked),
        "extras_price": _money(facts, sum(each.amount for each in sums)) if sums else "",
        "count": str(len(facts.bookings)),
        "bookings": _each(facts) if len(facts.bookings) > 1 else "",
    }


def _links(facts: Facts, links: Addresses) -> Values:
    if facts.event in (Event.WAITING_OFFER, Event.WAITING_FREE) and facts.entry is not None:
        return {"key_url": Link(links.offer(facts.entry.id))}
    booked = facts.first
    if booked is None:
        return {}
    cancel = links.cancel(booked.id)
    return {
        "approval_url": Link(links.console(booked.id)),
        "cancel_link": Link(cancel, text(facts.language, _CANCEL)),
        "cancel_confirm_url": Link(cancel),
        "cancel_url": Link(cancel),
        "key_url": Link(links.page(booked.id)),
    }


def _own_keys(facts: Facts) -> Sequence[ShownKey]:
    return facts.keys.get(facts.first.id, ()) if facts.first else ()


def _each(facts: Facts) -> str:
    return "\n".join(_line(facts, each) for each in facts.bookings)


def _line(facts: Facts, booked: Booking) -> str:
    when = f"{_day(facts, booked.interval.start)} {span_text(facts.language, booked.interval, facts.zone)}"
    pin = next((key.code for key in facts.keys.get(booked.id, ()) if key.kind == "pin"), "")
    parts = (when, _places(facts, booked), booked.number, f"PIN {pin}" if pin else "")
    return ", ".join(part for part in parts if part)


def _places(facts: Facts, booked: Booking) -> str:
    return ", ".join(facts.catalogue.where(booked))


def _categories(facts: Facts, booked: Booking) -> str:
    known = facts.catalogue.tariff.categories
    return ", ".join(known[each].name for each, _ in people_of(booked.lines) if each in known)


def _extras(facts: Facts, booked: Booking) -> str:
    return "\n".join(
        f"{extra.quantity} × {extra.name}, {money_text(facts.language, extra.total)}" for extra in booked.extras
    )


def _money(facts: Facts, amount: int) -> str:
    booked = facts.first
    currency = booked.price.currency if booked else facts.catalogue.facility.currency
    return money_text(facts.language, Money(amount, currency))


def _day(facts: Facts, instant: Instant) -> str:
    return date_text(facts.language, local_date(instant, facts.zone))


def _moment(facts: Facts, instant: Instant | None) -> str:
    return "" if instant is None else f"{_day(facts, instant)} {clock_text(facts.language, instant, facts.zone)}"
