"""The planner of the console over HTTP: the page of a day with fifty resources."""

import http.client
import json
from typing import Final
from zoneinfo import ZoneInfo

from appliance.boot.bench.crowds import Crowd
from appliance.boot.bench.figures import Figure, at_most, over_rounds
from appliance.boot.bench.plan import Rounds
from appliance.boot.bench.visitor import TIMEOUT_S, Question
from appliance.boot.bench.worlds import STAFF, World
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.instants import local_date

_BAR_MS: Final = 30.0
_ZONE: Final = ZoneInfo("Europe/Stockholm")


def measure(world: World, size: Rounds) -> list[Figure]:
    """The page as one member of staff gets it, HTTP included, beside a page of the console with nothing in it."""
    cookie = _signed_in(world)
    day = local_date(world.first_day, _ZONE)
    rounds, floors = [], []
    with Crowd(world.settings.web.port, 1) as one:
        first = one.ask([[_page(f"planner?day={day}", cookie)] * 3])[0].require(200)
        if "planner-taken" not in first.last:
            raise NeedsAttention("nothing is booked on the first day: the planner has nothing to show")
        for _ in range(size.rounds):
            floors.append(one.ask([[_page("desk", cookie)] * size.listings])[0].require(200).ms)
            rounds.append(one.ask([[_page(f"planner?day={day}", cookie)] * size.listings])[0].require(200).ms)
    about = "planner of a day, 50 courts, a thirtieth of 5,000 bookings, HTTP"
    return [Figure("planner.day", about, over_rounds(rounds), "ms", over_rounds(floors), at_most(_BAR_MS))]


def _page(path: str, cookie: str) -> Question:
    return ("GET", f"/admin/{path}", {"Cookie": cookie, "Accept-Language": "sv"}, "")


def _signed_in(world: World) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", world.settings.web.port, timeout=TIMEOUT_S)
    try:
        body = json.dumps({"user": STAFF, "password": world.password})
        connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = answer.read().decode()
        if answer.status != 200:
            raise NeedsAttention(f"the member of staff of the bench was not let in: {told}")
        return (answer.getheader("Set-Cookie") or "").partition(";")[0]
    finally:
        connection.close()
