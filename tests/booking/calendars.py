"""A small facility to search: four padel courts, a hall of two halves, two trainers, twelve places."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from appliance.booking.availability import Calendar, claims_by_resource, facts_window
from appliance.booking.booking_window import Channel, Window
from appliance.booking.deciding import Asking
from appliance.booking.lead_time import LeadTime, minutes
from appliance.booking.resources import Pool, Resource, ResourceKind, tree_of
from appliance.booking.rules import BookingRule, Windows
from appliance.booking.schedule import WeeklyHours
from appliance.booking.services import Need, Service, ServiceKind, Session
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, Interval, at_local
from appliance.foundation.money import Money

ZONE = ZoneInfo("Europe/Stockholm")
MONDAY = date(2026, 11, 23)
COURTS = ("court-1", "court-2", "court-3", "court-4")

TREE = tree_of(
    [
        *(Resource(court, court, court) for court in COURTS),
        Resource("hall", "hall", "Hall"),
        Resource("half-a", "half-a", "Half A", parent_id="hall"),
        Resource("half-b", "half-b", "Half B", parent_id="hall"),
        Resource("ann", "ann", "Ann", ResourceKind.STAFF),
        Resource("bo", "bo", "Bo", ResourceKind.STAFF),
        Resource("places", "places", "Places", ResourceKind.COUNTED, 12),
        Resource("more-places", "more-places", "More places", ResourceKind.COUNTED, 2),
    ]
)

POOLS = {
    "courts": Pool("courts", "courts", COURTS),
    "hall": Pool("hall", "hall", ("hall", "half-a", "half-b")),
    "trainers": Pool("trainers", "trainers", ("ann", "bo")),
    "gym": Pool("gym", "gym", ("places",)),
}


def asked(earliest: LeadTime | None = None, kiosk_until: int = 0) -> Asking:
    """Terms that let anybody book: from `earliest` on, at the kiosk until so many minutes before the start."""
    rule = BookingRule("rule", windows=Windows(Window(earliest), Window(earliest, latest=minutes(kiosk_until))))
    return Asking(rule, rule, "padel")


PADEL = Service(
    id="padel",
    slug="padel",
    name="Padel",
    kind=ServiceKind.INDIVIDUAL,
    durations=(60, 90),
    prices=(Money(24000, "SEK"), Money(34000, "SEK")),
    needs=(Need("courts"),),
    max_quantity=9,
)

CLASS = Service(
    id="spin",
    slug="spin",
    name="Spin",
    kind=ServiceKind.CLASS,
    durations=(60,),
    prices=(Money(9000, "SEK"),),
    max_quantity=12,
)


def at(hour: float, day: date = MONDAY) -> Instant:
    """An hour of the wall clock."""
    return at_local(day, round(hour * 60), ZONE)


def needing(*needs: Need, **more: Any) -> Service:
    """Padel with other needs."""
    return replace(PADEL, needs=needs, **more)


def calendar(service: Service = PADEL, taken: Iterable[tuple[str, float, float, int]] = (), **more: Any) -> Calendar:
    """That Monday: `taken` are (resource, from hour, to hour, quantity), `now` is the day before unless said."""
    rows = [(resource, at(first), at(end), quantity, None) for resource, first, end, quantity in taken]
    facts: dict[str, Any] = {
        "facility_id": "facility",
        "zone": ZONE,
        "window": facts_window(service, Interval(at(0), at(24)), ZONE),
        "now": at(0) - DAY,
        "channel": Channel.PUBLIC,
        "asked": asked(),
        "tree": TREE,
        "pools": POOLS,
        "hours": [WeeklyHours("facility", weekday, 7 * 60, 22 * 60) for weekday in range(7)],
        "claims": claims_by_resource(rows, 0),
    }
    return Calendar(**(facts | more))


def session(name: str, hour: float, resource: str = "places", minutes: int = 60) -> Session:
    """A session of the class that Monday."""
    return Session(name, CLASS.id, Interval(at(hour), at(hour) + minutes * MINUTE), resource)


__all__ = ["CLASS", "COURTS", "HOUR", "PADEL", "ZONE", "at", "calendar", "needing", "session"]
