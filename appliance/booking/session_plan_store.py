"""How often a class meets: the plans from which its meetings are made some weeks ahead (SB-19)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from appliance.booking.tables import class_session, session_plan
from appliance.foundation.instants import local_date
from appliance.storage import versioned
from appliance.storage.statements import Row
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import Kind


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """A class meets on `weekdays` (0 is Monday) at `minute_of_day` on the wall, for `minutes`.

    Its places are the units of the counted resource; meetings exist `days_ahead` days into the future. occupies: the
    resources that a meeting has to itself, such as its trainer and its room.
    """

    service_id: str
    resource_id: str
    weekdays: frozenset[int]
    minute_of_day: int
    minutes: int
    days_ahead: int
    occupies: tuple[str, ...] = ()


def _row(plan: SessionPlan) -> Mapping[str, object]:
    return {
        "service_id": plan.service_id,
        "resource_id": plan.resource_id,
        "weekdays": "".join(str(day) for day in sorted(plan.weekdays)),
        "minute_of_day": plan.minute_of_day,
        "minutes": plan.minutes,
        "days_ahead": plan.days_ahead,
        "occupies": " ".join(plan.occupies),
    }


def _plan(row: Row, _parts: object) -> SessionPlan:
    days = frozenset(int(day) for day in row.weekdays)
    occupies = tuple(row.occupies.split())
    return SessionPlan(row.service_id, row.resource_id, days, row.minute_of_day, row.minutes, row.days_ahead, occupies)


PLANS: Kind[SessionPlan] = Kind("session_plan", session_plan, _row, _plan)


def add_session_plan(tx: Transaction, plan: SessionPlan) -> None:
    """Keep the one plan of a class, under the id of its service."""
    versioned.add(tx, PLANS, plan, plan.service_id)


def last_session_day(tx: Transaction, plan_id: str) -> date | None:
    """The local day of the last meeting that was made by a plan."""
    query = select(func.max(class_session.c.starts)).where(
        class_session.c.facility_id == tx.scope.facility_id, class_session.c.plan_id == plan_id
    )
    last = tx.connection.execute(query).scalar()
    return None if last is None else local_date(last, tx.scope.zone)
