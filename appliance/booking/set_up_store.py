"""Putting a facility together: each thing is a few rows that belong together and one journal entry about them."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Table, insert, select

from appliance.booking import several_store, tables
from appliance.booking.catalogue import Facility
from appliance.booking.offer_kinds_store import FACILITIES, POOLS, Sold, sold_services
from appliance.booking.resources import Pool, Resource
from appliance.booking.rule_store import RULES
from appliance.booking.rules import BookingRule
from appliance.booking.schedule import ScheduleException, WeeklyHours
from appliance.booking.services import Service, Several
from appliance.booking.start_grids import Anchor
from appliance.foundation.scope import Scope
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction


def add_facility(tx: Transaction, facility: Facility) -> None:
    """The place itself; everything else points to it."""
    versioned.add(tx, FACILITIES, facility, facility.id)


def scope_of(facility: Facility) -> Scope:
    """The tenant scope that a facility gives."""
    return Scope(facility.id, facility.zone, facility.currency)


def add_rule(tx: Transaction, rule: BookingRule) -> None:
    """A booking rule, in force from the commit on."""
    versioned.add(tx, RULES, rule, rule.id)


def add_resource(tx: Transaction, resource: Resource, position: int = 0) -> None:
    """Something that can be occupied."""
    row = {**resource_row(resource), "position": position}
    _put(tx, tables.resource, [row])
    tx.record("resource", resource.id, "added", after=row)


def resource_row(resource: Resource) -> dict[str, object]:
    """A resource as its row."""
    row = asdict(resource)
    del row["grid"]
    grid = resource.grid
    own = {"grid_minutes": grid.minutes if grid else None, "anchor": str(grid.anchor if grid else Anchor.MIDNIGHT)}
    return {**row, "kind": str(resource.kind), **own}


def add_pool(tx: Transaction, pool: Pool) -> None:
    """Resources that serve a need equally well."""
    versioned.add(tx, POOLS, pool, pool.id)


def add_service(tx: Transaction, service: Service, vat_percent: int, position: int = 0) -> None:
    """One entry of what is sold, with its lengths, prices and needs."""
    versioned.add(tx, sold_services(tx.scope.currency), Sold(service, vat_percent, position), service.id)
    if service.several != Several():
        versioned.add(tx, several_store.KIND, several_store.SeveralOf(service.id, service.several))


def has_bookings(tx: Transaction) -> bool:
    """Whether anything was ever booked here."""
    query = select(tables.booking.c.id).where(tables.booking.c.facility_id == tx.scope.facility_id).limit(1)
    return tx.connection.execute(query).first() is not None


def add_hours(tx: Transaction, hours: Sequence[WeeklyHours]) -> None:
    """Opening hours of facilities, services and resources."""
    for line in hours:
        row = {**hours_row(line), "id": tx.ids.new()}
        _put(tx, tables.weekly_hours, [row])
        tx.record("weekly_hours", str(row["id"]), "added", after=row)


def hours_row(line: WeeklyHours) -> dict[str, object]:
    """One line of opening hours as its row, but for its id."""
    return {
        **asdict(line),
        "valid_from": line.valid_from.isoformat() if line.valid_from else None,
        "valid_to": line.valid_to.isoformat() if line.valid_to else None,
    }


def add_exception(tx: Transaction, exception: ScheduleException, public_text: str = "") -> None:
    """Real time in which an owner is open or closed whatever its weekly hours say."""
    row = {
        "id": tx.ids.new(),
        "owner_id": exception.owner_id,
        "starts": exception.interval.start,
        "ends": exception.interval.end,
        "opens": int(exception.kind == "open"),
        "public_text": public_text,
    }
    _put(tx, tables.schedule_exception, [row])
    tx.record("schedule_exception", str(row["id"]), "added", after=row)


def _put(tx: Transaction, table: Table, rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        return
    tx.connection.execute(insert(table), [{**row, "facility_id": tx.scope.facility_id} for row in rows])
