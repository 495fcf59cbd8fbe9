"""Availability over HTTP, on a 15-minute grid.

A month of fifty courts with five thousand bookings; and the workload on which other booking systems were measured:
twenty resources that can be booked for half an hour, four weeks, two thousand bookings.
"""

import json
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from appliance.boot.bench.crowds import Crowd
from appliance.boot.bench.figures import Figure, at_most, over_rounds, p99
from appliance.boot.bench.floors import listing_ms
from appliance.boot.bench.plan import Rounds
from appliance.boot.bench.visitor import Question
from appliance.boot.bench.worlds import SERVICE, World
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.instants import DAY, Instant

DAYS: Final = 30
CROWD_DAYS: Final = 28
CROWD_BOOKINGS: Final = 2_000
_BAR_MS: Final = 40.0
_CROWD_BAR_MS: Final = 12.0


def slots_question(world: World, days: int = DAYS) -> Question:
    """`GET /slots` for so many days from the first booked one, of any court."""
    asked = {
        "service": SERVICE,
        "from": rfc3339(world.first_day),
        "to": rfc3339(world.first_day + days * DAY),
    }
    return ("GET", f"/api/v1/slots?{urlencode(asked)}", {}, "")


def rfc3339(instant: Instant) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()


def measure(world: World, size: Rounds) -> list[Figure]:
    """The month of the club."""
    about = f"slots of {world.house.courts} courts, {DAYS} days, 5,000 bookings, HTTP"
    return _measured("slots.month", about, slots_question(world), _BAR_MS, world, size)


def measure_crowd(world: World, size: Rounds) -> list[Figure]:
    """The four weeks of the crowd."""
    about = f"slots of {world.house.courts} resources, {CROWD_DAYS} days, {CROWD_BOOKINGS:,} bookings, HTTP"
    return _measured("slots.crowd", about, slots_question(world, CROWD_DAYS), _CROWD_BAR_MS, world, size)


def _measured(name: str, about: str, question: Question, bar_ms: float, world: World, size: Rounds) -> list[Figure]:
    """The listing against reading the same claims and writing the same answer with no arithmetic between."""
    rounds, floors = [], []
    with Crowd(world.settings.web.port, 1) as one:
        warm = one.ask([[question] * 2])[0].require(200)
        answer = json.loads(warm.last)
        if not answer["slots"]:
            raise NeedsAttention("nothing is free: the listing has nothing to list")
        for _ in range(size.rounds):
            floors.append([listing_ms(world.settings.booking_file, answer) for _ in range(size.listings)])
            rounds.append(one.ask([[question] * size.listings])[0].require(200).ms)
    return [
        Figure(f"{name}.p50", about, over_rounds(rounds), "ms", over_rounds(floors), at_most(bar_ms)),
        Figure(f"{name}.p99", f"{about}, p99", over_rounds(rounds, p99), "ms", over_rounds(floors, p99)),
        Figure(f"{name}.starts", "starts in that answer", len(answer["slots"]), ""),
    ]
