"""An output on a pin, against the wire that plays a board: its edge file is the witness (AC-17)."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from appliance.foundation.clock import SystemClock
from drivers import registry
from drivers.contract import DoorSettings, Fail, Pins, Site
from drivers.output_contract import Output, OutputSettings
from tests.contract.programs import Program
from tests.waiting import until

PIN = 5


class Board:
    """The wire as a process, and what it wrote down of the output's pin."""

    def __init__(self, folder: Path) -> None:
        self.edges, self.socket = folder / "edges", folder / "wire"
        arguments = ["--socket", self.socket, "--edges", self.edges, "--control", folder / "hand"]
        arguments += ["--door", "d:strike=17"]
        self.program = Program("drivers.emulators.gpio_wire", arguments)
        self.program.start()

    def levels(self) -> list[int]:
        lines = [json.loads(line) for line in self.edges.read_text().splitlines()]
        return [line["level"] for line in lines if line["pin"] == PIN]

    def shows(self, on: bool) -> bool:
        return self.levels()[-1:] == [int(on)]

    def output(self) -> Output:
        configured = registry.ConfiguredOutput("gpio", OutputSettings("id", "lamp", {"pin": PIN}))
        site = Site(pins=Pins.WIRE, pins_socket=self.socket)
        assert registry.check([], site, [configured]) == []
        return registry.build_output(configured, site, SystemClock())


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    made = Board(tmp_path)
    yield made
    made.program.stop()


def test_a_relay_follows_and_is_off_when_it_is_let_go(board: Board) -> None:
    """AC-17: on, on again, off, on; then the program ends and nothing drives the pin."""
    output = board.output()
    output.start()
    assert until(lambda: output.health().online)
    for on in (True, True, False, True):
        output.switch(on)
        assert until(partial(board.shows, on))
    output.stop()
    assert until(lambda: board.levels()[-1] == 0)
    assert board.levels()[-4:] == [1, 0, 1, 0]


def test_what_was_wished_while_the_board_was_away_is_done_when_it_is_back(board: Board) -> None:
    """AC-17, DR-10: health says that it is away, and the light comes on without another word."""
    output = board.output()
    output.start()
    assert until(lambda: output.health().online)
    board.program.kill()
    assert until(lambda: not output.health().online)
    assert output.health().fault
    output.switch(True)
    board.program.start()
    assert until(lambda: board.levels()[-1:] == [1], 15)
    output.stop()


def test_two_cannot_have_the_same_pin() -> None:
    """AC-17: a lamp on the pin of a strike would open the door."""
    settings = {"strike_pin": PIN}
    door = DoorSettings("door-id", "entrance", "hall", Fail.SECURE, settings)
    lamp = registry.ConfiguredOutput("gpio", OutputSettings("id", "lamp", {"pin": PIN}))
    site = Site(pins=Pins.WIRE, pins_socket=Path("/tmp/wire"))
    found = registry.check([registry.ConfiguredDoor("gpio", door)], site, [lamp])
    assert [(error.field, error.code) for error in found] == [("outputs.lamp.settings", "taken")]
