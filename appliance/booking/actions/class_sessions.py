"""Meetings of classes: put on the calendar by staff or by their plan, and cancelled (SB-19).

A meeting claims its trainer and its room as a booking does, so that neither can be had twice; all the rest of their
time stays open. A meeting that is cancelled frees them. Its bookings are then cancelled too, or told as conflicts.
"""

from dataclasses import dataclass, replace

from appliance.booking import conflict_store, session_store, store
from appliance.booking.actions.cancelling import cancel_at
from appliance.booking.actions.desk import UNKNOWN_SERVICE, Desk, expire_stale_holds
from appliance.booking.bookings import CANCELLABLE, Booking
from appliance.booking.calendar_store import busy, exceptions
from appliance.booking.catalogue import Catalogue
from appliance.booking.conflicts import Occupation, conflicts
from appliance.booking.reasons import Reason
from appliance.booking.services import ServiceKind, Session
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.instants import DAY, Interval
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable

NO_CLASS = FieldError("service", "not_a_class", marked("Choose a class."))
NOT_COUNTED = FieldError("places", "not_counted", marked("Choose something that is counted, such as places."))


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A meeting that was cancelled, with the bookings cancelled along with it, and the seq the door must reach."""

    session: Session
    bookings: tuple[Booking, ...]
    key_seq: int | None


@refusable
def add(desk: Desk, session: Session, actor: str) -> Session:
    """Put a meeting on the calendar, under an id of its own; Invalid.

    Refused as `slot_taken` or `closed` for what it occupies.
    """
    with desk.book.write(desk.scope, actor) as tx:
        expire_stale_holds(tx)
        return add_within(tx, desk.catalogues.current(tx), replace(session, id=tx.ids.new()))


def add_within(tx: Transaction, catalogue: Catalogue, session: Session, plan_id: str | None = None) -> Session:
    """The same within a transaction that is open."""
    _require_class(catalogue, session)
    refusal = unfit(tx, catalogue, session)
    if refusal is not None:
        raise Refused(refusal)
    session_store.add(tx, session, catalogue.tree, plan_id)
    return session


def unfit(tx: Transaction, catalogue: Catalogue, session: Session) -> Refusal | None:
    """Why a meeting cannot be put on the calendar: what it occupies is away or taken, or there is one already."""
    if session_store.begins_at(tx, session.service_id, session.interval.start):
        return Refusal(Reason.SLOT_TAKEN)
    window = session.interval.widened(2 * DAY, 2 * DAY)
    openings = conflict_store.openings_of(catalogue.hours, exceptions(tx, window), tx.scope.zone, window)
    claims = tuple(session_store.claims_of(session, catalogue.tree))
    meeting = Occupation(session.id, session.interval, (), claims, 0)
    if conflicts([meeting], openings, catalogue.tree.lineage, {}):
        return Refusal(Reason.CLOSED)
    taken = busy(tx, [claimed.resource_id for claimed in claims], session.interval)
    return Refusal(Reason.SLOT_TAKEN) if any(taken.values()) else None


@refusable
def cancel(desk: Desk, session_id: str, reason: str, actor: str, *, with_bookings: bool) -> Cancelled:
    """Cancel a meeting; refused as `unknown_session` when there is none that is still to end."""
    with desk.book.write(desk.scope, actor) as tx:
        expire_stale_holds(tx)
        found = session_store.by_id(tx, session_id)
        if found is None or found[1] != session_store.PLANNED or found[0].interval.end <= tx.now:
            raise Refused(Refusal("unknown_session"))
        session_store.cancel(tx, found[0], reason)
        booked = [each for each in store.upcoming(tx) if each.session_id == session_id] if with_bookings else []
        # Nobody pays for a meeting that is called off.
        ended = [cancel_at(desk, tx, each, percent=0, in_time=True) for each in booked if each.status in CANCELLABLE]
        key_seq = max((each.key_seq for each in ended if each.key_seq is not None), default=None)
        return Cancelled(found[0], tuple(each.booking for each in ended), key_seq)


def listed(desk: Desk, window: Interval) -> list[tuple[Session, str, int]]:
    """The meetings that begin in `window`, each with its status and how many places are booked."""
    with desk.book.read(desk.scope) as tx:
        found = session_store.within(tx, window)
        booked = session_store.booked(tx, [session.id for session, _ in found])
    return [(session, status, booked.get(session.id, 0)) for session, status in found]


def _require_class(catalogue: Catalogue, session: Session) -> None:
    service = catalogue.service(session.service_id)
    wrong = [UNKNOWN_SERVICE] if service is None else []
    if service is not None and service.kind is not ServiceKind.CLASS:
        wrong.append(NO_CLASS)
    if not catalogue.tree.resources[session.resource_id].is_counted:
        wrong.append(NOT_COUNTED)
    if wrong:
        raise Invalid(*wrong)
