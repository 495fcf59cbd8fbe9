"""The catalogue from its rows, in a fixed number of queries, read again only when its journal entries say so."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, select

from appliance.billing.tariff_store import TARIFF_ENTITIES, load_tariff
from appliance.booking import tables
from appliance.booking.answer_store import all_fields
from appliance.booking.catalogue import Catalogue, Facility
from appliance.booking.extra_store import all_extras
from appliance.booking.resources import Pool, Resource, ResourceKind, tree_of
from appliance.booking.rule_store import RULES
from appliance.booking.schedule import WeeklyHours
from appliance.booking.services import Need, Service, ServiceKind, Several, WaitingMode
from appliance.booking.several_store import several_of
from appliance.booking.start_grids import Anchor, StartGrid
from appliance.booking.visibility import PLAIN_ADMISSION, Admission, LeadsTo, Visibility, WhoMayBook
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.money import Money
from appliance.foundation.positions import Position
from appliance.foundation.scope import Scope
from appliance.storage import versioned
from appliance.storage.kept import Kept
from appliance.storage.statements import Row, Statement, every
from appliance.storage.unit_of_work import Book, Transaction

CATALOGUE_ENTITIES = (
    *("facility", "booking_rule", "resource", "pool", "service", "service_several", "weekly_hours", "hours"),
    *("admission", "extra", "extra_image", "custom_field"),
    *TARIFF_ENTITIES,
)

_FACILITY = Statement(select(tables.facility).where(tables.facility.c.id == bindparam("facility_id")))
_POOL_MEMBERS = Statement(
    select(tables.pool_member.c.pool_id, tables.pool_member.c.resource_id)
    .join(tables.resource, tables.resource.c.id == tables.pool_member.c.resource_id)
    .where(tables.pool_member.c.facility_id == bindparam("facility_id"), tables.resource.c.archived == 0)
    .order_by(tables.resource.c.position, tables.resource.c.slug)
)


def catalogues() -> Kept[Catalogue]:
    """The catalogues of a file, read again only when their journal entries say so."""
    return Kept(CATALOGUE_ENTITIES, load_catalogue)


def load_catalogue(tx: Transaction) -> Catalogue:
    """Read the whole catalogue of a facility: a fixed number of queries, whatever its size."""
    admissions = {row.id: admission_of(row) for row in _rows(tx, tables.admission, "id")}
    facility = _facility(tx, admissions)
    services = _services(tx, facility.currency, admissions)
    return Catalogue(
        # A unit keeps the zone that it was started in: every rim of it reckons by that one.
        facility=replace(facility, zone=tx.scope.zone),
        tree=tree_of(resource_of(row) for row in _rows(tx, tables.resource, "position", "slug")),
        pools=_pools(tx),
        services=[service for service, row in services if not row.archived],
        archived=[service for service, row in services if row.archived],
        vat_percent={service.id: row.vat_percent for service, row in services},
        rules={each.id: each.value for each in versioned.listed(tx, RULES, archived=True)},
        hours=[hours_of(row) for row in _rows(tx, tables.weekly_hours, "id")],
        extras=all_extras(tx, facility.currency),
        fields=all_fields(tx),
        tariff=load_tariff(tx),
    )


def find_facility(book: Book, facility_id: str) -> Facility:
    """A facility before its scope is known. NeedsAttention when it was never set up."""
    with book.read(Scope(facility_id, ZoneInfo("UTC"), "")) as tx:
        return _facility(tx, {})


def admission_of(row: Row) -> Admission:
    """How a service or a facility meets strangers, from its row."""
    who = WhoMayBook(row.who_may_book) if row.who_may_book else None
    return Admission(Visibility(row.visibility), LeadsTo(row.leads_to), who, row.visible_days)


def facility_exists(tx: Transaction) -> bool:
    """Whether the facility of the scope was set up."""
    query = select(tables.facility.c.id).where(tables.facility.c.id == tx.scope.facility_id)
    return tx.connection.execute(query).first() is not None


def facility_called(tx: Transaction, slug: str) -> str | None:
    """The id of the facility of the file with that slug, whatever the scope: two would have one address."""
    row = tx.connection.execute(select(tables.facility.c.id).where(tables.facility.c.slug == slug)).first()
    return None if row is None else str(row.id)


def _rows(tx: Transaction, table: Table, *order: str) -> Sequence[Row]:
    return tx.rows(every(table, *order))


def _facility(tx: Transaction, admissions: Mapping[str, Admission]) -> Facility:
    row = tx.row(_FACILITY)
    if row is None:
        raise NeedsAttention("this unit's facility is not in booking.db: set it up first")
    return facility_of(row, admissions.get(row.id, PLAIN_ADMISSION))


def facility_of(row: Row, admission: Admission = PLAIN_ADMISSION) -> Facility:
    """A facility from its row."""
    return Facility(
        id=row.id,
        slug=row.slug,
        name=row.name,
        zone=ZoneInfo(row.zone),
        currency=row.currency,
        region=row.region,
        address=row.address,
        help_phone=row.help_phone,
        rule_id=row.rule_id,
        admission=admission,
        position=None if row.latitude_e6 is None else Position(row.latitude_e6, row.longitude_e6),
    )


def resource_of(row: Row) -> Resource:
    """A resource from its row."""
    grid = StartGrid(row.grid_minutes, Anchor(row.anchor)) if row.grid_minutes else None
    # What is booked above the capacity that staff wish for keeps its place; nothing more is offered.
    capacity = row.capacity if row.offered is None else row.offered
    return Resource(row.id, row.slug, row.name, ResourceKind(row.kind), capacity, row.parent_id, grid, row.staff_id)


def _pools(tx: Transaction) -> dict[str, Pool]:
    members: dict[str, list[str]] = {}
    for row in tx.rows(_POOL_MEMBERS):
        members.setdefault(row.pool_id, []).append(row.resource_id)
    return {row.id: Pool(row.id, row.slug, tuple(members.get(row.id, ()))) for row in _rows(tx, tables.pool, "slug")}


def _services(tx: Transaction, currency: str, admissions: Mapping[str, Admission]) -> list[tuple[Service, Row]]:
    durations: dict[str, list[Row]] = {}
    for row in _rows(tx, tables.service_duration, "service_id", "position"):
        durations.setdefault(row.service_id, []).append(row)
    needs: dict[str, list[Row]] = {}
    for row in _rows(tx, tables.need, "service_id", "position"):
        needs.setdefault(row.service_id, []).append(row)
    several = {row.service_id: several_of(row) for row in _rows(tx, tables.service_several, "service_id")}
    return [
        (
            replace(
                service_of(
                    row,
                    durations.get(row.id, []),
                    needs.get(row.id, []),
                    currency,
                    admissions.get(row.id, PLAIN_ADMISSION),
                ),
                several=several.get(row.id, Several()),
            ),
            row,
        )
        for row in _rows(tx, tables.service, "position", "slug")
    ]


def service_of(
    row: Row,
    durations: Sequence[Row],
    needs: Sequence[Row],
    currency: str,
    admission: Admission = PLAIN_ADMISSION,
) -> Service:
    """A service from its row, its lengths and its needs."""
    return Service(
        id=row.id,
        slug=row.slug,
        name=row.name,
        kind=ServiceKind(row.kind),
        durations=tuple(duration.minutes for duration in durations),
        prices=tuple(Money(duration.amount, currency) for duration in durations),
        needs=tuple(Need(need.pool_id, need.quantity, need.offset_minutes, need.length_minutes) for need in needs),
        grid_minutes=row.grid_minutes,
        before_minutes=row.before_minutes,
        after_minutes=row.after_minutes,
        max_quantity=row.max_quantity,
        rule_id=row.rule_id,
        admission=admission,
        waiting=WaitingMode(row.waiting_mode),
        offer_minutes=row.offer_minutes,
    )


def hours_of(row: Row) -> WeeklyHours:
    """One line of opening hours from its row."""
    return WeeklyHours(
        owner_id=row.owner_id,
        weekday=row.weekday,
        from_minute=row.from_minute,
        to_minute=row.to_minute,
        valid_from=date.fromisoformat(row.valid_from) if row.valid_from else None,
        valid_to=date.fromisoformat(row.valid_to) if row.valid_to else None,
    )
