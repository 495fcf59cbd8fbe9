"""What the caller of this request finds: by the channel of its credential, and by the link that came along (DY-14)."""

from typing import cast

from flask import current_app, g, request

from appliance.booking.visibility import Sight, Visibility
from appliance.web.callers import caller
from appliance.web.unit import EXTENSION, Unit, catalogue_now


def sight_now() -> Sight:
    """The sight of this request, worked out once."""
    if "sight" not in g:
        unit = cast("Unit", current_app.extensions[EXTENSION])
        g.sight = Sight(caller(unit).channel, linked=linked(unit, request.args.get("link", "")))
    return cast("Sight", g.sight)


def linked(unit: Unit, link: str) -> frozenset[str]:
    """The services that a link leads to."""
    if not link:
        return frozenset()
    with_links = (each.id for each in catalogue_now().services if each.admission.visibility is Visibility.LINK)
    return frozenset(service_id for service_id in with_links if unit.links.token_holds(service_id, link))
