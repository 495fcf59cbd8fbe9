"""Waiting for a place: joining the list, leaving it, taking or declining what is offered (DY-18, DY-19)."""

from dataclasses import dataclass, replace

from appliance.booking import idempotency_store, waiting_store
from appliance.booking.actions import confirming, holding
from appliance.booking.actions.admitting import admit, note_bypass
from appliance.booking.actions.confirming import Order
from appliance.booking.actions.desk import Desk, Wish, expire_stale_holds, resolved, terms_for
from appliance.booking.availability import assign, offers
from appliance.booking.bookings import Booking
from appliance.booking.calendar_store import calendar
from appliance.booking.idempotency_store import Request
from appliance.booking.services import WaitingMode
from appliance.booking.waiting_list import State, WaitingEntry, as_promoted, position
from appliance.customers.contacts import Contact
from appliance.foundation.errors import Bug
from appliance.foundation.instants import Instant, Interval
from appliance.foundation.refusals import Refusal
from appliance.storage import jobs
from appliance.storage.unit_of_work import Refused, Transaction, refusable

LAPSE_WAITING = "lapse_waiting"


@dataclass(frozen=True, slots=True)
class Waits:
    """An entry and its place among those that still wait; 0 when it does not."""

    entry: WaitingEntry
    position: int


@refusable
def join(
    desk: Desk, wish: Wish, until: Instant | None, contact: Contact, actor: str, request: Request | None = None
) -> Waits:
    """Wait for the wished start, or for any from it on and before `until`.

    Refused where no list is kept (`no_waiting_list`), while there is a place (`not_full`, or by the rule that does not
    let it be booked yet or any more), for who waits already
    (`waits_already`), and by the rule and as `not_admitted` as booking would be.
    """
    with desk.book.write(desk.scope, actor) as tx:
        made = idempotency_store.seen(tx, request) if request is not None else None
        known = waiting_store.by_id(tx, made) if made is not None else None
        if known is not None:
            return _placed(tx, known)
        expire_stale_holds(tx)
        service = resolved(desk.catalogues.current(tx), wish)[0].service
        admitted = admit(desk, tx, service, contact, wish.channel, wish.start)
        customer_id = admitted.customer_id or desk.consequences.enrol(tx, contact)
        entry = _entry(desk, tx, replace(wish, customer_id=customer_id), until, customer_id)
        waiting_store.add(tx, entry)
        note_bypass(tx, admitted, entry.id, service.id)
        jobs.schedule(tx, LAPSE_WAITING, entry.id, entry.starts.end)
        if request is not None:
            idempotency_store.remember(tx, request, entry.id)
        return _placed(tx, entry)


@refusable
def leave(desk: Desk, entry_id: str, actor: str) -> Waits:
    """Wait no longer; what was offered is given back, and goes to the next at once."""
    with desk.book.write(desk.scope, actor) as tx:
        entry = _open(tx, entry_id)
        left = entry.at_state(State.LEFT)
        waiting_store.change(tx, entry, left, "left")
        if entry.state is State.OFFERED and entry.booking_id is not None:
            holding.give_back(tx, entry.booking_id)
        return _placed(tx, left)


def accept(desk: Desk, entry_id: str, actor: str, request: Request | None = None) -> Booking | Refusal:
    """Take what was offered; Refused as `hold_gone` when the offer is over."""
    with desk.book.read(desk.scope) as tx:
        entry = waiting_store.by_id(tx, entry_id)
    if entry is None or entry.booking_id is None or entry.state not in (State.OFFERED, State.BOOKED):
        return Refusal("hold_gone")
    order = Order(None, entry.booking_id, None, channel=entry.channel, answers=None)
    return confirming.confirm(desk, order, actor, request)


def shown(desk: Desk, entry_id: str) -> Waits | None:
    """An entry with its place; None when there is none."""
    with desk.book.read(desk.scope) as tx:
        entry = waiting_store.by_id(tx, entry_id)
        return None if entry is None else _placed(tx, entry)


def lapse(tx: Transaction, entry_id: str) -> None:
    """Nobody waits any longer for what has begun."""
    entry = waiting_store.by_id(tx, entry_id)
    if entry is not None and entry.state is State.WAITING:
        waiting_store.change(tx, entry, entry.at_state(State.LAPSED), "lapsed")


def _entry(desk: Desk, tx: Transaction, wish: Wish, until: Instant | None, customer_id: str) -> WaitingEntry:
    catalogue = desk.catalogues.current(tx)
    visit, _ = resolved(catalogue, wish)
    service, duration = visit.service, visit.duration
    starts = Interval(wish.start, until if until is not None else wish.start + 1)
    if service.waiting is WaitingMode.OFF:
        raise Refused(Refusal("no_waiting_list"))
    asked = terms_for(desk, tx, service, wish.channel, starts, customer_id)
    found = calendar(tx, catalogue, service, starts, wish.channel, asked)
    if offers(found, service, starts, duration, wish.quantity).starts:
        raise Refused(Refusal("not_full"))
    as_first = replace(found, asked=replace(asked, rule=as_promoted(asked.rule)))
    free = offers(as_first, service, starts, duration, wish.quantity).starts
    if free:
        # Nobody waits beside a free place: what is free but not open yet would be had before it opens.
        raise Refused(_said(assign(found, service, free[0], duration, wish.quantity)))
    unclaimed = replace(as_first, claims={})
    if not offers(unclaimed, service, starts, duration, wish.quantity).starts:
        raise Refused(_said(assign(unclaimed, service, starts.start, duration, wish.quantity)))
    if waiting_store.waits_already(tx, customer_id, service.id, starts):
        raise Refused(Refusal("waits_already"))
    return WaitingEntry(
        id=tx.ids.new(),
        service_id=service.id,
        customer_id=customer_id,
        channel=wish.channel,
        starts=starts,
        duration=duration,
        quantity=wish.quantity,
        state=State.WAITING,
        booking_id=None,
        reason=None,
        created_at=tx.now,
    )


def _said(answer: object) -> Refusal:
    """Why a start cannot be had, where the search found that it cannot."""
    if not isinstance(answer, Refusal):
        raise Bug(f"a start that is not offered could be assigned: {answer}")
    return answer


def _open(tx: Transaction, entry_id: str) -> WaitingEntry:
    entry = waiting_store.by_id(tx, entry_id)
    if entry is None or entry.state not in (State.WAITING, State.OFFERED):
        raise Refused(Refusal("not_waiting"))
    return entry


def _placed(tx: Transaction, entry: WaitingEntry) -> Waits:
    waits = entry.state is State.WAITING
    return Waits(entry, position(entry, waiting_store.who_waits(tx)) if waits else 0)
