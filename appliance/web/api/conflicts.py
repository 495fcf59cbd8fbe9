"""Conflicts, for staff: what does not fit any more, and what is done about each (DY-25, SB-20)."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, jsonify

from appliance.booking.actions import conflict_resolving, moving
from appliance.booking.actions.cancelling import Cancelled, KeyUse, cancel
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking
from appliance.booking.conflicts import Cause
from appliance.foundation.refusals import Refusal
from appliance.identity.store import StaffMember
from appliance.web.api import shapes
from appliance.web.api.access import STAFF
from appliance.web.api.complaints import Asked
from appliance.web.api.fields import InstantField, named, resource_name
from appliance.web.api.specification import Blueprint
from appliance.web.problems import refusal
from appliance.web.revoking import revocation
from appliance.web.unit import Unit, catalogue_now


class ReassignSchema(Asked):
    """Whom or what to put in place of what is not free; null or nothing for anybody who is."""

    resource = resource_name()


class ElsewhereSchema(Asked):
    """The start to move a booking to."""

    start = InstantField(required=True)


class ReasonSchema(Asked):
    """Why, for the record."""

    reason = named(500)


def blueprint(unit: Unit) -> Blueprint:
    """`/conflicts`."""
    pages = Blueprint("conflicts", __name__, description="Bookings that do not fit any more")

    @pages.get("/conflicts")
    @pages.open_to(STAFF, unit)
    @pages.alt_response(200, description="Every open conflict, with its causes")
    def conflicts(who: StaffMember) -> Response:
        """Bookings, and meetings of classes, that do not fit any more; those that were kept on purpose are left out."""
        return jsonify(_told(unit))

    _add_changing(pages, unit)
    _add_staying(pages, unit)
    return pages


def conflicts_now(unit: Unit) -> dict[str, object]:
    """The bookings in conflict, as a member of other answers."""
    return {"conflicts": _told(unit)["conflicts"]}


def _add_changing(pages: Blueprint, unit: Unit) -> None:
    zone = unit.desk.scope.zone

    @pages.post("/conflicts/<booking_id>/reassign")
    @pages.open_to(STAFF, unit)
    @pages.arguments(ReassignSchema())
    @pages.alt_response(200, description="The booking, at its own time")
    def reassign(body: Mapping[str, Any], booking_id: str, who: StaffMember) -> Response:
        """Give a booking other people or another room at its own time; its keys stay where the doors are the same."""
        made = conflict_resolving.reassign(unit.desk, booking_id, body.get("resource"), who.actor)
        return _changed(unit, made)

    @pages.post("/conflicts/<booking_id>/move")
    @pages.open_to(STAFF, unit)
    @pages.arguments(ElsewhereSchema())
    @pages.alt_response(200, description="The booking at its new time")
    def move(body: Mapping[str, Any], booking_id: str, who: StaffMember) -> Response:
        """Move a booking to another time; its keys are new."""
        found = conflict_resolving.found(unit.desk, booking_id)
        if isinstance(found, Refusal):
            return refusal(found, zone)
        wish = moving.same_at(found, body["start"], Channel.STAFF)
        made = moving.move(unit.desk, booking_id, wish, who.actor, by_staff=True)
        return _changed(unit, made)


def _add_staying(pages: Blueprint, unit: Unit) -> None:
    zone = unit.desk.scope.zone

    @pages.post("/conflicts/<booking_id>/cancel")
    @pages.open_to(STAFF, unit)
    @pages.arguments(ReasonSchema())
    @pages.alt_response(200, description="The booking, cancelled")
    def give_up(body: Mapping[str, Any], booking_id: str, who: StaffMember) -> Response:
        """Cancel a booking, with a reason for the record; its keys are dead."""
        ended = cancel(unit.desk, booking_id, KeyUse(None), who.actor, by_staff=True, reason=body["reason"])
        return _changed(unit, ended)

    @pages.post("/conflicts/<booking_id>/keep")
    @pages.open_to(STAFF, unit)
    @pages.arguments(ReasonSchema())
    @pages.alt_response(200, description="The booking, as it was")
    def keep(body: Mapping[str, Any], booking_id: str, who: StaffMember) -> Response:
        """Leave a booking as it is, on purpose; it is told again when something else spoils it."""
        kept = conflict_resolving.keep(unit.desk, booking_id, body["reason"], who.actor)
        return refusal(kept, zone) if isinstance(kept, Refusal) else jsonify(_booking(unit, kept))


def _changed(unit: Unit, made: moving.Moved | Cancelled | Refusal) -> Response:
    if isinstance(made, Refusal):
        return refusal(made, unit.desk.scope.zone)
    return jsonify(_booking(unit, made.booking) | {"revocation": revocation(unit, made.key_seq)})


def _told(unit: Unit) -> dict[str, object]:
    found, zone = conflict_resolving.listed(unit.desk), unit.desk.scope.zone
    return {
        "conflicts": [_booking(unit, booked) | {"causes": _causes(causes)} for booked, causes in found.bookings],
        "sessions": [
            {
                "session": session.id,
                "service": session.service_id,
                **shapes.interval(session.interval, zone),
                "causes": _causes(causes),
            }
            for session, causes in found.sessions
        ],
    }


def _causes(causes: Iterable[Cause]) -> list[dict[str, object]]:
    resources = catalogue_now().tree.resources
    return [
        {
            "kind": str(cause.kind),
            "owner": cause.owner_id,
            "name": resources[cause.owner_id].name if cause.owner_id in resources else None,
        }
        for cause in causes
    ]


def _booking(unit: Unit, booked: Booking) -> dict[str, object]:
    return {
        "booking": booked.id,
        "number": booked.number,
        "status": str(booked.status),
        "service": booked.service_id,
        **shapes.interval(booked.interval, unit.desk.scope.zone),
        "resources": list(booked.resource_ids),
        "preferred": booked.preferred_id,
        "quantity": booked.quantity,
    }
