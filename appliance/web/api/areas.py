"""Areas: how many are inside, for staff (AC-13). Best effort: who goes out uncounted is still counted inside."""

from typing import TypedDict

from flask import Response, jsonify

from appliance.identity.store import StaffMember
from appliance.web.api import schemas
from appliance.web.api.access import STAFF
from appliance.web.api.specification import Blueprint
from appliance.web.unit import Unit


class EmptyBody(TypedDict):
    """Why an area is said to be empty, as its schema hands it over."""

    reason: str


def blueprint(unit: Unit) -> Blueprint:
    """`/areas`."""
    pages = Blueprint("areas", __name__, description="How many are inside")

    @pages.get("/areas")
    @pages.open_to(STAFF, unit)
    @pages.alt_response(200, description="Every area with somebody inside")
    def areas(who: StaffMember) -> Response:
        """How many people are inside, area by area, and by how many bookings."""
        seen = [{"area": one.area, "bookings": one.bookings, "people": one.people} for one in unit.doors.areas()]
        return jsonify(areas=seen)

    @pages.post("/areas/<area>/empty")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.ReleaseSchema())
    @pages.alt_response(200, description="How many had been counted inside")
    def empty(body: EmptyBody, area: str, who: StaffMember) -> Response:
        """Begin to count anew: a person has seen that nobody is inside."""
        return jsonify(people=unit.doors.empty_area(area, f"staff:{who.id}", body["reason"]))

    return pages
