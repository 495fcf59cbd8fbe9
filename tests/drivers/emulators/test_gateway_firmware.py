"""What a gateway tells of doors by itself, as its protocol says: what is other than the unit was told last."""

import itertools
import json

import pytest

from drivers.emulators.gateway_firmware import GatewayFirmware
from drivers.emulators.rco_system import RcoSystem, Sub

NOW = 1_800_000_000


class Unit:
    """Asks a gateway whose stopwatch is moved by hand."""

    def __init__(self) -> None:
        self.mono = 0.0
        self.system = RcoSystem(subs={"north": Sub(("D1",))})
        self.gateway = GatewayFirmware(self.system, lambda: NOW, lambda: self.mono, lambda: None)
        self._ids = itertools.count()

    def asks(self, op: str, **more: object) -> dict[str, object]:
        payload = json.dumps({"v": 1, "id": str(next(self._ids)), "op": op, **more})
        reply, _ = self.gateway.answered(payload.encode())
        values: dict[str, object] = json.loads(reply)
        assert values["ok"] is True, values
        return values

    def bolt(self) -> str:
        doors = self.asks("state")["doors"]
        assert isinstance(doors, list)
        return str(doors[0]["bolt"])

    def polls(self) -> list[str]:
        """The bolt of each door notice, and the kind of any other."""
        notices = self.asks("poll", room=1000)["notices"]
        assert isinstance(notices, list)
        return [one.get("bolt", one["notice"]) for one in notices]


@pytest.fixture
def unit() -> Unit:
    """Before it a card has just released the door, and the gateway has seen it."""
    one = Unit()
    one.gateway.look_around()
    one.system.unlock("D1", 5, one.mono)
    one.gateway.look_around()
    return one


def test_a_release_between_two_looks_is_told_to_who_was_told_that_the_door_is_locked(unit: Unit) -> None:
    """BM-27: released at both looks, but not in what the unit was told between them."""
    unit.polls()
    unit.asks("hold", device="D1", on=False, seconds=0)
    assert unit.bolt() == "locked"
    unit.asks("unlock", device="D1", seconds=1, not_after=NOW + 5)
    unit.gateway.look_around()
    assert unit.polls() == ["released"]
    unit.mono += 1
    unit.gateway.look_around()
    assert unit.polls() == ["locked"]


@pytest.mark.parametrize("looks", [0, 1])
def test_what_waited_before_the_state_was_told_is_not_told_after_it(unit: Unit, looks: int) -> None:
    """BM-27: a unit that comes anew hears of no release that is over."""
    unit.asks("hold", device="D1", on=False, seconds=0)
    for _ in range(looks):
        unit.gateway.look_around()
    assert unit.bolt() == "locked"
    unit.gateway.look_around()
    assert unit.polls() == []


def test_what_became_of_a_grant_waits_for_the_poll_whoever_asks_how_doors_stand(unit: Unit) -> None:
    """DR-04: only news of doors is overtaken by how they stand."""
    unit.gateway.notice({"notice": "confirmation", "grant": "g", "revision": 1, "applied": True, "reason": ""})
    unit.bolt()
    assert unit.polls() == ["confirmation"]
