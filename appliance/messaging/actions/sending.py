"""Sending what is due: taken under a lease, put into words at that moment, handed over, and noted at once (DY-63).

Whoever is killed between handing a message over and noting it leaves one message that goes once more, by the same
Message-ID; everything else that it had taken is taken by another when the lease is over. A channel that does not work
gets a break, longer each time, and keeps its messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from appliance.booking.bookings import Booking, Status
from appliance.booking.catalogue import Catalogue
from appliance.booking.waiting_list import State
from appliance.customers.store import Person
from appliance.foundation.clock import Clock
from appliance.foundation.instants import HOUR, MINUTE, Instant
from appliance.foundation.scope import Scope
from appliance.messaging import message_store, outbox_store, template_store
from appliance.messaging.actions.recapping import Recaps
from appliance.messaging.channels.contract import Accepted, Away, Channel, Outcome, Outgoing, PutOff
from appliance.messaging.events import Event
from appliance.messaging.facts import Addresses, Facts
from appliance.messaging.facts_store import Keys, facts_of
from appliance.messaging.message_store import AT_ONCE, LEASE_S, Message
from appliance.messaging.recap import Recap
from appliance.messaging.rendering import rendered
from appliance.messaging.settings import MessageSettings
from appliance.messaging.templates import Audience, Chosen, Slot, Way, template_for
from appliance.storage.kept import Kept
from appliance.storage.unit_of_work import Book, Transaction

MOST_TRIES: Final = 120  # with the waits below five days, as RFC 5321 section 4.5.4.1 has it
_LONGEST_WAIT_S: Final = HOUR
_LONGEST_REST_S: Final = 15 * MINUTE
_KEPT_BACK_S: Final = 15  # a message is begun only while so much of the lease is left
_ACTOR: Final = "messaging"
Channels: TypeAlias = Mapping[Way, Channel]


@dataclass(slots=True)
class _Rest:
    """A channel that does not work now. broken: how often in a row; until: when it is tried again."""

    broken: int = 0
    until: Instant = 0


@dataclass(slots=True)
class Post:
    """Everything by which messages leave. Used by one thread of a process; several processes may have one each.

    recaps: where employees are told of their day; of the unit's own facility alone.
    """

    book: Book
    scope: Scope
    clock: Clock
    catalogues: Kept[Catalogue]
    keys_of: Keys
    addresses: Addresses
    channels: Channels
    recaps: Recaps | None = None
    _rests: dict[Way, _Rest] = field(default_factory=dict, init=False)

    def deliver(self) -> int:
        """One turn: have people reminded, spread what happened, send one batch. How many it is through with."""
        self._spread()
        taken_at, through, left = self.clock.now(), 0, []
        for message, outgoing in self._taken():
            if self.clock.now() > taken_at + LEASE_S - _KEPT_BACK_S:
                # Of what is left the lease runs out by itself, and perhaps another has it by then.
                break
            if outgoing is not None and message.way in self._resting():
                left.append(message)
            else:
                through += self._is_through(message, outgoing)
        if left:
            with self.book.write(self.scope, _ACTOR) as tx:
                message_store.give_back(tx, left)
        for channel in self.channels.values():
            channel.rest()
        return through

    def _resting(self) -> list[Way]:
        return [way for way, rest in self._rests.items() if rest.until > self.clock.now()]

    def _spread(self) -> None:
        with self.book.read(self.scope) as tx:
            settings = template_store.settings_now(tx)
            late = outbox_store.due_reminders(tx, settings.reminder_hours, outbox_store.SPREAD_AT_ONCE)
            if not late and not outbox_store.unspread(tx):
                return
        with self.book.write(self.scope, _ACTOR) as tx:
            outbox_store.remind(tx, late)
            outbox_store.spread(tx, settings, self.channels)

    def _taken(self) -> list[tuple[Message, Outgoing | None]]:
        """Messages that nobody else sends now, in words; None for those that are told of no more."""
        resting = self._resting()
        with self.book.read(self.scope) as tx:
            if not message_store.is_due(tx, resting):
                return []
        with self.book.write(self.scope, _ACTOR) as tx:
            messages = message_store.claim(tx, resting, AT_ONCE)
        with self.book.read(self.scope) as tx:
            settings, chosen = template_store.settings_now(tx), template_store.chosen(tx)
            catalogue = self.catalogues.current(tx)
            told: dict[str, Facts | Recap | None] = {}
            told |= facts_of(tx, messages, catalogue, self.keys_of, settings.language)
            now = tx.now
        if self.recaps is not None:
            told |= self.recaps.of(messages, settings)
        return [(each, self._words(each, told[each.id], settings, chosen, now)) for each in messages]

    def _words(
        self, message: Message, facts: Facts | Recap | None, settings: MessageSettings, chosen: Chosen, now: Instant
    ) -> Outgoing | None:
        if isinstance(facts, Recap):
            to = "" if facts.is_over(now) else facts.employee.email
        elif facts is None or is_moot(message, facts, now):
            return None
        else:
            to = address(message, facts.person, settings)
        if not to:
            return None
        slot = Slot(message.event, message.audience, message.way, facts.language)
        return rendered(message.id, to, template_for(chosen, slot), facts, self.addresses, now)

    def _is_through(self, message: Message, outgoing: Outgoing | None) -> bool:
        """Hand one message over and note what became of it; whether nothing more is to be done about it."""
        channel = self.channels.get(message.way)
        if outgoing is None or channel is None:
            with self.book.write(self.scope, _ACTOR) as tx:
                message_store.done(tx, message, "dropped" if outgoing is None else "off")
            return True
        outcome = channel.send(outgoing)
        self._rested(message.way, outcome)
        with self.book.write(self.scope, _ACTOR) as tx:
            return note_outcome(tx, message, outcome)

    def _rested(self, way: Way, outcome: Outcome) -> None:
        rest = self._rests.setdefault(way, _Rest())
        if isinstance(outcome, Away):
            rest.until = self.clock.now() + min(MINUTE << min(rest.broken, 10), _LONGEST_REST_S)
            rest.broken += 1
        else:
            self._rests.pop(way)


def note_outcome(tx: Transaction, message: Message, outcome: Outcome) -> bool:
    """Keep what became of a message; whether nothing more is to be done about it."""
    if isinstance(outcome, Accepted):
        message_store.done(tx, message, "sent", parts=outcome.parts)
        return True
    tries = message.tries + 1
    if isinstance(outcome, PutOff | Away) and tries < MOST_TRIES:
        message_store.put_off(tx, message, tx.now + wait(tries), tries, outcome.fault)
        return False
    message_store.done(tx, message, "dead", fault=outcome.fault)
    return True


def wait(tries: int) -> int:
    """How many seconds to wait after so many tries: a minute, doubling up to an hour."""
    return min(MINUTE << min(tries - 1, 10), _LONGEST_WAIT_S)


def is_moot(message: Message, facts: Facts, now: Instant) -> bool:
    """Whether a message has nothing to tell any more: its moment is over, or what it says is not so by now."""
    booked = facts.first
    if message.event is Event.REMINDER:
        is_same = booked is not None and booked.interval.start == message.occasion
        return not is_same or not _is_ahead(booked, now)
    if message.event is Event.WAITING_OFFER:
        return booked is None or booked.status is not Status.HELD
    if message.event is Event.WAITING_FREE:
        entry = facts.entry
        return entry is None or entry.state is not State.WAITING or (entry.told_start or 0) <= now
    if message.event in (Event.CONFIRMATION, Event.MOVE, Event.CHANGE, Event.KEY_ISSUED, Event.PENDING):
        return all(each.status in _OVER for each in facts.bookings)
    return False


_OVER: Final = frozenset({Status.CANCELLED, Status.EXPIRED, Status.NO_SHOW})


def _is_ahead(booked: Booking | None, now: Instant) -> bool:
    return booked is not None and booked.status is Status.CONFIRMED and now < booked.interval.start


def address(message: Message, person: Person | None, settings: MessageSettings) -> str:
    """Where a message goes now; empty for nowhere, as to somebody who was forgotten."""
    if message.audience is Audience.STAFF:
        return settings.staff_email if message.way is Way.EMAIL else settings.staff_phone
    if person is None:
        return ""
    return (person.email if message.way is Way.EMAIL else person.phone) or ""
