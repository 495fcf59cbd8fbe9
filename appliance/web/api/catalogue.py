"""The public catalogue and the health of the unit: no sign-in, no secrets."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from appliance import __version__
from appliance.booking.actions.searching import busy_within, current_catalogue, opening_within
from appliance.booking.catalogue import Catalogue
from appliance.booking.services import Service
from appliance.booking.visibility import hidden_from
from appliance.door_socket.client import DoorRefused, DoorUnreachable
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.instants import DAY, Interval, merged
from appliance.web.api import schemas, shapes, slot_schemas
from appliance.web.api.access import ANYBODY
from appliance.web.api.slots import TOO_FAR
from appliance.web.api.specification import Blueprint
from appliance.web.callers import Caller
from appliance.web.problems import NotFound
from appliance.web.sight import sight_now
from appliance.web.unit import Unit


def blueprint(unit: Unit) -> Blueprint:
    """`/services`, `/resources`, `/health`."""
    pages = Blueprint("catalogue", __name__, description="What can be booked here, and whether all is well")

    @pages.get("/services")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(schemas.LinkSchema(), location="query", as_kwargs=True)
    @pages.alt_response(200, description="Everything that can be booked")
    def services(who: Caller, **_link: str) -> Response:
        """What this caller can book, in the order in which it is offered."""
        catalogue = current_catalogue(unit.desk)
        found = catalogue.services_for(sight_now())
        return jsonify(services=[_service(unit, who, sold, catalogue) for sold in found])

    @pages.get("/services/<name>")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(schemas.LinkSchema(), location="query", as_kwargs=True)
    @pages.alt_response(200, description="One service")
    def service(name: str, who: Caller, **_link: str) -> Response:
        """One service by slug or id; nothing for callers who do not find it."""
        catalogue = current_catalogue(unit.desk)
        found = catalogue.service(name, sight_now())
        if found is None:
            raise NotFound
        return jsonify(_service(unit, who, found, catalogue))

    @pages.get("/resources")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(schemas.LinkSchema(), location="query", as_kwargs=True)
    @pages.alt_response(200, description="Everything that a booking may occupy")
    def resources(who: Caller, **_link: str) -> Response:
        """Courts, rooms, people, places: whatever a booking of this caller may occupy."""
        catalogue = current_catalogue(unit.desk)
        return jsonify(resources=[shapes.resource(found) for found in catalogue.resources_for(sight_now())])

    @pages.get("/busy")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(slot_schemas.BusyQuerySchema(), location="query")
    @pages.alt_response(200, description="Open and taken times, resource by resource, without names")
    def busy(query: Mapping[str, Any], who: Caller) -> Response:
        """When each resource is open and when it is taken, without saying by whom; 62 days at most (DY-13)."""
        return jsonify(resources=_busy(unit, who, Interval(query["from_"], max(query["from_"] + 1, query["to"]))))

    @pages.get("/health")
    @pages.alt_response(200, description="How the unit is doing")
    def health() -> Response:
        """How the unit is doing: `ok`, `degraded` or `failing`, clock, doors and link to central."""
        return jsonify(_health(unit))

    return pages


def _service(unit: Unit, who: Caller, sold: Service, catalogue: Catalogue) -> dict[str, object]:
    """A service; staff see who finds it, and its link."""
    shown = shapes.service(sold, catalogue)
    if who.staff is None:
        return shown
    link = f"{unit.public_url}/api/v1/services/{sold.slug}?link={unit.links.token(sold.id)}"
    return shown | {"visibility": str(sold.admission.visibility), "link": link}


def _busy(unit: Unit, who: Caller, wanted: Interval) -> list[dict[str, object]]:
    if wanted.seconds > slot_schemas.LONGEST_RANGE_DAYS * DAY:
        raise Invalid(FieldError("to", "out_of_range", TOO_FAR, {"days": slot_schemas.LONGEST_RANGE_DAYS}))
    catalogue, zone = current_catalogue(unit.desk), unit.desk.scope.zone
    days = None if who.staff else catalogue.facility.admission.visible_days
    end = wanted.end if days is None else min(wanted.end, hidden_from(days, unit.clock.now(), zone))
    if end <= wanted.start:
        return []
    window = Interval(wanted.start, end)
    ids = tuple(found.id for found in catalogue.resources_for(sight_now()) if len(catalogue.tree.below[found.id]) == 1)
    opened, taken = opening_within(unit.desk, ids, window), busy_within(unit.desk, ids, window)
    return [
        {
            "id": resource_id,
            "open": [shapes.interval(each, zone) for each in opened[resource_id]],
            "busy": [shapes.interval(each, zone) for each in merged(sorted(taken[resource_id]))],
        }
        for resource_id in ids
    ]


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
