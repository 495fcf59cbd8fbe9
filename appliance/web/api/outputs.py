"""Outputs: lights, heating and what else follows bookings, for staff (AC-17)."""

from typing import TypedDict

from flask import Response, jsonify

from appliance.foundation.instants import MINUTE
from appliance.identity.store import StaffMember
from appliance.web.api import schemas, shapes
from appliance.web.api.access import STAFF
from appliance.web.api.specification import Blueprint
from appliance.web.unit import Unit


class OverrideBody(TypedDict):
    """What staff want of an output, as its schema hands it over."""

    on: bool
    minutes: int
    reason: str


def blueprint(unit: Unit) -> Blueprint:
    """`/outputs`."""
    pages = Blueprint("outputs", __name__, description="Lights, heating and what else follows bookings")
    zone = unit.desk.scope.zone

    @pages.get("/outputs")
    @pages.open_to(STAFF, unit)
    @pages.alt_response(200, description="Every output")
    def outputs(who: StaffMember) -> Response:
        """Every output, on or off."""
        return jsonify(outputs=[shapes.output(seen, zone) for seen in unit.doors.outputs()])

    @pages.post("/outputs/<output>/override")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.OverrideSchema())
    @pages.response(200, schemas.OutputSchema)
    def override(body: OverrideBody, output: str, who: StaffMember) -> Response:
        """Switch an output on or off for a while, whatever is booked."""
        until = unit.clock.now() + body["minutes"] * MINUTE
        seen = unit.doors.override(output, f"staff:{who.id}", body["reason"], on=body["on"], until=until)
        return jsonify(shapes.output(seen, zone))

    @pages.delete("/outputs/<output>/override")
    @pages.open_to(STAFF, unit)
    @pages.response(200, schemas.OutputSchema)
    def follow(output: str, who: StaffMember) -> Response:
        """Let an output follow the bookings again."""
        seen = unit.doors.override(output, f"staff:{who.id}", "given back", on=None, until=None)
        return jsonify(shapes.output(seen, zone))

    return pages
