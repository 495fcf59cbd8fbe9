"""The calendar of one service from its rows: four queries behind the catalogue, however many resources there are.

For starts that lie far apart there is one calendar around each, and still no more queries than for one.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, bindparam, column, literal_column, select
from sqlalchemy import values as values_of

from appliance.booking.booking_window import Channel
from appliance.booking.calendar import Calendar, facts_window, is_over, loads_by_resource
from appliance.booking.catalogue import Catalogue
from appliance.booking.deciding import Asking
from appliance.booking.schedule import ExceptionKind, ScheduleException
from appliance.booking.services import Service, ServiceKind, Session
from appliance.booking.tables import IS_ACTIVE, WAITS, booking, claim, class_session, schedule_exception
from appliance.foundation.instants import Interval
from appliance.storage.guard import LONGEST_CLAIM_S
from appliance.storage.statements import Statement
from appliance.storage.unit_of_work import Transaction

_ClaimRow = tuple[Any, ...]
"""A leaf id, start, end and quantity; the booking last."""

_EXCEPTIONS = Statement(
    select(schedule_exception).where(
        schedule_exception.c.facility_id == bindparam("facility_id"),
        schedule_exception.c.starts < bindparam("before"),
        schedule_exception.c.ends > bindparam("after"),
    )
)


@cache
def _claims_of(resources: int) -> Statement:
    """The claims of so many resources within a window; a facility asks for few different numbers of them."""
    among: list[BindParameter[str]] = [bindparam(f"resource_{number}") for number in range(resources)]
    query = select(claim.c.resource_id, claim.c.starts, claim.c.ends, claim.c.quantity, claim.c.booking_id)
    return Statement(
        query.where(
            IS_ACTIVE,
            claim.c.resource_id.in_(among),
            claim.c.facility_id == bindparam("facility_id"),
            claim.c.starts > bindparam("earliest"),
            claim.c.starts < bindparam("before"),
            claim.c.ends > bindparam("after"),
        )
    )


@cache
def _claims_around(windows: int, resources: int) -> Statement:
    """The same within each of so many windows; in front of each claim stands the number of its window."""
    among: list[BindParameter[str]] = [bindparam(f"resource_{number}") for number in range(resources)]
    numbered: list[tuple[ColumnElement[int], ...]] = [
        (literal_column(str(number)), bindparam(f"first_{number}"), bindparam(f"last_{number}"))
        for number in range(windows)
    ]
    columns = (column("number", Integer), column("first", Integer), column("last", Integer))
    around = values_of(*columns, name="around").data(numbered).cte()
    query = select(
        around.c.number, claim.c.resource_id, claim.c.starts, claim.c.ends, claim.c.quantity, claim.c.booking_id
    ).select_from(around, claim)
    return Statement(
        query.where(
            IS_ACTIVE,
            claim.c.resource_id.in_(among),
            claim.c.facility_id == bindparam("facility_id"),
            claim.c.starts > around.c.first - literal_column(str(LONGEST_CLAIM_S)),
            claim.c.starts < around.c.last,
            claim.c.ends > around.c.first,
        )
    )


# Holds are few and have an index of their own; to join them to thousands of claims costs more than all the rest.
_HELD_UNTIL = Statement(
    select(booking.c.id, booking.c.expires_at).where(booking.c.facility_id == bindparam("facility_id"), WAITS)
)


def calendar(
    tx: Transaction,
    catalogue: Catalogue,
    service: Service,
    starts: Interval,
    channel: Channel,
    asked: Asking,
    *,
    named: str | None = None,
    leaving_out: str | None = None,
) -> Calendar:
    """What decides starts in `starts`.

    asked: the terms on which somebody asks. named: the one resource that decides.
    leaving_out: a booking whose own claims do not count, for it is being moved.
    """
    window = facts_window(service, starts, tx.scope.zone)
    sessions = _sessions(tx, service, window) if service.kind is ServiceKind.CLASS else []
    resources = catalogue.leaves_of(service, named) or tuple({session.resource_id for session in sessions})
    claims = _claims(tx, resources, window, leaving_out)
    return _calendar(tx, catalogue, channel, asked, window, exceptions(tx, window), claims, sessions)


def calendars(
    tx: Transaction,
    catalogue: Catalogue,
    service: Service,
    spans: Sequence[Interval],
    channel: Channel,
    asked: Asking,
    *,
    named: str | None = None,
) -> list[Calendar]:
    """What decides starts in each of `spans`: the calendar of each, all of them read at once."""
    windows = [facts_window(service, span, tx.scope.zone) for span in spans]
    if not windows:
        return []
    whole = Interval(min(window.start for window in windows), max(window.end for window in windows))
    sessions = _sessions(tx, service, whole) if service.kind is ServiceKind.CLASS else []
    resources = catalogue.leaves_of(service, named) or tuple({session.resource_id for session in sessions})
    marked = exceptions(tx, whole)
    claims: list[list[_ClaimRow]] = [[] for _ in windows]
    for number, row in _claims_within(tx, resources, windows):
        claims[number].append(row)
    return [
        _calendar(
            tx,
            catalogue,
            channel,
            asked,
            window,
            [each for each in marked if each.interval.overlaps(window)],
            here,
            [each for each in sessions if window.contains(each.interval.start)],
        )
        for window, here in zip(windows, claims, strict=True)
    ]


def visit_calendar(
    tx: Transaction,
    catalogue: Catalogue,
    services: Sequence[Service],
    window: Interval,
    channel: Channel,
    asked: Asking,
) -> Calendar:
    """What decides a visit of several services without sessions; `asked` for one of them."""
    leaves = (leaf for service in services for leaf in catalogue.leaves_of(service))
    claims = _claims(tx, tuple(dict.fromkeys(leaves)), window, None)
    return _calendar(tx, catalogue, channel, asked, window, exceptions(tx, window), claims, ())


def _calendar(
    tx: Transaction,
    catalogue: Catalogue,
    channel: Channel,
    asked: Asking,
    window: Interval,
    marked: Sequence[ScheduleException],
    claims: Sequence[_ClaimRow],
    sessions: Sequence[Session],
) -> Calendar:
    return Calendar(
        facility_id=tx.scope.facility_id,
        zone=tx.scope.zone,
        window=window,
        now=tx.now,
        channel=channel,
        asked=asked,
        tree=catalogue.tree,
        pools=catalogue.pools,
        hours=catalogue.hours,
        exceptions=marked,
        claims=loads_by_resource(claims),
        sessions=sessions,
    )


def busy(tx: Transaction, resource_ids: Sequence[str], window: Interval) -> dict[str, list[Interval]]:
    """When some resources are taken within `window`, by resource id, without names."""
    found: dict[str, list[Interval]] = {resource_id: [] for resource_id in resource_ids}
    for resource_id, loads in loads_by_resource(_claims(tx, resource_ids, window, None)).items():
        found[resource_id] = [Interval(start, end) for start, end, _ in loads]
    return found


def exceptions(tx: Transaction, window: Interval) -> list[ScheduleException]:
    """Every exception of the facility that touches `window`, whoever its owner is."""
    return [
        ScheduleException(
            row.owner_id, Interval(row.starts, row.ends), ExceptionKind.OPEN if row.opens else ExceptionKind.CLOSED
        )
        for row in tx.rows(_EXCEPTIONS, before=window.end, after=window.start)
    ]


def _claims(
    tx: Transaction, resource_ids: Sequence[str], window: Interval, leaving_out: str | None
) -> Sequence[_ClaimRow]:
    if not resource_ids:
        return []
    values: dict[str, object] = {f"resource_{number}": id_ for number, id_ in enumerate(resource_ids)}
    bounds = {"earliest": window.start - LONGEST_CLAIM_S, "before": window.end, "after": window.start}
    rows = _standing(tx, tx.tuples(_claims_of(len(resource_ids)), **values, **bounds))
    return rows if leaving_out is None else [row for row in rows if row[-1] != leaving_out]


def _claims_within(
    tx: Transaction, resource_ids: Sequence[str], windows: Sequence[Interval]
) -> list[tuple[int, _ClaimRow]]:
    """The claims in each of `windows`, each with the number of its window."""
    if not resource_ids:
        return []
    values: dict[str, object] = {f"resource_{number}": id_ for number, id_ in enumerate(resource_ids)}
    # Texts are made for few different numbers of windows; those that are too many are empty and find nothing.
    places = 1 << (len(windows) - 1).bit_length()
    for number in range(places):
        window = windows[number] if number < len(windows) else None
        values[f"first_{number}"], values[f"last_{number}"] = (window.start, window.end) if window else (0, 0)
    rows = _standing(tx, tx.tuples(_claims_around(places, len(resource_ids)), **values))
    return [(row[0], row[1:]) for row in rows]


def _standing(tx: Transaction, rows: Sequence[_ClaimRow]) -> Sequence[_ClaimRow]:
    """Those of `rows`, the booking of each in its last column, that are of no hold whose time is over."""
    over = {row.id for row in tx.rows(_HELD_UNTIL) if is_over(row.expires_at, tx.now)}
    return [row for row in rows if row[-1] not in over] if over else rows


def _sessions(tx: Transaction, service: Service, window: Interval) -> list[Session]:
    query = (
        select(class_session)
        .where(
            class_session.c.facility_id == tx.scope.facility_id,
            class_session.c.service_id == service.id,
            class_session.c.status == "planned",
            class_session.c.starts >= window.start,
            class_session.c.starts < window.end,
        )
        .order_by(class_session.c.starts)
    )
    return [
        Session(row.id, row.service_id, Interval(row.starts, row.ends), row.resource_id)
        for row in tx.connection.execute(query)
    ]
