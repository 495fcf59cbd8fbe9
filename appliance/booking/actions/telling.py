"""Telling everybody who waits that a place is free, where nothing is kept for anybody: who books first has it (DY-19).

Done by a timed job just after time became free, so that whoever gives a place back waits for no letters. Each is told
once of a place: again only when it was taken meanwhile, or when another one is free instead. Who has booked waits no
longer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.booking import waiting_store
from appliance.booking.actions.admitting import admit
from appliance.booking.actions.desk import Desk, terms_for
from appliance.booking.actions.promoting import free_for_anybody, span_of
from appliance.booking.bookings import Status
from appliance.booking.deciding import refusal
from appliance.booking.services import Service, WaitingMode
from appliance.booking.waiting_list import State, WaitingEntry
from appliance.booking.waiting_store import Taken
from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.storage.unit_of_work import Refused, Transaction

AT_ONCE: Final = 20  # in one transaction, so that it stays short
_STANDS: Final = frozenset({Status.CONFIRMED, Status.ARRIVED, Status.COMPLETED})


def tell(desk: Desk, tx: Transaction, _facility_id: str) -> Instant | None:
    """Tell those who wait, in the order in which they came; due again at once when there are more than `AT_ONCE`."""
    catalogue = desk.catalogues.current(tx)
    rounds: dict[tuple[str, int, int], _Round] = {}
    for entry in waiting_store.who_waits(tx):
        service = catalogue.service(entry.service_id)
        if service is not None and service.waiting is WaitingMode.NOTIFY_ALL:
            kind = (service.id, entry.duration, entry.quantity)
            rounds.setdefault(kind, _Round(desk, service, [])).alike.append(entry)
    left = AT_ONCE
    for each in rounds.values():
        left -= each.tell(tx, left)
    return None if left else tx.now


@dataclass(frozen=True, slots=True)
class _Round:
    """Those who wait for one length and number of a service."""

    desk: Desk
    service: Service
    alike: list[WaitingEntry]

    def tell(self, tx: Transaction, most: int) -> int:
        """How many were told, or wait no longer because they have booked."""
        span = span_of(self.alike)
        free = free_for_anybody(self.desk, tx, self.service, self.alike[0], span)
        since = min(each.created_at for each in self.alike)
        leaves = self.desk.catalogues.current(tx).leaves_of(self.service)
        taken = waiting_store.taken_since(tx, self.service.id, leaves, span, since)
        changed = 0
        for entry in self.alike:
            if changed < most:
                changed += self._served(tx, entry, taken) or self._told(tx, entry, free, taken)
        return changed

    def _served(self, tx: Transaction, entry: WaitingEntry, taken: Sequence[Taken]) -> bool:
        own = next((each for each in taken if self._is_theirs(entry, each)), None)
        if own is not None:
            waiting_store.change(tx, entry, entry.at_state(State.BOOKED, own.booking_id), "booked")
        return own is not None

    def _is_theirs(self, entry: WaitingEntry, taken: Taken) -> bool:
        is_same = (taken.customer_id, taken.service_id) == (entry.customer_id, entry.service_id)
        is_meant = entry.starts.contains(taken.interval.start) and taken.committed_at >= entry.created_at
        return is_same and is_meant and taken.status in _STANDS

    def _told(self, tx: Transaction, entry: WaitingEntry, free: Sequence[Instant], taken: Sequence[Taken]) -> bool:
        fitting = [each for each in free if entry.starts.contains(each)]
        if not fitting or (entry.told_start in fitting and not self._was_taken(entry, taken)):
            return False
        asked = terms_for(self.desk, tx, self.service, entry.channel, entry.starts, entry.customer_id)
        zone = tx.scope.zone
        start = next(
            (each for each in fitting if refusal(asked, entry.channel, tx.now, _slot(entry, each), zone) is None), None
        )
        if start is None or not self._admits(tx, entry, start):
            return False
        waiting_store.change(tx, entry, entry.told(start, tx.now), "told")
        return True

    def _was_taken(self, entry: WaitingEntry, taken: Sequence[Taken]) -> bool:
        """Whether somebody booked at the time of which they were told, since they were."""
        if entry.told_start is None or entry.told_at is None:
            return False
        slot, told_at = _slot(entry, entry.told_start), entry.told_at
        return any(each.committed_at >= told_at and each.interval.overlaps(slot) for each in taken)

    def _admits(self, tx: Transaction, entry: WaitingEntry, start: Instant) -> bool:
        try:
            admit(self.desk, tx, self.service, entry.customer_id, entry.channel, start)
        except Refused:
            return False
        return True


def _slot(entry: WaitingEntry, start: Instant) -> Interval:
    return Interval(start, start + entry.duration * MINUTE)
