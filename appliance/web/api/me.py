"""One's own profile, and the address of one's own calendar (DY-33). Nobody's but the caller's is read or changed."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from appliance.identity.store import StaffMember
from appliance.storage.versioned import ChangedMeanwhile
from appliance.web.api import me_schemas as schemas
from appliance.web.api.access import STAFF
from appliance.web.api.editing import changed_meanwhile
from appliance.web.api.specification import Blueprint
from appliance.web.staff_calendar import calendar_address
from appliance.web.unit import Unit


def blueprint(unit: Unit) -> Blueprint:
    """`/me` and `/me/calendar`."""
    pages = Blueprint("me", __name__, description="One's own profile and calendar")

    @pages.get("/me")
    @pages.open_to(STAFF, unit)
    @pages.response(200, schemas.ProfileAnswerSchema)
    def show(who: StaffMember) -> Response:
        """What the caller says of themselves."""
        return jsonify(_told(unit, who))

    @pages.put("/me")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.ProfileSchema())
    @pages.response(200, schemas.ProfileAnswerSchema)
    def change(body: Mapping[str, Any], who: StaffMember) -> Response:
        """Change that; `changed_meanwhile` where it was changed from elsewhere since."""
        try:
            unit.own_profiles.change(who, schemas.profile_of(body), body["version"])
        except ChangedMeanwhile as meanwhile:
            return changed_meanwhile(unit, meanwhile)
        return jsonify(_told(unit, who))

    @pages.post("/me/calendar")
    @pages.open_to(STAFF, unit)
    @pages.response(201, schemas.CalendarAddressSchema)
    def open_calendar(who: StaffMember) -> Response:
        """A new secret address of one's own calendar, told this once; a former one is good no more."""
        answer = jsonify(address=calendar_address(unit, unit.own_profiles.open_calendar(who)))
        answer.status_code = 201
        return answer

    @pages.delete("/me/calendar")
    @pages.open_to(STAFF, unit)
    @pages.response(204)
    def close_calendar(who: StaffMember) -> Response:
        """Have the address of one's own calendar be good no more."""
        unit.own_profiles.close_calendar(who)
        return Response(status=204)

    return pages


def _told(unit: Unit, who: StaffMember) -> dict[str, object]:
    found, has_calendar = unit.own_profiles.of(who)
    return schemas.profile_shape(found.value) | {
        "user": who.user,
        "role": who.role,
        "has_calendar": has_calendar,
        "version": found.version,
    }
