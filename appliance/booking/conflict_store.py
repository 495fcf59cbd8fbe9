"""The open conflicts of a facility, worked out from its rows in a fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select

from appliance.booking import session_store, store
from appliance.booking.bookings import Booking, Claimed
from appliance.booking.calendar_store import exceptions
from appliance.booking.catalogue import Catalogue
from appliance.booking.conflicts import Cause, CauseKind, Occupation, conflicts
from appliance.booking.schedule import ScheduleException, WeeklyHours, project
from appliance.booking.services import ServiceKind, Session
from appliance.booking.tables import kept_conflict, resource
from appliance.foundation.instants import DAY, Interval
from appliance.storage.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class OpenConflicts:
    """Bookings, and meetings of classes, that do not fit any more, each with its causes."""

    bookings: tuple[tuple[Booking, tuple[Cause, ...]], ...]
    sessions: tuple[tuple[Session, tuple[Cause, ...]], ...]


def open_conflicts(tx: Transaction, catalogue: Catalogue) -> OpenConflicts:
    """Every conflict of what is to come that nobody has kept on purpose."""
    booked = store.upcoming(tx)
    latest = max((each.interval.end for each in booked), default=tx.now)
    sessions = session_store.within(tx, Interval(tx.now - DAY, latest + DAY * 400))
    window = Interval(tx.now - 2 * DAY, max([latest, *(each.interval.end for each, _ in sessions)]) + DAY)
    openings = openings_of(catalogue.hours, exceptions(tx, window), tx.scope.zone, window)
    lineage, shrunk = catalogue.tree.lineage, _shrunk(tx)
    planned = [each for each, status in sessions if status == session_store.PLANNED and each.interval.end > tx.now]
    meetings = [Occupation(each.id, each.interval, (), _claims(each, catalogue), 0) for each in planned]
    spoilt = conflicts(meetings, openings, lineage, {})
    gone = {each.id for each, status in sessions if status == session_store.CANCELLED}
    found = conflicts([_occupation(each, catalogue, spoilt, gone) for each in booked], openings, lineage, shrunk)
    kept = _kept(tx)
    return OpenConflicts(
        tuple(
            (each, found[each.id]) for each in booked if each.id in found and kept.get(each.id) != told(found[each.id])
        ),
        tuple((each, spoilt[each.id]) for each in planned if each.id in spoilt),
    )


def told(causes: Iterable[Cause]) -> str:
    """Causes as one text, the same for the same causes."""
    return " ".join(f"{cause.kind}:{cause.owner_id}" for cause in causes)


def keep(tx: Transaction, booking_id: str, causes: tuple[Cause, ...], reason: str) -> None:
    """Leave a booking as it is, for these causes; others make it a conflict again."""
    here = (kept_conflict.c.facility_id == tx.scope.facility_id, kept_conflict.c.booking_id == booking_id)
    tx.connection.execute(delete(kept_conflict).where(*here))
    row = {"booking_id": booking_id, "causes": told(causes), "reason": reason}
    tx.connection.execute(insert(kept_conflict).values(**row, facility_id=tx.scope.facility_id))
    tx.record("conflict", booking_id, "kept", after=row)


def openings_of(
    hours: Sequence[WeeklyHours], exceptional: Sequence[ScheduleException], zone: ZoneInfo, window: Interval
) -> dict[str, list[Interval]]:
    """When each owner that has hours or exceptions is open."""
    rows: dict[str, list[WeeklyHours]] = {}
    own: dict[str, list[ScheduleException]] = {}
    for line in hours:
        rows.setdefault(line.owner_id, []).append(line)
    for exception in exceptional:
        own.setdefault(exception.owner_id, []).append(exception)
    return {owner: project(rows.get(owner, ()), own.get(owner, ()), zone, window) for owner in {*rows, *own}}


def _occupation(
    booked: Booking, catalogue: Catalogue, spoilt: Mapping[str, tuple[Cause, ...]], gone: set[str]
) -> Occupation:
    service = catalogue.service(booked.service_id)
    since = booked.committed_at if booked.committed_at is not None else booked.created_at
    if service is None or service.kind is ServiceKind.CLASS:
        # Neither hours nor exceptions bound a place; what spoils its meeting spoils it.
        own = spoilt.get(booked.session_id or "", ())
        if booked.session_id in gone:
            own = (*own, Cause(CauseKind.CANCELLED, booked.session_id))
        return Occupation(booked.id, booked.interval, (), booked.claims, since, own)
    return Occupation(booked.id, booked.interval, (catalogue.facility.id, service.id), booked.claims, since)


def _claims(session: Session, catalogue: Catalogue) -> tuple[Claimed, ...]:
    return tuple(session_store.claims_of(session, catalogue.tree))


def _shrunk(tx: Transaction) -> dict[str, int]:
    """The resources of which less is offered than may be booked, because more was booked before."""
    query = select(resource.c.id, resource.c.offered).where(resource.c.facility_id == tx.scope.facility_id)
    return {row.id: row.offered for row in tx.connection.execute(query.where(resource.c.offered.is_not(None)))}


def _kept(tx: Transaction) -> dict[str, str]:
    query = select(kept_conflict.c.booking_id, kept_conflict.c.causes)
    rows = tx.connection.execute(query.where(kept_conflict.c.facility_id == tx.scope.facility_id))
    return {row.booking_id: row.causes for row in rows}
