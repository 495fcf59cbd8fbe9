"""Booking work that the clock starts: holds that run out, the next meetings of a class, requests to be forgotten."""

from datetime import date, timedelta

from appliance.booking import idempotency_store, session_store
from appliance.booking.actions.class_sessions import unfit
from appliance.booking.actions.desk import expire_stale_holds
from appliance.booking.catalogue import Catalogue
from appliance.booking.catalogue_store import load_catalogue
from appliance.booking.services import Session
from appliance.booking.session_plan_store import PLANS, SessionPlan, last_session_day
from appliance.foundation.instants import DAY, MINUTE, Instant, Interval, at_local, local_date
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction

EXTEND_SESSIONS = "extend_sessions"
FORGET_REQUESTS = "forget_requests"
REMEMBERED_S = 7 * DAY  # who asks again after a week means something new


def expire_hold(tx: Transaction, _hold_id: str) -> None:
    """Let go of stale holds, so that the journal says so even when nobody books."""
    expire_stale_holds(tx)


def extend_sessions(tx: Transaction, plan_id: str) -> Instant | None:
    """Make the meetings of a plan for as many days ahead as it says, each at its wall-clock time.

    One whose trainer or room is away or taken is not made; the journal says so, and staff may add it by hand.
    """
    found = versioned.found(tx, PLANS, plan_id)
    if found is None or found.archived:
        return None
    expire_stale_holds(tx)
    plan, catalogue = found.value, load_catalogue(tx)
    today = local_date(tx.now, tx.scope.zone)
    last = last_session_day(tx, plan_id)
    first = today if last is None else max(today, last + timedelta(days=1))
    for offset in range((today - first).days + plan.days_ahead + 1):
        day = first + timedelta(days=offset)
        if day.weekday() in plan.weekdays:
            _add(tx, catalogue, plan, plan_id, day)
    return at_local(today + timedelta(days=1), 0, tx.scope.zone)


def forget_requests(tx: Transaction, _facility_id: str) -> Instant:
    """Forget which requests were carried out, once nobody can mean to repeat them."""
    idempotency_store.forget(tx, tx.now - REMEMBERED_S)
    return tx.now + DAY


def _add(tx: Transaction, catalogue: Catalogue, plan: SessionPlan, plan_id: str, day: date) -> None:
    start = at_local(day, plan.minute_of_day, tx.scope.zone)
    interval = Interval(start, start + plan.minutes * MINUTE)
    session = Session(tx.ids.new(), plan.service_id, interval, plan.resource_id, plan.occupies)
    refusal = unfit(tx, catalogue, session)
    if refusal is None:
        session_store.add(tx, session, catalogue.tree, plan_id)
    else:
        tx.record("unmade_session", plan_id, "left_out", after={"starts": start, "reason": refusal.reason})
