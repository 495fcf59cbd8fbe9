"""Decisions over HTTP: real web and door processes, readers with bearer tokens, one by one and eight at a time."""

import json
import sqlite3
from itertools import cycle
from typing import Final

from appliance.boot.bench.crowds import Crowd, rate
from appliance.boot.bench.figures import Figure, at_least, at_most, over_rounds, p99
from appliance.boot.bench.plan import CLIENTS, Rounds
from appliance.boot.bench.visitor import Question
from appliance.boot.bench.worlds import World
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.ids import Uuid7

_BAR_MS: Final = 2.4
_BAR_RATE: Final = 350.0
_HELLO: Final[Question] = ("GET", "/hello", {}, "")


class Presentations:
    """Hands out presentations of passes, each of another guest than the last."""

    def __init__(self, world: World) -> None:
        self._guests = cycle(world.guests)
        self._ids = Uuid7()
        self._headers = {"Authorization": f"Bearer {world.reader_token}", "Content-Type": "application/json"}
        self.handed_out = 0

    def take(self, count: int) -> list[Question]:
        """So many questions."""
        self.handed_out += count
        return [self._question() for _ in range(count)]

    def _question(self) -> Question:
        guest = next(self._guests)
        body = {"kind": "qr", "value": guest.qr, "presentation_id": self._ids.new()}
        return ("POST", f"/api/v1/doors/{guest.door}/presentations", self._headers, json.dumps(body))


def measure(world: World, size: Rounds, bare_port: int) -> list[Figure]:
    """One reader and eight against a bare waitress; then whether every grant is on record."""
    passes = Presentations(world)
    before = granted_on_record(world)
    port = world.settings.web.port
    with Crowd(port, 1) as one, Crowd(bare_port, 1) as bare:
        figures = one_by_one(passes, size, one, bare)
    rates, floors = [], []
    with Crowd(port, CLIENTS) as eight, Crowd(bare_port, CLIENTS) as bare_eight:
        for _ in range(size.rounds):
            hello = bare_eight.ask([[_HELLO] * size.each] * CLIENTS)
            floors.append(rate([one.require(200) for one in hello], 200))
            rounds = eight.ask([passes.take(size.each) for _ in range(CLIENTS)])
            rates.append(rate([one.require(200) for one in rounds], 200))
    about = "decisions a second over HTTP, eight readers"
    value = over_rounds([rates])
    figures.append(Figure("decision.http.rate8", about, value, "/s", over_rounds([floors]), at_least(_BAR_RATE)))
    on_record = granted_on_record(world) - before
    if on_record != passes.handed_out:
        raise NeedsAttention(f"of {passes.handed_out} good passes {on_record} were granted and are on record")
    return figures


def one_by_one(passes: Presentations, size: Rounds, one: Crowd, bare: Crowd) -> list[Figure]:
    """The time of one presentation."""
    one.ask([passes.take(20)])[0].require(200)
    bare.ask([[_HELLO] * 20])[0].require(200)
    rounds, floors = [], []
    for _ in range(size.rounds):
        floors.append(bare.ask([[_HELLO] * size.asked])[0].require(200).ms)
        rounds.append(one.ask([passes.take(size.asked)])[0].require(200).ms)
    about = "pass over HTTP, one reader"
    return [
        Figure("decision.http.p50", about, over_rounds(rounds), "ms", over_rounds(floors), at_most(_BAR_MS)),
        Figure("decision.http.p99", f"{about}, p99", over_rounds(rounds, p99), "ms", over_rounds(floors, p99)),
    ]


def granted_on_record(world: World) -> int:
    """How many grants of presentations the door's journal holds."""
    connection = sqlite3.connect(f"file:{world.settings.access_file}?mode=ro", uri=True)
    try:
        query = "SELECT count(*) FROM journal WHERE entity = 'presentation' AND verb = 'granted'"
        return int(connection.execute(query).fetchone()[0])
    finally:
        connection.close()
