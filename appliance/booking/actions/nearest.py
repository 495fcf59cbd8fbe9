"""Where something is free next: one question to several facilities, each asked by itself (DY-58, DY-59)."""

from collections.abc import Iterable
from dataclasses import dataclass

from appliance.booking.actions.desk import Desk
from appliance.booking.actions.searching import current_catalogue, search
from appliance.booking.booking_window import Channel
from appliance.booking.calendar import Offers
from appliance.booking.catalogue import Catalogue, Facility
from appliance.booking.pricing import offered_prices
from appliance.booking.services import Service
from appliance.booking.visibility import Sight
from appliance.foundation.instants import DAY, Instant, Interval
from appliance.foundation.money import Money
from appliance.foundation.positions import Position, distance_m

LOOK_AHEAD_S = 14 * DAY
_STRANGER = Sight(Channel.PUBLIC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A service, by its slug, that is to start within `starts`; duration in minutes, None is each one's usual one.

    near: from where distances are told.
    """

    service: str
    starts: Interval
    duration: int | None = None
    quantity: int = 1
    near: Position | None = None


@dataclass(frozen=True, slots=True)
class FreeStart:
    """The first start that is free at a facility, in the two weeks from what is wanted, and what it costs there."""

    interval: Interval
    price: Money
    price_to: Money


@dataclass(frozen=True, slots=True)
class FacilityAnswer:
    """What a facility answers. distance: metres from where it is wanted, None where one of the two is not known.

    service: None where the service is not to be had. first: None where nothing is free.
    """

    facility: Facility
    distance: int | None
    service: Service | None = None
    first: FreeStart | None = None

    def is_in_time(self, wanted: Wanted) -> bool:
        """Whether it has what is wanted when it is wanted."""
        return self.first is not None and self.first.interval.start < wanted.starts.end


def ask(desk: Desk, wanted: Wanted) -> FacilityAnswer:
    """What one facility has for strangers: a constant number of queries."""
    catalogue = current_catalogue(desk)
    facility, service = catalogue.facility, catalogue.service(wanted.service, _STRANGER)
    distance = distance_m(facility.position, wanted.near) if facility.position and wanted.near else None
    if service is None or wanted.quantity > service.max_quantity:
        return FacilityAnswer(facility, distance)
    duration = wanted.duration or service.durations[0]
    if duration not in service.durations:
        return FacilityAnswer(facility, distance)
    within = Interval(wanted.starts.start, wanted.starts.start + LOOK_AHEAD_S)
    found = search(desk, service, within, Channel.PUBLIC, duration=duration, quantity=wanted.quantity)
    return FacilityAnswer(facility, distance, service, _first(catalogue, service, duration, wanted.quantity, found))


def nearest_first(answers: Iterable[FacilityAnswer], wanted: Wanted) -> list[FacilityAnswer]:
    """Those that have it in time first, the nearest of them at the top; without distances, the earliest (DY-59).

    Then those that have it later, by time; then those where nothing is free; then those that do not offer it.
    """

    def place(answer: FacilityAnswer) -> tuple[int, float, Instant, str]:
        far = float("inf") if answer.distance is None else answer.distance
        if answer.first is None:
            return 2 if answer.service else 3, far, 0, answer.facility.name
        start = answer.first.interval.start
        return (0, far, start, answer.facility.name) if answer.is_in_time(wanted) else (1, start, 0, "")

    return sorted(answers, key=place)


def _first(catalogue: Catalogue, service: Service, duration: int, quantity: int, found: Offers) -> FreeStart | None:
    if not found.starts:
        return None
    first = Offers(found.starts[:1], named=lambda: found.resources[:1])
    ((low, high),) = offered_prices(catalogue, service, duration, quantity, Channel.PUBLIC, first)
    currency = catalogue.facility.currency
    return FreeStart(Interval(found.starts[0], found.ends[0]), Money(low, currency), Money(high, currency))
