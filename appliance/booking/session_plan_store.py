"""How often a class meets: the plan from which its meetings are made some weeks ahead."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, insert, select

from appliance.booking.tables import class_plan, class_session
from appliance.foundation.instants import local_date
from appliance.storage.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """A class meets on `weekdays` (0 is Monday) at `minute_of_day` on the wall, for `minutes`.

    Its places are the units of the counted resource; meetings exist `days_ahead` days into the future.
    """

    service_id: str
    resource_id: str
    weekdays: frozenset[int]
    minute_of_day: int
    minutes: int
    days_ahead: int


def add_session_plan(tx: Transaction, plan: SessionPlan) -> None:
    """Keep the plan of a class."""
    row = {
        "service_id": plan.service_id,
        "resource_id": plan.resource_id,
        "weekdays": "".join(str(day) for day in sorted(plan.weekdays)),
        "minute_of_day": plan.minute_of_day,
        "minutes": plan.minutes,
        "days_ahead": plan.days_ahead,
    }
    tx.connection.execute(insert(class_plan), {**row, "facility_id": tx.scope.facility_id})
    tx.record("class_plan", plan.service_id, "added", after=row)


def session_plan(tx: Transaction, service_id: str) -> SessionPlan | None:
    """The plan of a class, None when it has none."""
    query = select(class_plan).where(
        class_plan.c.facility_id == tx.scope.facility_id, class_plan.c.service_id == service_id
    )
    row = tx.connection.execute(query).first()
    if row is None:
        return None
    days = frozenset(int(day) for day in row.weekdays)
    return SessionPlan(row.service_id, row.resource_id, days, row.minute_of_day, row.minutes, row.days_ahead)


def last_session_day(tx: Transaction, service_id: str) -> date | None:
    """The local day of the last meeting that was made."""
    query = select(func.max(class_session.c.starts)).where(
        class_session.c.facility_id == tx.scope.facility_id, class_session.c.service_id == service_id
    )
    last = tx.connection.execute(query).scalar()
    return None if last is None else local_date(last, tx.scope.zone)
