"""Whether the facility can be booked, for staff (BM-04)."""

import marshmallow as ma
from flask import Response, jsonify

from appliance.identity.store import StaffMember
from appliance.web.api.access import STAFF
from appliance.web.api.specification import Blueprint
from appliance.web.readiness import mended_at, readiness_now, told
from appliance.web.speaking import language
from appliance.web.unit import Unit


class BlockerSchema(ma.Schema):
    """One thing that stands in the way; `blocks` when it keeps something from being booked; `link` to mend it."""

    code = ma.fields.String(required=True)
    id = ma.fields.String(required=True, allow_none=True)
    message = ma.fields.String(required=True)
    blocks = ma.fields.Boolean(required=True)
    link = ma.fields.String(required=True)


class ReadinessSchema(ma.Schema):
    """Whether the facility can be booked, and everything that stands in the way, once."""

    can_be_booked = ma.fields.Boolean(required=True)
    blockers = ma.fields.List(ma.fields.Nested(BlockerSchema), required=True)


def blueprint(unit: Unit) -> Blueprint:
    """`/readiness`."""
    pages = Blueprint("readiness", __name__, description="Whether the facility can be booked")

    @pages.get("/readiness")
    @pages.open_to(STAFF, unit)
    @pages.response(200, ReadinessSchema)
    def show(who: StaffMember) -> Response:
        """Whether the facility can be booked, and because of what not."""
        found = readiness_now(unit)
        blockers = [
            {
                "code": str(each.kind),
                "id": each.thing_id or None,
                "message": told(each, language()),
                "blocks": each.blocks,
                "link": mended_at(unit, each),
            }
            for each in found.blockers
        ]
        return jsonify(can_be_booked=found.can_be_booked, blockers=blockers)

    return pages
