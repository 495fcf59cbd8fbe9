"""The public catalogue and the health of the unit: no sign-in, no secrets."""

from flask import Response, jsonify

from appliance import __version__
from appliance.booking.actions.searching import current_catalogue
from appliance.door_socket.client import DoorRefused, DoorUnreachable
from appliance.web.api import shapes
from appliance.web.api.specification import Blueprint
from appliance.web.unit import Unit


def blueprint(unit: Unit) -> Blueprint:
    """`/facilities`, `/services`, `/resources`, `/health`."""
    pages = Blueprint("catalogue", __name__, description="What can be booked here, and whether all is well")

    @pages.get("/facilities")
    @pages.alt_response(200, description="The facilities served here")
    def facilities() -> Response:
        """The one facility of this unit."""
        return jsonify(facilities=[shapes.facility(current_catalogue(unit.desk).facility)])

    @pages.get("/services")
    @pages.alt_response(200, description="Everything that can be booked")
    def services() -> Response:
        """What can be booked, in the order in which it is offered."""
        catalogue = current_catalogue(unit.desk)
        return jsonify(services=[shapes.service(sold, catalogue) for sold in catalogue.services])

    @pages.get("/resources")
    @pages.alt_response(200, description="Everything that a booking may occupy")
    def resources() -> Response:
        """Courts, rooms, places: whatever a booking may occupy."""
        catalogue = current_catalogue(unit.desk)
        return jsonify(resources=[shapes.resource(found) for found in catalogue.tree.resources.values()])

    @pages.get("/health")
    @pages.alt_response(200, description="How the unit is doing")
    def health() -> Response:
        """How the unit is doing: `ok`, `degraded` or `failing`, clock, doors and link to central."""
        return jsonify(_health(unit))

    return pages


_STATUS_OF_COLOUR = {"green": "ok", "amber": "degraded", "red": "failing"}


def _health(unit: Unit) -> dict[str, object]:
    catalogue = current_catalogue(unit.desk)
    answer: dict[str, object] = {
        "version": __version__,
        "facility": catalogue.facility.slug,
        "sync": {"state": "standalone", "behind": 0},
    }
    try:
        health, doors = unit.doors.health(), unit.doors.doors()
    except (DoorUnreachable, DoorRefused):
        problems = ["The door process does not answer: start it with portvakt door."]
        return answer | {"status": "failing", "colour": "red", "clock": "unknown", "doors": [], "problems": problems}
    return answer | {
        "status": _STATUS_OF_COLOUR[health.colour],
        "colour": health.colour,
        "clock": health.clock,
        "doors": [{"id": door.id, "slug": door.slug, "state": door.state} for door in doors],
        "problems": list(health.problems),
    }
