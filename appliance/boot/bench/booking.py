"""Bookings over HTTP: how long one takes, how many fit into a second, and that eight writers never overlap."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from appliance.boot.bench.crowds import Crowd, rate
from appliance.boot.bench.figures import Figure, at_least, at_most, over_rounds, p99
from appliance.boot.bench.listing import DAYS, rfc3339
from appliance.boot.bench.plan import CLIENTS, Rounds
from appliance.boot.bench.visitor import Question
from appliance.boot.bench.worlds import SERVICE, World, free_slots
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.instants import Instant

_BAR_MS: Final = 6.0
_BAR_RATE: Final = 200.0
_FREE_DAYS: Final = 45
_CONTESTED: Final = 10  # one wish in so many is the same for all eight writers
_JSON: Final = {"Content-Type": "application/json"}
_FLOOR: Final[Question] = ("POST", "/book", _JSON, "{}")
_CREATED, _CONFLICT, _BUSY = 201, 409, 503


class Wishes:
    """Hands out wishes for slots that are still free, each to one caller, under ever new names."""

    def __init__(self, world: World) -> None:
        self._slots = free_slots(world, DAYS + 1, _FREE_DAYS)
        self._guest = 0

    def take(self, count: int, *, names_court: bool = True) -> list[Question]:
        """So many questions; without `names_court` the unit picks a court."""
        slots = list(islice(self._slots, count))
        if len(slots) < count:
            raise NeedsAttention("the pretend facility is full: make its world longer")
        return [self._question(court if names_court else None, start) for court, start in slots]

    def contested(self, count: int) -> list[list[Question]]:
        """`count` questions for each of the eight writers; every tenth is about a slot that all of them want."""
        shared = list(islice(self._slots, count // _CONTESTED))
        lists = []
        for _ in range(CLIENTS):
            own = self.take(count - len(shared))
            for place, (court, start) in enumerate(shared):
                own.insert(place * _CONTESTED, self._question(court, start))
            lists.append(own)
        return lists

    def _question(self, court: str | None, start: Instant) -> Question:
        self._guest += 1
        body: dict[str, object] = {
            "service": SERVICE,
            "start": rfc3339(start),
            "customer": {"name": f"Guest {self._guest}", "email": f"guest{self._guest}@example.org"},
        }
        return ("POST", "/api/v1/bookings", _JSON, json.dumps(body | ({"resource": court} if court else {})))


def measure(world: World, size: Rounds, bare_port: int) -> list[Figure]:
    """One writer and eight against waitress with a raw sqlite3 booking behind it; then the sweep."""
    wishes = Wishes(world)
    with Crowd(world.settings.web.port, 1) as one, Crowd(bare_port, 1) as bare:
        figures = _one_by_one(wishes, size, one, bare)
    with Crowd(world.settings.web.port, CLIENTS) as eight, Crowd(bare_port, CLIENTS) as bare_eight:
        figures += _together(wishes, size, eight, bare_eight)
    lost = overlaps(world.settings.booking_file)
    figures.append(Figure("booking.overlaps", "overlapping claims after all that", lost, "", bar=at_most(0)))
    return figures


def _one_by_one(wishes: Wishes, size: Rounds, one: Crowd, bare: Crowd) -> list[Figure]:
    one.ask([wishes.take(10)])[0].require(_CREATED)
    bare.ask([[_FLOOR] * 10])[0].require(200)
    named, picked, floors = [], [], []
    for _ in range(size.rounds):
        floors.append(bare.ask([[_FLOOR] * size.asked])[0].require(200).ms)
        named.append(one.ask([wishes.take(size.asked)])[0].require(_CREATED).ms)
        picked.append(one.ask([wishes.take(size.asked // 4, names_court=False)])[0].require(_CREATED).ms)
    floor = over_rounds(floors)
    return [
        Figure("booking.p50", "booking over HTTP, one writer", over_rounds(named), "ms", floor, at_most(_BAR_MS)),
        Figure("booking.p99", "the same, p99", over_rounds(named, p99), "ms", over_rounds(floors, p99)),
        Figure("booking.any_court.p50", "the same, the unit picks a court", over_rounds(picked), "ms", floor),
    ]


def _together(wishes: Wishes, size: Rounds, eight: Crowd, bare_eight: Crowd) -> list[Figure]:
    rates, floors, busy = [], [], 0
    for _ in range(size.rounds):
        floor = bare_eight.ask([[_FLOOR] * size.each] * CLIENTS)
        floors.append(rate([one.require(200) for one in floor], 200))
        asked = wishes.contested(size.each)
        rounds = [one.require(_CREATED, _CONFLICT, _BUSY) for one in eight.ask(asked)]
        statuses = [one.statuses for one in rounds]
        here = sum(each.count(_BUSY) for each in statuses)
        require_one_winner(rounds_won(asked, statuses), unanswered=here)
        busy += here
        rates.append(rate(rounds, _CREATED))
    about = "bookings a second, eight writers"
    value, floor_rate = over_rounds([rates]), over_rounds([floors])
    return [
        Figure("booking.rate8", about, value, "/s", floor_rate, at_least(_BAR_RATE)),
        Figure("booking.busy", "of these, told to try again (503)", busy, "", bar=at_most(0)),
    ]


def rounds_won(asked: list[list[Question]], statuses: list[tuple[int, ...]]) -> dict[tuple[str, str], int]:
    """How many writers were told that a slot is theirs, by court and start."""
    won: dict[tuple[str, str], int] = {}
    for questions, answers in zip(asked, statuses, strict=True):
        for (_, _, _, text), status in zip(questions, answers, strict=True):
            body = json.loads(text)
            slot = (str(body.get("resource")), str(body["start"]))
            won[slot] = won.get(slot, 0) + (status == _CREATED)
    return won


def require_one_winner(won: dict[tuple[str, str], int], unanswered: int) -> None:
    """NeedsAttention if a slot was promised twice, or more are nobody's than writers were told to try again."""
    twice = [slot for slot, winners in won.items() if winners > 1]
    nobodys = [slot for slot, winners in won.items() if winners == 0]
    if twice or len(nobodys) > unanswered:
        raise NeedsAttention(f"slots promised twice: {twice}; to nobody: {nobodys}")


@dataclass(frozen=True, slots=True)
class Claimed:
    """One active claim as the sweep sees it: `quantity` of a resource with room for `capacity`."""

    resource: str
    starts: Instant
    ends: Instant
    quantity: int
    capacity: int


def overlaps(booking_file: Path) -> int:
    """How many active claims begin while their resource is full: the file's own rows, none of the product's code."""
    connection = sqlite3.connect(f"file:{booking_file}?mode=ro", uri=True)
    try:
        rows = connection.execute(
            "SELECT resource_id, starts, ends, quantity, capacity FROM claim JOIN resource ON resource.id = resource_id"
            " WHERE active = 1 ORDER BY resource_id, starts"
        )
        return sweep(Claimed(*row) for row in rows)
    finally:
        connection.close()


def sweep(claims: Iterable[Claimed]) -> int:
    """The same over claims in order of resource and start."""
    wrong, resource = 0, ""
    here: list[Claimed] = []
    for claim in claims:
        if claim.resource != resource:
            resource, here = claim.resource, []
        here = [other for other in here if other.ends > claim.starts]
        here.append(claim)
        wrong += sum(other.quantity for other in here) > claim.capacity
    return wrong
