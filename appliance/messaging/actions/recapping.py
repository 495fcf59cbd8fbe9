"""Telling employees on the evening before what they have on a day, once, in one letter for all facilities (DY-34).

The moment of the day makes a message for each of them; what stands in it is looked up when it leaves.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from appliance.booking.catalogue_store import load_catalogue
from appliance.foundation.i18n import LANGUAGES
from appliance.foundation.instants import Instant, Interval, day_bounds
from appliance.foundation.scope import Scope
from appliance.messaging import message_store, recap_store, template_store
from appliance.messaging.calendar_file import calendar_file
from appliance.messaging.events import Event, Subject
from appliance.messaging.message_store import Message
from appliance.messaging.recap import Assignment, Employee, Recap, next_look, told_now
from appliance.messaging.settings import MessageSettings
from appliance.messaging.staff_calendar import shown_window, staff_entry
from appliance.messaging.templates import Way
from appliance.storage.jobs import Job
from appliance.storage.unit_of_work import Book, Transaction

RECAP: Final = "recap"


@dataclass(frozen=True, slots=True)
class Recaps:
    """What is asked for them. scopes: every facility, the unit's own, which has the staff and the settings, first.

    employees: everybody who may be one. ways: the channels in service.
    """

    book: Book
    scopes: Sequence[Scope]
    employees: Callable[[Transaction], Sequence[Employee]]
    ways: Collection[Way]

    def prepare(self, _facility_id: str) -> Job:
        """Who is to be told now is found before the transaction, as it takes one at each facility."""
        with self.book.read(self._home) as tx:
            settings, known = template_store.settings_now(tx), self.employees(tx)
            looked_at = tx.now
        day = told_now(settings.recap_minute, looked_at, self._home.zone)
        agendas = self._on(day) if day is not None else {}
        told = [each.id for each in known if each.email and _has_news(agendas.get(each.id), settings)]

        def tell(tx: Transaction, _facility_id: str) -> Instant:
            if template_store.settings_now(tx) != settings:
                return tx.now
            if day is not None:
                is_on = Way.EMAIL in self.ways
                message_store.add(tx, Event.RECAP, Subject.STAFF, told, day.toordinal(), is_on=is_on)
            return next_look(settings.recap_minute, looked_at, self._home.zone)

        return tell

    def of(self, messages: Sequence[Message], settings: MessageSettings) -> dict[str, Recap | None]:
        """What each of them that is a recap is about, by its id; None where there is nothing to tell by now."""
        recaps = [each for each in messages if each.subject is Subject.STAFF]
        if not recaps:
            return {}
        with self.book.read(self._home) as tx:
            known = {each.id: each for each in self.employees(tx)}
            name = load_catalogue(tx).facility.name
        days = {each.occasion: self._on(date.fromordinal(each.occasion)) for each in recaps}
        told: dict[str, Recap | None] = {}
        for each in recaps:
            employee, agenda = known.get(each.subject_id), days[each.occasion].get(each.subject_id)
            told[each.id] = None
            if employee is not None and agenda is not None and _has_news(agenda, settings):
                language = employee.language if employee.language in LANGUAGES else settings.language
                day = date.fromordinal(each.occasion)
                told[each.id] = Recap(employee, day, agenda, name, self._home.zone, language)
        return told

    def calendar(self, staff_id: str, now: Instant) -> str:
        """The calendar file of one employee, with what they have at every facility (DY-33)."""
        window = shown_window(now, self._home)
        theirs = _in_order(self._read(lambda _scope: window, staff_id)).get(staff_id, [])
        return calendar_file([staff_entry(each) for each in theirs], now, "Portvakt")

    @property
    def _home(self) -> Scope:
        return self.scopes[0]

    def _on(self, day: date) -> dict[str, list[Assignment]]:
        """What everybody has on a day, which begins at each facility when its own clock says so."""
        return _in_order(self._read(lambda scope: day_bounds(day, scope.zone), None))

    def _read(self, window: Callable[[Scope], Interval], staff_id: str | None) -> list[dict[str, list[Assignment]]]:
        found = []
        for scope in self.scopes:
            with self.book.read(scope) as tx:
                found.append(recap_store.assignments(tx, window(scope), staff_id))
        return found


def _in_order(found: Sequence[dict[str, list[Assignment]]]) -> dict[str, list[Assignment]]:
    every: dict[str, list[Assignment]] = {}
    for some in found:
        for owner, theirs in some.items():
            every.setdefault(owner, []).extend(theirs)
    return {owner: sorted(theirs, key=lambda each: each.booked.interval.start) for owner, theirs in every.items()}


def _has_news(agenda: Sequence[Assignment] | None, settings: MessageSettings) -> bool:
    """agenda: None of somebody who is no employee anywhere."""
    return agenda is not None and (bool(agenda) or settings.recap_when_empty)
