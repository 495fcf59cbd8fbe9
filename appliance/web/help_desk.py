"""Answers for guests whose key does not work or did not come: found, shown again, and on record (AC-19, BM-26).

At a kiosk a guest proves a booking by how they are reached and a birth year or the booking's number. Who fits nothing
and who is refused hear the same. Tries are slowed down as PINs are at a door, by kiosk; and for each person a day has
`PERSON_TRIES` wrong ones, because a birth year is soon guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from appliance.access import throttle
from appliance.access.throttle import DoorThrottle, ReaderThrottle, Throttle
from appliance.booking import store as booking_store
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.bookings import Booking
from appliance.customers import store as customer_store
from appliance.customers.contacts import Contact, parse_contact
from appliance.customers.store import Person
from appliance.foundation.instants import DAY, local_date
from appliance.foundation.refusals import Refusal
from appliance.identity import recovery_store
from appliance.identity.recovery_store import Tries
from appliance.keys.issuing import ShownKey
from appliance.storage.unit_of_work import Transaction
from appliance.web.unit import Unit

ENTITY: Final = "help_desk"
PERSON_TRIES: Final = 5
MOST: Final = 50
NOT_RECOGNISED: Final = Refusal("not_recognised")
ProofKind = Literal["birth_year", "number"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a guest typed at a kiosk: how they are reached, and what else they know of the booking."""

    reached_at: str
    kind: ProofKind
    value: str


@dataclass(frozen=True, slots=True)
class FoundBooking:
    """A booking and whose it is."""

    booking: Booking
    person: Person | None


def recover(unit: Unit, proof: Proof, kiosk: str) -> Booking | Refusal:
    """The guest's own booking whose key opens now or next; else `not_recognised`, or `recovery_locked`."""
    desk = unit.desk
    contact = _contact(unit, proof.reached_at)
    person = f"person:{unit.links.contact_digest(_reached(contact) if contact else proof.reached_at.strip())}"
    with desk.book.write(desk.scope, f"kiosk:{kiosk}") as tx:
        today = local_date(tx.now, desk.scope.zone)
        at_kiosk, of_person = (_throttle(recovery_store.tries_of(tx, each)) for each in (f"kiosk:{kiosk}", person))
        until = throttle.shut_until(at_kiosk, tx.now, today)
        if until is not None:
            return Refusal("recovery_locked", until)
        settled = throttle.settle(of_person, tx.now, today)
        is_spent = settled.door.wrong >= PERSON_TRIES and settled.door.day >= today
        found = _proven(unit, tx, contact, proof)
        if found is not None and not is_spent:
            tx.record(ENTITY, found.id, "key_shown", after={"kiosk": kiosk, "by": proof.kind})
            return found
        tx.record(ENTITY, kiosk, "key_refused", after={"by": proof.kind})
        _keep(tx, f"kiosk:{kiosk}", throttle.after_wrong(at_kiosk, tx.now, today))
        _keep(tx, person, throttle.after_wrong(of_person, tx.now, today))
        return NOT_RECOGNISED


def find(unit: Unit, typed: str) -> list[FoundBooking]:
    """Bookings by number, e-mail address or phone number, newest first; those of the last day and later."""
    contact = _contact(unit, typed)
    with unit.desk.book.read(unit.desk.scope) as tx:
        named = booking_store.by_number(tx, typed)
        people = [] if contact is None else customer_store.people_at(tx, contact)
        since = tx.now - DAY
        theirs = booking_store.of_customers(tx, [each.id for each in people], since)[:MOST]
        listed = theirs if named is None else [named, *theirs]
        known = {each.id: each for each in people}
        if named is not None and named.customer_id:
            known |= {each.id: each for each in customer_store.people(tx, [named.customer_id])}
        return [FoundBooking(each, known.get(each.customer_id or "")) for each in listed]


def find_people(unit: Unit, typed: str) -> list[Person]:
    """Customers by e-mail address, phone number, or the number of a booking of theirs."""
    contact = _contact(unit, typed)
    with unit.desk.book.read(unit.desk.scope) as tx:
        named = booking_store.by_number(tx, typed)
        found = [] if contact is None else customer_store.people_at(tx, contact)
        if named is not None and named.customer_id:
            found += customer_store.people(tx, [named.customer_id])
        return found


def opened(unit: Unit, booking_id: str) -> FoundBooking | None:
    """One booking with its customer, for staff."""
    with unit.desk.book.read(unit.desk.scope) as tx:
        found = booking_store.by_id(tx, booking_id)
        if found is None:
            return None
        people = customer_store.people(tx, [found.customer_id]) if found.customer_id else []
        return FoundBooking(found, people[0] if people else None)


def show_key(unit: Unit, booking_id: str, actor: str, reason: str) -> Sequence[ShownKey]:
    """The keys of a booking made again from the site secret; who had them shown and why is on record first."""
    with unit.desk.book.write(unit.desk.scope, actor) as tx:
        keys = unit.issuing.show(tx, booking_id)
        tx.record(ENTITY, booking_id, "key_shown", after={"by": "staff", "reason": reason})
        return keys


def _contact(unit: Unit, typed: str) -> Contact | None:
    """`typed` as an e-mail address or a phone number; None for what is neither."""
    region = current_catalogue(unit.desk).facility.region
    email, phone = (typed, None) if "@" in typed else (None, typed)
    read = parse_contact("", email, phone, region)
    return read if isinstance(read, Contact) else None


def _reached(contact: Contact) -> str:
    return contact.email_match or contact.phone or ""


def _proven(unit: Unit, tx: Transaction, contact: Contact | None, proof: Proof) -> Booking | None:
    people = [] if contact is None else customer_store.people_at(tx, contact)
    if proof.kind == "birth_year":
        people = [
            each for each in people if each.birth_year is not None and str(each.birth_year) == proof.value.strip()
        ]
        fitting = booking_store.of_customers(tx, [each.id for each in people], tx.now - DAY)
    else:
        named = booking_store.by_number(tx, proof.value)
        fitting = [named] if named is not None and named.customer_id in {each.id for each in people} else []
    for booked in sorted(fitting, key=lambda each: each.interval.start):
        if any(key.valid_to > tx.now for key in unit.issuing.show(tx, booked.id)):
            return booked
    return None


def _throttle(tries: Tries) -> Throttle:
    reader = ReaderThrottle(tries.wrong, tries.locked_until, tries.seen_at)
    return Throttle(reader, DoorThrottle(date.fromisoformat(tries.day), tries.wrong_today, tries.tried_at))


def _keep(tx: Transaction, subject: str, after: Throttle) -> None:
    reader, door = after.reader, after.door
    tries = Tries(reader.wrong, reader.locked_until, reader.seen_at, door.day.isoformat(), door.wrong, door.tried_at)
    recovery_store.keep_tries(tx, subject, tries)
