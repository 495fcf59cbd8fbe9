"""`/calendar/{token}.ics`: what one employee has, for the calendar program that subscribes to it (DY-33, RFC 5545).

The address is all that is asked for: such programs cannot sign in. Only its owner was ever shown it.
"""

from flask import Blueprint, Response

from appliance.messaging.actions.recapping import Recaps
from appliance.web.problems import NotFound
from appliance.web.unit import Unit


def staff_calendar(unit: Unit, recaps: Recaps) -> Blueprint:
    """The calendars of all staff, each at an address of its own."""
    blueprint = Blueprint("staff_calendar", __name__)

    @blueprint.get("/calendar/<token>.ics")
    def feed(token: str) -> Response:
        """NotFound for every address that is not, or not any more, that of a calendar."""
        staff_id = unit.own_profiles.whose_calendar(token)
        if staff_id is None:
            raise NotFound
        answer = Response(recaps.calendar(staff_id, unit.clock.now()), mimetype="text/calendar")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return blueprint


def calendar_address(unit: Unit, token: str) -> str:
    """Where the calendar is that a token opens: below the unit's own facility, whichever one its owner stands at."""
    return f"{unit.portal.storefronts[0].url}/calendar/{token}.ics"
