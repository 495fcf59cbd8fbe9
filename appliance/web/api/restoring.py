"""Restoring a cancelled booking, for staff (SH-12)."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from appliance.booking.actions import restoring
from appliance.booking.actions.rebooking import nearest_to
from appliance.booking.booking_window import Channel
from appliance.booking.idempotency_store import Request
from appliance.foundation.instants import format_instant
from appliance.foundation.refusals import Refusal
from appliance.identity.store import StaffMember
from appliance.web.api import schemas
from appliance.web.api.access import STAFF
from appliance.web.api.bookings import told_to_owner
from appliance.web.api.complaints import Asked
from appliance.web.api.fields import named
from appliance.web.api.specification import Blueprint
from appliance.web.callers import caller
from appliance.web.ownership import own_booking
from appliance.web.problems import refusal
from appliance.web.unit import Unit


class RestoreSchema(Asked):
    """Why a booking is brought back."""

    reason = named(200)


def blueprint(unit: Unit) -> Blueprint:
    """`/bookings/{id}/restore`."""
    pages = Blueprint("restoring", __name__, description="Bringing cancelled bookings back")

    @pages.post("/bookings/<booking_id>/restore")
    @pages.open_to(STAFF, unit)
    @pages.idempotent
    @pages.arguments(RestoreSchema())
    @pages.response(200, schemas.BookingSchema)
    def restore(body: Mapping[str, Any], booking_id: str, who: StaffMember, asked: Request | None) -> Response:
        """Bring a cancelled booking back if its time is still free; `nearest` is the open slot next to one that is not.

        Its keys are new, and nothing is paid or paid back.
        """
        found = own_booking(unit, caller(unit), booking_id)
        back = restoring.restore(unit.desk, found.id, body["reason"], f"staff:{who.id}", asked)
        if not isinstance(back, Refusal):
            return jsonify(told_to_owner(unit, back))
        answer = refusal(back, unit.desk.scope.zone)
        if back.reason == "slot_taken":
            _, near = nearest_to(unit.desk, found, found.interval.start, Channel.STAFF)
            nearest = None if near.start is None else format_instant(near.start, unit.desk.scope.zone)
            answer.set_data(json.dumps({**json.loads(answer.get_data()), "nearest": nearest}, ensure_ascii=False))
        return answer

    return pages
