"""A controller that comes while something else happens: no door is forgotten, and the newest word counts (DR-04)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from appliance.foundation.clock import FakeClock
from drivers.contract import DriverHealth, DriverUnreachable, Fact, Observation
from drivers.controller_contract import ControllerCapabilities
from drivers.gateway.controller import GatewayController
from drivers.gateway.exchange import Comes, Hears
from drivers.gateway.messages import DoorNotice, Reply, Request

Bolts = dict[str, str]


class PlayedGateway:
    """A gateway and the way to it, in one: `while_asked` happens while an answer to `state` is on its way."""

    def __init__(self, **bolts: str) -> None:
        self.room = 1024
        self.bolts: Bolts = bolts
        self.said: list[tuple[str, bool]] = []
        self.while_asked: list[Callable[[], None]] = []
        self.hears: Hears
        self.comes: Comes

    def start(self, hears: Hears, comes: Comes) -> None:
        self.hears, self.comes = hears, comes

    def ask(self, request: Request, seconds: float) -> Reply:
        if request["op"] == "hold":
            self.said.append((str(request["device"]), bool(request["on"])))
            return Reply("1", ok=True)
        doors = [{"device": device, "bolt": bolt, "leaf": "none"} for device, bolt in self.bolts.items()]
        if self.while_asked:
            self.while_asked.pop(0)()
        return Reply("2", ok=True, values={"doors": doors})

    def moves(self, device: str, bolt: str) -> None:
        """A door stands otherwise, and the gateway tells so at once."""
        self.bolts[device] = bolt
        self.hears(DoorNotice(device, bolt == "released", None))

    def health(self) -> DriverHealth:
        return DriverHealth(online=True)

    def stop(self) -> None:
        return None


class Seen:
    """What was told of each door, in order."""

    def __init__(self) -> None:
        self.facts: list[tuple[str, Fact]] = []

    def __call__(self, observation: Observation) -> None:
        self.facts.append((observation.door_id, observation.fact))


def greeted(gateway: PlayedGateway) -> tuple[GatewayController, Seen]:
    controller, seen = GatewayController(ControllerCapabilities(), gateway, _nothing, FakeClock()), Seen()
    controller.start(lambda _confirmation: None)
    controller.attach("D1", "one", seen)
    return controller, seen


def _nothing(_grant: object) -> Mapping[str, Any]:
    return {}


def test_a_door_that_is_attached_while_its_controller_comes_is_locked_too() -> None:
    """DR-04: what it held before this process began counts no more, whenever the door joined."""
    gateway = PlayedGateway(D1="locked", D2="released")
    controller, seen = greeted(gateway)
    gateway.while_asked.append(lambda: controller.attach("D2", "two", seen))
    gateway.comes(True)
    assert sorted(gateway.said) == [("D1", False), ("D2", False)]
    assert controller.health().online
    assert ("two", Fact.ONLINE) in seen.facts
    controller.attach("D3", "three", seen)
    assert gateway.said[-1] == ("D3", False)


def test_an_answer_that_was_overtaken_by_the_doors_own_word_is_asked_for_again() -> None:
    """DR-04: an answer that is repeated, or late, may be older than a notice that is here already."""
    gateway = PlayedGateway(D1="locked")
    controller, seen = greeted(gateway)
    gateway.while_asked.append(lambda: gateway.moves("D1", "released"))
    gateway.comes(True)
    assert seen.facts[-1] == ("one", Fact.RELEASED)
    assert ("one", Fact.LOCKED) not in seen.facts
    assert controller.health().online


def test_a_hold_that_begins_while_the_controller_comes_is_not_undone_by_its_answer() -> None:
    """DR-04, AC-12: the last command counts."""
    gateway = PlayedGateway(D1="locked")
    controller, seen = greeted(gateway)

    def held() -> None:
        controller.hold("D1", released=True)
        gateway.moves("D1", "released")

    gateway.while_asked.append(held)
    gateway.comes(True)
    assert seen.facts[-1] == ("one", Fact.RELEASED)


def test_a_door_that_never_rests_keeps_its_controller_away_and_not_this_process_busy() -> None:
    """DR-04: tried again by whoever said that it came."""
    gateway = PlayedGateway(D1="locked")
    controller, _ = greeted(gateway)
    gateway.while_asked.extend(partial(gateway.moves, "D1", bolt) for bolt in ("released", "locked") * 50)
    with pytest.raises(DriverUnreachable):
        gateway.comes(True)
    assert not controller.health().online
    assert len(gateway.while_asked) > 50
