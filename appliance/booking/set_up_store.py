"""Putting a facility together: each thing is a few rows that belong together and one journal entry about them."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Table, insert

from appliance.booking import several_store, tables
from appliance.booking.catalogue import Facility
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
    row = {**asdict(facility), "zone": facility.zone.key}
    del row["admission"]
    _put(tx, tables.facility, [row])
    tx.record("facility", facility.id, "added", after=row)


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
    _put(tx, tables.pool, [{"id": pool.id, "slug": pool.slug}])
    _put(tx, tables.pool_member, [{"pool_id": pool.id, "resource_id": member} for member in pool.members])
    tx.record("pool", pool.id, "added", after={"id": pool.id, "slug": pool.slug, "members": list(pool.members)})


def add_service(tx: Transaction, service: Service, vat_percent: int, position: int = 0) -> None:
    """One entry of what is sold, with its lengths, prices and needs."""
    own = (
        "id",
        "slug",
        "name",
        "grid_minutes",
        "before_minutes",
        "after_minutes",
        "max_quantity",
        "rule_id",
    )
    row: dict[str, object] = {name: getattr(service, name) for name in own}
    row |= {"kind": str(service.kind), "vat_percent": vat_percent, "position": position}
    row |= {"waiting_mode": str(service.waiting), "offer_minutes": service.offer_minutes}
    durations: list[dict[str, object]] = [
        {"service_id": service.id, "minutes": minutes, "amount": price.amount, "position": place}
        for place, (minutes, price) in enumerate(zip(service.durations, service.prices, strict=True))
    ]
    needs: list[dict[str, object]] = [
        {"service_id": service.id, "position": place, **asdict(need)} for place, need in enumerate(service.needs)
    ]
    _put(tx, tables.service, [row])
    _put(tx, tables.service_duration, durations)
    _put(tx, tables.need, needs)
    tx.record("service", service.id, "added", after={**row, "durations": durations, "needs": needs})
    if service.several != Several():
        versioned.add(tx, several_store.KIND, several_store.SeveralOf(service.id, service.several))


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
    tenant = {} if table is tables.facility else {"facility_id": tx.scope.facility_id}
    tx.connection.execute(insert(table), [{**row, **tenant} for row in rows])
