"""What some messages are about, read at once: the number of queries does not grow with that of the messages."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, or_, select

from appliance.billing import ledger_store
from appliance.booking import answer_store, store, waiting_store
from appliance.booking.bookings import Booking
from appliance.booking.catalogue import Catalogue
from appliance.booking.waiting_list import WaitingEntry
from appliance.customers.store import Person, people
from appliance.foundation.i18n import LANGUAGES
from appliance.keys.issuing import ShownKey
from appliance.messaging.events import Event, Subject
from appliance.messaging.facts import Facts
from appliance.messaging.message_store import Message
from appliance.messaging.tables import outbox
from appliance.messaging.templates import Audience
from appliance.storage.metadata import journal
from appliance.storage.unit_of_work import Transaction

_REASON_WITHIN: Final = 400  # entries behind a cancel, of the same transaction, among which its reason stands
Keys = Callable[[Transaction, Collection[str]], Mapping[str, Sequence[ShownKey]]]


@dataclass(frozen=True, slots=True)
class _Read:
    """Everything that was read, by ids. outbox: rows by the id of what they are about."""

    catalogue: Catalogue
    bookings: Mapping[str, Booking]
    entries: Mapping[str, WaitingEntry]
    people: Mapping[str, Person]
    keys: Mapping[str, Sequence[ShownKey]]
    answers: Mapping[str, Mapping[str, str]]
    reasons: Mapping[str, str]
    paid: Mapping[str, int]
    outbox: Mapping[str, Sequence[Row[Any]]]


def facts_of(
    tx: Transaction, messages: Sequence[Message], catalogue: Catalogue, keys_of: Keys, language: str
) -> dict[str, Facts | None]:
    """What each message is about, by its id; None where that is gone. language: of staff, and where none is known."""
    read = _read(tx, messages, catalogue, keys_of)
    return {each.id: _facts(tx, each, read, language) for each in messages}


def _read(tx: Transaction, messages: Sequence[Message], catalogue: Catalogue, keys_of: Keys) -> _Read:
    rows = _outbox(tx, messages)
    waits = [each.subject_id for each in messages if each.subject is Subject.WAITING]
    entries = {each.id: each for each in waiting_store.by_ids(tx, waits)} if waits else {}
    wanted = {row.subject_id for some in rows.values() for row in some if row.subject == Subject.BOOKING}
    wanted |= {each.subject_id for each in messages if each.subject is Subject.BOOKING}
    wanted |= {each.booking_id for each in entries.values() if each.booking_id is not None}
    bookings = {each.id: each for each in store.by_ids(tx, wanted)}
    owners = {each.customer_id for each in messages} | {each.customer_id for each in bookings.values()}
    known = people(tx, [each for each in owners if each is not None])
    return _Read(
        catalogue,
        bookings,
        entries,
        {each.id: each for each in known},
        keys_of(tx, list(bookings)),
        _answers(tx, bookings),
        _reasons(tx, messages, rows),
        ledger_store.paid_each(tx, [each.subject_id for each in messages if each.event is Event.PAYMENT]),
        rows,
    )


def _outbox(tx: Transaction, messages: Sequence[Message]) -> dict[str, list[Row[Any]]]:
    """What was written down of each thing and of all others of its order, oldest first."""
    ids = {each.subject_id for each in messages}
    query = select(outbox).where(
        outbox.c.facility_id == tx.scope.facility_id, or_(outbox.c.subject_id.in_(ids), outbox.c.order_id.in_(ids))
    )
    found: dict[str, list[Row[Any]]] = {}
    for row in tx.connection.execute(query.order_by(outbox.c.seq, outbox.c.id)):
        for name in {row.subject_id, row.order_id} & ids:
            found.setdefault(name, []).append(row)
    return found


def _answers(tx: Transaction, bookings: Iterable[str]) -> dict[str, dict[str, str]]:
    told: dict[str, dict[str, str]] = {}
    for booking_id, answer in answer_store.answers_of_bookings(tx, list(bookings)):
        told.setdefault(booking_id, {})[answer.slug] = answer.value
    return told


def _reasons(tx: Transaction, messages: Sequence[Message], rows: Mapping[str, Sequence[Row[Any]]]) -> dict[str, str]:
    """Why bookings were cancelled, where somebody said so; it stands in the journal alone, just behind the cancel."""
    seqs = [
        row.seq
        for each in messages
        if each.event is Event.CANCELLATION
        for row in rows.get(each.subject_id, ())
        if row.event == Event.CANCELLATION
    ]
    if not seqs:
        return {}
    near = or_(*(and_(journal.c.seq > seq, journal.c.seq <= seq + _REASON_WITHIN) for seq in sorted(set(seqs))))
    query = select(journal.c.entity_id, journal.c.after).where(
        journal.c.facility_id == tx.scope.facility_id, journal.c.entity == "cancellation", near
    )
    found = ((row.entity_id, json.loads(row.after or "{}")) for row in tx.connection.execute(query))
    return {booking_id: str(after.get("reason", "")) for booking_id, after in found}


def _facts(tx: Transaction, message: Message, read: _Read, language: str) -> Facts | None:
    bookings, entry = _subject(message, read)
    if not bookings and entry is None:
        return None
    owner = message.customer_id or (bookings[0].customer_id if bookings else None)
    spoken, zone = _voice(message, read) if message.audience is Audience.CLIENT else (None, None)
    first = bookings[0].id if bookings else ""
    return Facts(
        event=message.event,
        catalogue=read.catalogue,
        bookings=bookings,
        entry=entry,
        person=read.people.get(owner or ""),
        language=spoken if spoken in LANGUAGES else language,
        zone=ZoneInfo(zone) if zone else tx.scope.zone,
        keys=read.keys,
        answers=read.answers.get(first, {}),
        reason=read.reasons.get(first, ""),
        paid=read.paid.get(first, 0),
    )


def _subject(message: Message, read: _Read) -> tuple[tuple[Booking, ...], WaitingEntry | None]:
    if message.subject is Subject.WAITING:
        entry = read.entries.get(message.subject_id)
        offered = read.bookings.get(entry.booking_id or "") if entry else None
        return ((offered,) if offered else ()), entry
    ids = [message.subject_id]
    if message.subject is Subject.ORDER:
        rows = read.outbox.get(message.subject_id, ())
        ids = [row.subject_id for row in rows if row.event == message.event and row.done_in == message.occasion]
    found = [read.bookings[each] for each in ids if each in read.bookings]
    return tuple(sorted(found, key=lambda each: (each.interval.start, each.id))), None


def _voice(message: Message, read: _Read) -> tuple[str | None, str | None]:
    """How the customer spoke when this was first heard of from them; nothing where only staff spoke."""
    rows = [row for row in read.outbox.get(message.subject_id, ()) if row.language or row.zone]
    return (rows[0].language, rows[0].zone) if rows else (None, None)
