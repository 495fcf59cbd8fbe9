"""What staff edit of people and places: resources, absences, opening hours, and how services meet strangers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select, update

from appliance.booking import tables
from appliance.booking.catalogue_store import admission_of, hours_of, resource_of
from appliance.booking.resources import Resource
from appliance.booking.schedule import WeeklyHours
from appliance.booking.set_up_store import hours_row, resource_row
from appliance.booking.visibility import Admission
from appliance.foundation.instants import Instant, Interval
from appliance.storage.guard import LONGEST_CLAIM_S
from appliance.storage.statements import Row
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import Edited, Kind, PartRows, Parts


class AbsenceKind(StrEnum):
    """What an exception to the hours of somebody or something is for."""

    HOLIDAY = "holiday"
    SICKNESS = "sickness"
    OTHER = "other"
    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Absence:
    """An exception to the hours of an owner. `public_text` is for everybody, `internal_text` for staff alone."""

    owner_id: str
    interval: Interval
    kind: AbsenceKind
    public_text: str = ""
    internal_text: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A resource as it is edited: in which pools, where in the list, and how much of it is booked as it is."""

    resource: Resource
    pool_ids: tuple[str, ...]
    position: int
    booked: int = 0


@dataclass(frozen=True, slots=True)
class OwnHours:
    """All weekly hours of one owner."""

    owner_id: str
    lines: tuple[WeeklyHours, ...]


def peak_load(tx: Transaction, resource_id: str) -> int:
    """The most of a resource that is or was claimed at once: the guard, which this must satisfy, looks back too."""
    other = tables.claim.alias()
    load = (
        select(func.sum(other.c.quantity))
        .where(other.c.active == 1, other.c.resource_id == resource_id)
        .where(other.c.starts > tables.claim.c.starts - LONGEST_CLAIM_S)
        .where(other.c.starts <= tables.claim.c.starts, other.c.ends > tables.claim.c.starts)
        .scalar_subquery()
    )
    here = (tables.claim.c.facility_id == tx.scope.facility_id, tables.claim.c.resource_id == resource_id)
    query = select(func.max(load)).where(*here, tables.claim.c.active == 1)
    return int(tx.connection.execute(query).scalar() or 0)


def booked_until(tx: Transaction, resource_id: str) -> Instant | None:
    """When the last claim of a resource ends that is not over yet; None when there is none."""
    here = (tables.claim.c.facility_id == tx.scope.facility_id, tables.claim.c.resource_id == resource_id)
    query = select(func.max(tables.claim.c.ends)).where(*here, tables.IS_ACTIVE, tables.claim.c.ends > tx.now)
    return tx.connection.execute(query).scalar()


def write_internal_text(tx: Transaction, absence_id: str, text: str) -> None:
    """Keep what staff note about an absence: it may tell of somebody's health, so that it is in no journal."""
    here = (
        tables.schedule_exception.c.facility_id == tx.scope.facility_id,
        tables.schedule_exception.c.id == absence_id,
    )
    tx.connection.execute(update(tables.schedule_exception).where(*here).values(internal_text=text))


def _absence_row(absence: Absence) -> Mapping[str, object]:
    return {
        "owner_id": absence.owner_id,
        "starts": absence.interval.start,
        "ends": absence.interval.end,
        "opens": int(absence.kind is AbsenceKind.OPEN),
        "kind": str(absence.kind),
        "public_text": absence.public_text,
    }


def _absence(row: Row, _parts: PartRows) -> Absence:
    kind = AbsenceKind(row.kind) if row.kind else AbsenceKind.OPEN if row.opens else AbsenceKind.CLOSED
    return Absence(row.owner_id, Interval(row.starts, row.ends), kind, row.public_text, row.internal_text)


def _place_row(place: Place) -> Mapping[str, object]:
    row = resource_row(place.resource)
    del row["id"]
    capacity = place.resource.capacity
    kept = {"capacity": max(capacity, place.booked), "offered": capacity if place.booked > capacity else None}
    return {**row, **kept, "position": place.position}


def _place(row: Row, parts: PartRows) -> Place:
    pools = tuple(part.pool_id for part in parts["pool_member"])
    return Place(resource_of(row), pools, row.position, row.capacity if row.offered is not None else 0)


def _hours_rows(hours: OwnHours) -> list[Mapping[str, object]]:
    return [{**hours_row(line), "id": f"{hours.owner_id}-{n:03}"} for n, line in enumerate(hours.lines)]


def _own_hours(row: Row, parts: PartRows) -> OwnHours:
    return OwnHours(row.id, tuple(hours_of(part) for part in parts["weekly_hours"]))


def _admission_row(admission: Admission) -> Mapping[str, object]:
    return {
        "visibility": str(admission.visibility),
        "leads_to": str(admission.leads_to),
        "who_may_book": str(admission.who_may_book) if admission.who_may_book else None,
        "visible_days": admission.visible_days,
    }


PLACES: Kind[Place] = Kind(
    "resource",
    tables.resource,
    _place_row,
    _place,
    (Parts(tables.pool_member, "resource_id", lambda place: [{"pool_id": each} for each in place.pool_ids]),),
    ("position", "slug"),
)
ABSENCES: Kind[Absence] = Kind(
    "schedule_exception", tables.schedule_exception, _absence_row, _absence, (), ("starts", "id")
)
HOURS: Kind[OwnHours] = Kind(
    "hours", tables.opening_hours, lambda _hours: {}, _own_hours, (Parts(tables.weekly_hours, "owner_id", _hours_rows),)
)
ADMISSIONS: Kind[Admission] = Kind("admission", tables.admission, _admission_row, lambda row, _parts: admission_of(row))


def hours_before(tx: Transaction, owner_id: str) -> Edited[OwnHours]:
    """The hours of an owner whom nobody has edited yet, as version 0."""
    here = (tables.weekly_hours.c.facility_id == tx.scope.facility_id, tables.weekly_hours.c.owner_id == owner_id)
    rows = tx.connection.execute(select(tables.weekly_hours).where(*here).order_by(tables.weekly_hours.c.id)).all()
    return Edited(owner_id, OwnHours(owner_id, tuple(hours_of(row) for row in rows)), 0, 0, "")


def drop_hours(tx: Transaction, owner_id: str) -> None:
    """Take away hours that were set up without a version, before they are edited for the first time."""
    here = (tables.weekly_hours.c.facility_id == tx.scope.facility_id, tables.weekly_hours.c.owner_id == owner_id)
    tx.connection.execute(tables.weekly_hours.delete().where(*here))


__all__ = ["ABSENCES", "ADMISSIONS", "HOURS", "PLACES", "Absence", "AbsenceKind", "OwnHours", "Place"]
