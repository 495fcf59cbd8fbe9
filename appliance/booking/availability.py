"""Availability: which starts can be booked now, and which claims a booking at one of them makes (SH-16, DY-06, DY-15).

Both questions go through the same arithmetic on sets of minutes, so what `offers` lists is what `assign` accepts, and
that is what the guard of the database accepts. Which resources are picked, where the customer leaves it open, is
balanced: those with the least claimed in the calendar's window, and among equals in the order of their pool.
"""

from appliance.booking.calendar import Calendar, ClaimWish, Offers, claims_by_resource, facts_window
from appliance.booking.individual import IndividualSearch
from appliance.booking.places import PlaceSearch
from appliance.booking.reasons import Reason
from appliance.booking.services import Service, ServiceKind
from appliance.foundation.instants import Instant, Interval
from appliance.foundation.refusals import Refusal

__all__ = ["Calendar", "ClaimWish", "Offers", "assign", "claims_by_resource", "facts_window", "offers"]


def offers(
    calendar: Calendar, service: Service, within: Interval, duration: int, quantity: int = 1, wanted: str | None = None
) -> Offers:
    """Every start in `within` at which `assign` would succeed now; arguments as there."""
    if _not_offered(service, duration, quantity) is not None:
        return Offers()
    return _search(calendar, service, duration, quantity, wanted).offers(within)


def assign(
    calendar: Calendar, service: Service, start: Instant, duration: int, quantity: int = 1, wanted: str | None = None
) -> tuple[ClaimWish, ...] | Refusal:
    """The claims of a booking at `start` for `duration` minutes, or why it cannot be (a `Reason`).

    quantity: places of a class, else so many of everything that the service needs.
    wanted: the id of a resource that must be among those picked.
    """
    reason = _not_offered(service, duration, quantity)
    if reason is not None:
        return Refusal(reason)
    search = _search(calendar, service, duration, quantity, wanted)
    return search.refusal(start) or search.claims(start)


def _not_offered(service: Service, duration: int, quantity: int) -> Reason | None:
    if duration not in service.durations:
        return Reason.DURATION_NOT_OFFERED
    return None if 1 <= quantity <= service.max_quantity else Reason.QUANTITY_NOT_OFFERED


def _search(
    calendar: Calendar, service: Service, duration: int, quantity: int, wanted: str | None
) -> IndividualSearch | PlaceSearch:
    kind = PlaceSearch if service.kind is ServiceKind.CLASS else IndividualSearch
    return kind(calendar, service, duration, quantity, wanted)
