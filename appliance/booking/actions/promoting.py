"""Promoting from the waiting list, in the very transaction in which a place became free (DY-19, DY-20, BRP-20).

The list is walked in the order in which people came. Who cannot be booked by the rule is removed, who can is booked
or has the place kept for them, until everything is full again: nobody waits while there is a place for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from appliance.booking import store, waiting_store
from appliance.booking.actions.admitting import admit
from appliance.booking.actions.confirming import sell
from appliance.booking.actions.desk import Desk, Wish, claimed_by, terms_for
from appliance.booking.actions.holding import EXPIRE_HOLD
from appliance.booking.availability import offers
from appliance.booking.booking_window import Channel, Window
from appliance.booking.bookings import Booking, Status
from appliance.booking.bookings import body as booking_body
from appliance.booking.calendar_store import calendar
from appliance.booking.deciding import Asking, refusal
from appliance.booking.lead_time import LONGEST_AFTER_S, minutes
from appliance.booking.limits import barred
from appliance.booking.rules import Windows
from appliance.booking.services import Service, WaitingMode
from appliance.booking.visibility import Sight
from appliance.booking.waiting_list import State, WaitingEntry, as_promoted
from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.foundation.refusals import Refusal
from appliance.storage import jobs
from appliance.storage.unit_of_work import Refused, Transaction

TELL_WAITING: Final = "tell_waiting"
_SCHEDULES: Final = (
    "resource", "pool", "service", "weekly_hours", "hours", "schedule_exception", "admission", "booking_rule",
)  # fmt: skip
_LETS_GO: Final = (
    "cancelled", "checked_out", "expired", "extras_changed", "hold_released", "moved", "no_show", "reassigned",
    "shortened",
)  # fmt: skip
_FREES_TIME: Final = frozenset(
    {
        *(("booking", verb) for verb in _LETS_GO),
        *(("class_session", verb) for verb in ("added", "changed", "removed", "cancelled")),
        *((entity, verb) for entity in _SCHEDULES for verb in ("added", "changed", "removed", "archived")),
    }
)  # fmt: skip

# What makes a place free, or tells that somebody who waited has booked.
_CHANGES_PLACES: Final = _FREES_TIME | {("booking", "confirmed")}
_ENDS_OFFERS: Final = frozenset({("booking", "confirmed"), ("booking", "expired"), ("booking", "hold_released")})


def settle(desk: Desk, tx: Transaction, done: frozenset[tuple[str, str]]) -> None:
    """What follows a transaction in which time may have become free."""
    if not done.isdisjoint(_ENDS_OFFERS):
        _end_offers(tx)
    if not done.isdisjoint(_FREES_TIME):
        promote(desk, tx)
    if not done.isdisjoint(_CHANGES_PLACES) and _tells_all(desk, tx):
        jobs.schedule(tx, TELL_WAITING, tx.scope.facility_id, tx.now)


def promote(desk: Desk, tx: Transaction) -> None:
    """Give every free place to the first who can take it."""
    entries, catalogue = waiting_store.who_waits(tx), desk.catalogues.current(tx)
    walks: dict[tuple[str, int, int], _Walk] = {}
    for entry in entries:
        service = catalogue.service(entry.service_id)
        if service is None or not service.waiting.promotes:
            continue
        kind = (service.id, entry.duration, entry.quantity)
        if kind not in walks:
            alike = [each for each in entries if (each.service_id, each.duration, each.quantity) == kind]
            walks[kind] = _Walk(desk, service, entry, span_of(alike))
        if walks[kind].serve(tx, entry):
            # What was taken is free for nobody else, whatever length or number they wait for.
            walks.clear()


def _tells_all(desk: Desk, tx: Transaction) -> bool:
    latest = desk.catalogues.latest(tx.scope.facility_id)
    return latest is not None and any(each.waiting is WaitingMode.NOTIFY_ALL for each in latest.services)


@dataclass(slots=True)
class _Walk:
    """The starts that are free for everybody who waits for one length and number of a service; read once."""

    desk: Desk
    service: Service
    like: WaitingEntry
    span: Interval
    _free: list[Instant] | None = None

    def serve(self, tx: Transaction, entry: WaitingEntry) -> bool:
        """Whether a place was taken for `entry`."""
        free = [each for each in self._starts(tx) if entry.starts.contains(each)]
        if not free:
            return False
        asked = _promoted(terms_for(self.desk, tx, self.service, entry.channel, entry.starts, entry.customer_id))
        start = next((each for each in free if self._refusal(tx, entry, asked, each) is None), None)
        if start is None:
            bar = barred(asked.bars, free[0])
            # Whom a limit of one day stops may still get a place on another day.
            if bar is not None and all(
                bar.starts.contains(each) for each in (entry.starts.start, entry.starts.end - 1)
            ):
                waiting_store.change(tx, entry, entry.at_state(State.REMOVED, reason=bar.reason), "removed")
            return False
        if not self._admits(tx, entry, start):
            return False
        wish = Wish(
            self.service.id,
            start,
            entry.channel,
            entry.duration,
            entry.quantity,
            customer_id=entry.customer_id,
            # What somebody waits for they know, even if strangers do not find it.
            sight=Sight(Channel.STAFF),
        )
        kept = replace(claimed_by(self.desk, tx, wish, asked=asked), customer_id=entry.customer_id)
        (_book if self.service.waiting is WaitingMode.AUTO_BOOK else _offer)(self.desk, tx, entry, kept, self.service)
        return True

    def _refusal(self, tx: Transaction, entry: WaitingEntry, asked: Asking, start: Instant) -> Refusal | None:
        slot = Interval(start, start + self.like.duration * MINUTE)
        return refusal(asked, entry.channel, tx.now, slot, tx.scope.zone)

    def _admits(self, tx: Transaction, entry: WaitingEntry, start: Instant) -> bool:
        """Whether who waits may still book; who may not is removed."""
        try:
            admit(self.desk, tx, self.service, entry.customer_id, entry.channel, start)
        except Refused as refused:
            waiting_store.change(tx, entry, entry.at_state(State.REMOVED, reason=refused.refusal.reason), "removed")
            return False
        return True

    def _starts(self, tx: Transaction) -> list[Instant]:
        if self._free is None:
            self._free = free_for_anybody(self.desk, tx, self.service, self.like, self.span)
        return self._free


def free_for_anybody(
    desk: Desk, tx: Transaction, service: Service, like: WaitingEntry, span: Interval
) -> list[Instant]:
    """The starts within `span` that are free for what an entry waits for, whomever windows and limits bind."""
    asked = _unbound(terms_for(desk, tx, service, like.channel, span, None))
    found = calendar(tx, desk.catalogues.current(tx), service, span, like.channel, asked)
    return offers(found, service, span, like.duration, like.quantity).starts


def span_of(entries: Sequence[WaitingEntry]) -> Interval:
    """The time in which all starts lie that are waited for."""
    return Interval(min(each.starts.start for each in entries), max(each.starts.end for each in entries))


def _promoted(asked: Asking) -> Asking:
    return replace(asked, rule=as_promoted(asked.rule))


def _unbound(asked: Asking) -> Asking:
    """Whom no window and no limit binds: what is free for them may be had by somebody, whatever rule is theirs."""
    always = Window(latest=minutes(-(LONGEST_AFTER_S // MINUTE)))
    return replace(asked, rule=replace(asked.rule, windows=Windows(always, always, always)), bars=())


def _book(desk: Desk, tx: Transaction, entry: WaitingEntry, kept: Booking, _service: Service) -> None:
    booked = sell(desk, tx, kept, entry.customer_id)
    waiting_store.change(tx, entry, entry.at_state(State.BOOKED, booked.id), "booked")


def _offer(_desk: Desk, tx: Transaction, entry: WaitingEntry, kept: Booking, service: Service) -> None:
    expires_at = tx.now + service.offer_minutes * MINUTE
    held = replace(kept, expires_at=expires_at)
    store.add(tx, held)
    jobs.schedule(tx, EXPIRE_HOLD, held.id, expires_at)
    tx.record("booking", held.id, "held", after=booking_body(held))
    waiting_store.change(tx, entry, entry.at_state(State.OFFERED, held.id), "offered")


def _end_offers(tx: Transaction) -> None:
    """Offers that were taken up are bookings; those whose hold ran out or was given back are over for who had them."""
    for entry, status in waiting_store.ended_offers(tx):
        taken = status not in (Status.EXPIRED, Status.CANCELLED)
        state, verb = (State.BOOKED, "booked") if taken else (State.LAPSED, "lapsed")
        waiting_store.change(tx, entry, entry.at_state(state), verb)
