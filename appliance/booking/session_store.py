"""Meetings of classes as rows; what a meeting has to itself it claims, under the same guard as a booking (SB-19)."""

from collections.abc import Collection
from itertools import groupby
from typing import Any

from sqlalchemy import Row, func, select, update

from appliance.booking import store
from appliance.booking.bookings import OCCUPYING, Claimed
from appliance.booking.resources import Tree
from appliance.booking.services import Session
from appliance.booking.tables import booking, claim, class_session
from appliance.foundation.instants import Instant, Interval
from appliance.storage.unit_of_work import Transaction

PLANNED, CANCELLED = "planned", "cancelled"


def add(tx: Transaction, session: Session, tree: Tree, plan_id: str | None = None) -> None:
    """A meeting, with what it occupies; leaves the transaction as `slot_taken` when something of that is taken."""
    row = _row(session)
    tx.connection.execute(class_session.insert().values(**row, plan_id=plan_id, facility_id=tx.scope.facility_id))
    store.add_claims(tx, claims_of(session, tree), session_id=session.id)
    tx.record("class_session", session.id, "added", after=_body(session))


def cancel(tx: Transaction, session: Session, reason: str) -> None:
    """Free what a meeting occupied; its bookings stay, and do not fit any more."""
    here = (class_session.c.facility_id == tx.scope.facility_id, class_session.c.id == session.id)
    changed = {"status": CANCELLED, "changed_at": tx.now, "changed_by": tx.actor}
    tx.connection.execute(update(class_session).where(*here).values(version=class_session.c.version + 1, **changed))
    free = (claim.c.facility_id == tx.scope.facility_id, claim.c.session_id == session.id)
    tx.connection.execute(update(claim).where(*free).values(active=0))
    tx.record(
        "class_session",
        session.id,
        "cancelled",
        before=_body(session),
        after=_body(session, CANCELLED) | {"reason": reason},
    )


def claims_of(session: Session, tree: Tree) -> list[Claimed]:
    """What a meeting has to itself: each leaf of what it occupies, whole."""
    leaves = {leaf.id: leaf.capacity for each in session.occupies for leaf in tree.below[each]}
    return [Claimed(leaf_id, session.interval, capacity) for leaf_id, capacity in leaves.items()]


def by_id(tx: Transaction, session_id: str) -> tuple[Session, str] | None:
    """The meeting with that id, and its status."""
    return next(iter(_read(tx, [class_session.c.id == session_id])), None)


def within(tx: Transaction, window: Interval) -> list[tuple[Session, str]]:
    """Every meeting that begins in `window`, with its status, in order of time."""
    return _read(tx, [class_session.c.starts >= window.start, class_session.c.starts < window.end])


def begins_at(tx: Transaction, service_id: str, start: Instant) -> bool:
    """Whether a class has a meeting at that start, cancelled or not."""
    query = select(class_session.c.id).where(class_session.c.facility_id == tx.scope.facility_id)
    return (
        tx.connection.execute(
            query.where(class_session.c.service_id == service_id, class_session.c.starts == start)
        ).first()
        is not None
    )


def booked(tx: Transaction, session_ids: Collection[str]) -> dict[str, int]:
    """How many places of meetings are booked, by the meetings' ids."""
    query = (
        select(booking.c.session_id, func.sum(booking.c.quantity))
        .where(booking.c.facility_id == tx.scope.facility_id, booking.c.session_id.in_(session_ids))
        .where(booking.c.status.in_([str(status) for status in OCCUPYING]))
        .group_by(booking.c.session_id)
    )
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def _read(tx: Transaction, conditions: list[Any]) -> list[tuple[Session, str]]:
    query = (
        select(class_session, claim.c.resource_id.label("taken"))
        .outerjoin(claim, claim.c.session_id == class_session.c.id)
        .where(class_session.c.facility_id == tx.scope.facility_id, *conditions)
        .order_by(class_session.c.starts, class_session.c.id, claim.c.id)
    )
    rows = tx.connection.execute(query).all()
    return [_session(list(group)) for _, group in groupby(rows, key=lambda row: row.id)]


def _session(rows: list[Row[tuple[Any, ...]]]) -> tuple[Session, str]:
    row = rows[0]
    occupies = tuple(dict.fromkeys(each.taken for each in rows if each.taken is not None))
    return Session(row.id, row.service_id, Interval(row.starts, row.ends), row.resource_id, occupies), row.status


def _row(session: Session) -> dict[str, object]:
    return {
        "id": session.id,
        "service_id": session.service_id,
        "resource_id": session.resource_id,
        "starts": session.interval.start,
        "ends": session.interval.end,
    }


def _body(session: Session, status: str = PLANNED) -> dict[str, object]:
    return {**_row(session), "occupies": list(session.occupies), "status": status}
