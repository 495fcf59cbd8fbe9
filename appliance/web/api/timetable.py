"""Classes beside individual times, for staff: plans, and single meetings with what they occupy (SB-19)."""

from collections.abc import Iterable, Mapping
from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from appliance.booking.actions import class_sessions
from appliance.booking.actions.class_sessions import NO_CLASS, NOT_COUNTED
from appliance.booking.actions.editing import Rules
from appliance.booking.actions.scheduled import EXTEND_SESSIONS
from appliance.booking.catalogue_store import load_catalogue
from appliance.booking.services import ServiceKind, Session
from appliance.booking.session_plan_store import PLANS, SessionPlan
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.instants import DAY, MINUTE, Interval
from appliance.foundation.refusals import Refusal
from appliance.identity.store import StaffMember
from appliance.storage import jobs
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import Edited
from appliance.web.api import shapes, slot_schemas
from appliance.web.api.access import STAFF
from appliance.web.api.complaints import Asked, Complaint
from appliance.web.api.conflicts import ReasonSchema, conflicts_now
from appliance.web.api.editing import EditedSchema, Editing, add_editing
from appliance.web.api.fields import InstantField, TrueOrFalse, bounded, counted, service_name
from appliance.web.api.shapes import created
from appliance.web.api.slots import TOO_FAR
from appliance.web.api.specification import Blueprint
from appliance.web.problems import refusal
from appliance.web.revoking import revocation
from appliance.web.unit import Unit, catalogue_now

_NO_DAY = Complaint("missing", marked("Choose at least one day."))
_NOT_THERE = FieldError("occupies", "unknown", marked("There is no such resource."))
MOST = 20


class PlanSchema(Asked):
    """When a class meets, whose places it has, and what each meeting has to itself: trainer, room (slugs or ids)."""

    service = service_name(required=True)
    places = bounded(60, required=True)
    weekdays = ma.fields.List(counted(0, 6), required=True, validate=ma.validate.Length(1, 7, error=_NO_DAY))
    minute_of_day = counted(0, 1439, required=True)
    duration = counted(1, 1440, required=True)
    days_ahead = counted(1, 400, required=True)
    occupies = ma.fields.List(bounded(60), validate=ma.validate.Length(max=MOST))


class PlanAnswerSchema(EditedSchema):
    """A plan as it stands; meetings that were made by it stay when it changes."""

    service = ma.fields.String(required=True)
    places = ma.fields.String(required=True)
    weekdays = ma.fields.List(ma.fields.Integer(), required=True)
    minute_of_day = ma.fields.Integer(required=True)
    duration = ma.fields.Integer(required=True)
    days_ahead = ma.fields.Integer(required=True)
    occupies = ma.fields.List(ma.fields.String(), required=True)


class MeetingSchema(Asked):
    """One meeting of a class."""

    service = service_name(required=True)
    places = bounded(60, required=True)
    start = InstantField(required=True)
    duration = counted(1, 1440, required=True)
    occupies = ma.fields.List(bounded(60), validate=ma.validate.Length(max=MOST))


class CalledOffSchema(ReasonSchema):
    """Why a meeting is cancelled, and whether its bookings are cancelled with it; else they become conflicts."""

    cancel_bookings = TrueOrFalse(load_default=False)


def blueprint(unit: Unit) -> Blueprint:
    """`/session-plans` and `/class-sessions`."""
    pages = Blueprint("timetable", __name__, description="When classes meet")
    add_editing(pages, unit, plan_editing())
    _add_meetings(pages, unit)
    return pages


def plan_editing() -> Editing[SessionPlan]:
    """Plans of classes as staff edit them."""
    rules = Rules(_wrong_plan, lambda _tx, _id: True, then=_have_meetings_made)
    return Editing("session-plans", PLANS, PlanSchema, PlanAnswerSchema, _plan_of, _plan_shape, rules)


