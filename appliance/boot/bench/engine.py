"""The search alone, with nothing read and nothing written: a clinic of 180 rooms and 20 people over a month.

What is promised is about the arithmetic and the list of starts, with how many could come at each; the sets of minutes
are built anew from hours and claims each time. Which of two hundred resources are free at each start is a hundred times
as much to write down: a search does it only for who asks, so it is a figure of its own.
"""

import random
import time
from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking.availability import offers
from appliance.booking.booking_window import Channel
from appliance.booking.calendar import Calendar, claims_by_resource
from appliance.booking.deciding import Asking
from appliance.booking.resources import Pool, Resource, ResourceKind, tree_of
from appliance.booking.rules import BookingRule
from appliance.booking.schedule import WeeklyHours
from appliance.booking.services import Need, Service, ServiceKind
from appliance.boot.bench.figures import Figure, at_most, over_rounds
from appliance.boot.bench.plan import Rounds
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.instants import DAY, HOUR, MINUTE, Interval, at_local, local_date
from appliance.foundation.money import Money

ROOMS: Final = 180
STAFF: Final = 20
DAYS: Final = 31
CLAIMS: Final = 5_000
_BAR_MS: Final = 5.0
_ZONE: Final = ZoneInfo("Europe/Stockholm")
_BEGINS: Final = 1_796_000_000


def measure(size: Rounds) -> list[Figure]:
    """A visit that needs a room and somebody of the staff, on a grid of 15 minutes, through five thousand claims."""
    service, calendar, within = clinic()
    rounds, named = [], []
    for _ in range(size.rounds):
        rounds.append([_ms(calendar, service, within) for _ in range(size.listings)])
        named.append([_ms(calendar, service, within, names=True) for _ in range(size.listings)])
    about = f"search of {ROOMS} rooms and {STAFF} people, {DAYS} days, engine only: starts and places left"
    return [
        Figure("engine.month.p50", about, over_rounds(rounds), "ms", bar=at_most(_BAR_MS)),
        Figure("engine.month.named.p50", "the same, with what is free at each start", over_rounds(named), "ms"),
    ]


def clinic(rooms: int = ROOMS, staff: int = STAFF) -> tuple[Service, Calendar, Interval]:
    """The service, everything known around it, and the month that is searched."""
    first = at_local(local_date(_BEGINS, _ZONE), 0, _ZONE)
    within = Interval(first, first + DAYS * DAY)
    places = [Resource(f"room-{n}", f"room-{n}", "") for n in range(rooms)]
    people = [Resource(f"staff-{n}", f"staff-{n}", "", ResourceKind.STAFF) for n in range(staff)]
    pools = {name: Pool(name, name, tuple(each.id for each in of)) for name, of in (("r", places), ("s", people))}
    needs = (Need("r"), Need("s"))
    service = Service("visit", "visit", "", ServiceKind.INDIVIDUAL, (60,), (Money(0, "SEK"),), needs)
    rule = BookingRule("rule")
    calendar = Calendar(
        facility_id="clinic",
        zone=_ZONE,
        window=within.widened(DAY, DAY),
        now=first,
        channel=Channel.PUBLIC,
        asked=Asking(rule, rule, "visit"),
        tree=tree_of([*places, *people]),
        pools=pools,
        hours=[WeeklyHours("clinic", day, 8 * 60, 18 * 60) for day in range(7)],
        exceptions=[],
        claims=claims_by_resource(_claims(within, [*places, *people]), first),
    )
    return service, calendar, within


def _claims(within: Interval, resources: list[Resource]) -> list[tuple[str, int, int, int, None]]:
    dice = random.Random(1)  # noqa: S311 - where pretend bookings lie is no secret
    found = []
    for _ in range(CLAIMS):
        start = within.start + dice.randrange(DAYS) * DAY + 8 * HOUR + dice.randrange(40) * 15 * MINUTE
        found.append((dice.choice(resources).id, start, start + HOUR, 1, None))
    return found


def _ms(calendar: Calendar, service: Service, within: Interval, *, names: bool = False) -> float:
    began = time.perf_counter()
    found = offers(calendar, service, within, service.durations[0], 1)
    told = found.resources if names else found.seats_left
    took = (time.perf_counter() - began) * 1000
    if not told:
        raise NeedsAttention("nothing is free in a month: the engine has nothing to find")
    return took
