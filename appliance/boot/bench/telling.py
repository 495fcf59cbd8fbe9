"""How soon a healthy controller holds what was booked, and lets go of what was cancelled (DR-11).

Door and web are processes. The controller is the one in memory: it applies at once, so that what is measured is ours:
the booking, the journal, the planning, the guest's address that the web process adds, and the call.
"""

import json
import threading
import time
from statistics import median
from typing import Final

from appliance.boot.bench.booking import Wishes
from appliance.boot.bench.crowds import Crowd, Round
from appliance.boot.bench.figures import Figure, at_most
from appliance.boot.bench.plan import Rounds
from appliance.boot.bench.plans import CONTROLLER
from appliance.boot.bench.unit_processes import unit
from appliance.boot.bench.worlds import World
from appliance.door_socket.client import DoorClient
from appliance.foundation.errors import NeedsAttention

_BAR_MS: Final = 2_000.0
_LOOK_S: Final = 0.01
_LONGEST_S: Final = 10.0
_JSON: Final = {"Content-Type": "application/json"}


def measure(world: World, size: Rounds) -> list[Figure]:
    """From the wish of a booking or a cancel to its grant held or gone; beside the answer to the booking alone."""
    wishes, held, gone, answers = Wishes(world), list[float](), list[float](), list[float]()
    client = DoorClient(world.settings.run)
    try:
        with unit(world), Crowd(world.settings.web.port, 1) as one:
            for question in wishes.take(size.told):
                booked = one.ask([[question]])[0].require(201)
                booking = json.loads(booked.last)
                held.append(until(client, booking["id"], "confirmed", booked))
                answers += booked.ms
                path, code = (
                    f"/api/v1/bookings/{booking['id']}/cancel",
                    json.dumps({"cancel_code": booking["cancel_code"]}),
                )
                cancelled = one.ask([[("POST", path, _JSON, code)]])[0].require(200)
                gone.append(until(client, booking["id"], "removed", cancelled))
    finally:
        client.close()
    floor = median(answers)
    return [
        Figure("controller.told.p50", "booking to controller", median(held), "ms", floor),
        Figure("controller.told.worst", "the same, the slowest", max(held), "ms", max(answers), at_most(_BAR_MS)),
        Figure("controller.ended.p50", "cancel to controller", median(gone), "ms", floor),
        Figure("controller.ended.worst", "the same, the slowest", max(gone), "ms", max(answers), at_most(_BAR_MS)),
    ]


def until(client: DoorClient, booking_id: str, state: str, asked: Round, longest_s: float = _LONGEST_S) -> float:
    """Milliseconds from the question to a grant of the booking in this state. NeedsAttention when it takes too long."""
    pause = threading.Event()
    while (now := time.monotonic()) < asked.began + longest_s:
        if state in states(client, booking_id):
            return (now - asked.began) * 1000
        pause.wait(_LOOK_S)
    seen = states(client, booking_id)
    raise NeedsAttention(
        f"the controller did not come to {state} within {longest_s:g} s; the grant is {seen or 'unknown'}"
    )


def states(client: DoorClient, booking_id: str) -> list[str]:
    """The states of the booking's grants."""
    found, after = list[str](), ""
    while True:
        grants, after = client.controller_grants(CONTROLLER, after)
        found += [grant.state for grant in grants if grant.booking_id == booking_id]
        if not after:
            return found