def _add_meetings(pages: Blueprint, unit: Unit) -> None:
    zone = unit.desk.scope.zone

    @pages.get("/class-sessions")
    @pages.open_to(STAFF, unit)
    @pages.arguments(slot_schemas.BusyQuerySchema(), location="query")
    @pages.alt_response(200, description="Meetings, with what they occupy and how many places are booked")
    def meetings(query: Mapping[str, Any], who: StaffMember) -> Response:
        """The meetings that begin from `from` up to but not including `to`; 62 days at most."""
        if not 0 < query["to"] - query["from_"] <= slot_schemas.LONGEST_RANGE_DAYS * DAY:
            raise Invalid(FieldError("to", "out_of_range", TOO_FAR, {"days": slot_schemas.LONGEST_RANGE_DAYS}))
        found = class_sessions.listed(unit.desk, Interval(query["from_"], query["to"]))
        return jsonify(
            sessions=[_session(unit, each) | {"status": status, "booked": booked} for each, status, booked in found]
        )

    @pages.post("/class-sessions")
    @pages.open_to(STAFF, unit)
    @pages.arguments(MeetingSchema())
    @pages.alt_response(201, description="The meeting")
    def add(body: Mapping[str, Any], who: StaffMember) -> Response:
        """Put a meeting on the calendar; it claims what it occupies as a booking does."""
        made = class_sessions.add(unit.desk, _session_of(body), who.actor)
        return refusal(made, zone) if isinstance(made, Refusal) else created(_session(unit, made))

    @pages.post("/class-sessions/<session_id>/cancel")
    @pages.open_to(STAFF, unit)
    @pages.arguments(CalledOffSchema())
    @pages.alt_response(200, description="The meeting, and the bookings that do not fit any more")
    def call_off(body: Mapping[str, Any], session_id: str, who: StaffMember) -> Response:
        """Cancel a meeting: its trainer and its room are free again, its bookings cancelled or told as conflicts."""
        gone = class_sessions.cancel(
            unit.desk, session_id, body["reason"], who.actor, with_bookings=body["cancel_bookings"]
        )
        if isinstance(gone, Refusal):
            return refusal(gone, zone)
        told = {"cancelled": [each.id for each in gone.bookings], "revocation": revocation(unit, gone.key_seq)}
        return jsonify(_session(unit, gone.session) | {"status": "cancelled"} | told | conflicts_now(unit))


def _plan_of(body: Mapping[str, Any]) -> SessionPlan:
    catalogue = catalogue_now()
    service, places = catalogue.service(body["service"]), catalogue.resource_id(body["places"])
    return SessionPlan(
        service.id if service else "",
        places or "",
        frozenset(body["weekdays"]),
        body["minute_of_day"],
        body["duration"],
        body["days_ahead"],
        tuple(catalogue.resource_id(each) or "" for each in body.get("occupies", ())),
    )


def _plan_shape(plan: SessionPlan) -> dict[str, object]:
    return {
        "service": plan.service_id,
        "places": plan.resource_id,
        "weekdays": sorted(plan.weekdays),
        "minute_of_day": plan.minute_of_day,
        "duration": plan.minutes,
        "days_ahead": plan.days_ahead,
        "occupies": list(plan.occupies),
    }


def _wrong_plan(tx: Transaction, plan: SessionPlan, _plan_id: str | None) -> Iterable[FieldError]:
    catalogue = load_catalogue(tx)
    service, places = catalogue.service(plan.service_id), catalogue.tree.resources.get(plan.resource_id)
    if service is None or service.kind is not ServiceKind.CLASS:
        yield NO_CLASS
    if places is None or not places.is_counted:
        yield NOT_COUNTED
    if not set(plan.occupies) <= set(catalogue.tree.resources):
        yield _NOT_THERE


def _have_meetings_made(tx: Transaction, plan: Edited[SessionPlan]) -> None:
    jobs.schedule(tx, EXTEND_SESSIONS, plan.id, tx.now)


def _session_of(body: Mapping[str, Any]) -> Session:
    catalogue = catalogue_now()
    service, places = catalogue.service(body["service"]), catalogue.resource_id(body["places"])
    occupies = [catalogue.resource_id(each) for each in body.get("occupies", ())]
    wrong = [NOT_COUNTED] if places is None else []
    if None in occupies:
        wrong.append(_NOT_THERE)
    if wrong or service is None or places is None:
        raise Invalid(*wrong)
    interval = Interval(body["start"], body["start"] + body["duration"] * MINUTE)
    return Session("", service.id, interval, places, tuple(each for each in occupies if each))


def _session(unit: Unit, session: Session) -> dict[str, object]:
    return {
        "id": session.id,
        "service": session.service_id,
        "places": session.resource_id,
        **shapes.interval(session.interval, unit.desk.scope.zone),
        "occupies": list(session.occupies),
    }
