"""Controllers of vendors: how they are, and what became of each grant, for staff (DR-11, BM-27)."""

from typing import TypedDict

from flask import Response, jsonify

from appliance.door_socket.client import DoorRefused
from appliance.identity.store import StaffMember
from appliance.web.api import schemas, shapes
from appliance.web.api.access import STAFF
from appliance.web.api.specification import Blueprint
from appliance.web.problems import NotFound
from appliance.web.unit import Unit


class PageQuery(TypedDict):
    """Where a page begins, as its schema hands it over."""

    cursor: str


def blueprint(unit: Unit) -> Blueprint:
    """`/controllers`."""
    pages = Blueprint("controllers", __name__, description="Controllers of vendors, and what they hold")
    zone = unit.desk.scope.zone

    @pages.get("/controllers")
    @pages.open_to(STAFF, unit)
    @pages.alt_response(200, description="Every controller")
    def controllers(who: StaffMember) -> Response:
        """Every controller with its health, what it can do, and how many grants are in which state."""
        return jsonify(controllers=[shapes.controller(seen, zone) for seen in unit.doors.controllers()])

    @pages.get("/controllers/<controller>/grants")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.GrantPageSchema(), location="query")
    @pages.alt_response(200, description="A page of grants")
    def grants(page: PageQuery, controller: str, who: StaffMember) -> Response:
        """What a controller (slug or id) is to hold, and what became of it; nobody's card or address."""
        try:
            held, following = unit.doors.controller_grants(controller, page["cursor"])
        except DoorRefused as refused:
            if refused.code == "no_such_controller":
                raise NotFound from refused
            raise
        return jsonify(grants=[shapes.held_grant(seen, zone) for seen in held], next_cursor=following or None)

    return pages
