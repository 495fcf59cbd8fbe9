"""The door in memory obeys the physics of a door (DR-01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.clock import FakeClock
from appliance.foundation.grants import Grant
from drivers.contract import Act, DoorSettings, DriverRefused, DriverUnreachable, Fact, Fail, Observation
from drivers.simulated.driver import JAMMED, UNPLUGGED, SimulatedDoor


def started(fail: Fail = Fail.SECURE) -> tuple[SimulatedDoor, list[Fact], FakeClock]:
    clock, facts = FakeClock(), list[Fact]()
    door = SimulatedDoor(DoorSettings("door", "court-1", "hall", fail, {}), clock)

    def observe(observation: Observation) -> None:
        facts.append(observation.fact)

    door.start(observe)
    facts.clear()
    return door, facts, clock


def grant(clock: FakeClock, name: str = "p") -> Grant:
    return Grant(name, "door", "court-1", None, 5, clock.now(), clock.now() + 5)


def test_a_jammed_bolt_takes_the_command_and_does_not_move() -> None:
    """DR-10: health says so; once it is free the bolt follows what is wished by then."""
    door, facts, clock = started()
    door.hand(Act.JAM)
    door.release(grant(clock))
    assert not door.frame.bolt_free
    assert door.health().fault == JAMMED
    door.hand(Act.FREE)
    assert door.frame.bolt_free
    assert facts == [Fact.RELEASED]
    door.stop()


def test_an_unplugged_door_falls_as_its_fail_says_and_cannot_be_released() -> None:
    """AC-15: without power."""
    for fail in Fail:
        door, facts, clock = started(fail)
        door.hand(Act.UNPLUG)
        assert door.frame.bolt_free is (fail is Fail.SAFE)
        assert door.health().fault == UNPLUGGED
        with pytest.raises(DriverUnreachable):
            door.release(grant(clock))
        door.hand(Act.FORCE)
        door.hand(Act.PLUG)
        assert facts == [Fact.OFFLINE, Fact.ONLINE, Fact.LOCKED, Fact.OPENED]
        door.stop()
        assert door.frame.bolt_free is (fail is Fail.SAFE)


def test_a_locked_door_does_not_give_way() -> None:
    """DR-01: only force opens it."""
    door, facts, _ = started()
    with pytest.raises(DriverRefused):
        door.hand(Act.OPEN)
    door.hand(Act.FORCE)
    assert facts == [Fact.OPENED]
    door.stop()


@given(acts=st.lists(st.sampled_from([*Act, "release", "hold", "end"]), max_size=30))
def test_facts_alternate_whatever_is_done_to_the_door(acts: list[Act | str]) -> None:
    """DR-01: no fact is told twice running without its opposite, in any order of acts."""
    door, facts, clock = started()
    for number, act in enumerate(acts):
        try:
            if isinstance(act, Act):
                door.hand(act)
            elif act == "release":
                door.release(grant(clock, f"p{number}"))
            else:
                door.hold(act == "hold")
        except (DriverRefused, DriverUnreachable):
            continue
    door.stop()
    links = [fact for fact in facts if fact in (Fact.ONLINE, Fact.OFFLINE)]
    assert links == [Fact.OFFLINE, Fact.ONLINE] * (len(links) // 2) + [Fact.OFFLINE] * (len(links) % 2)
    state = {"leaf": Fact.CLOSED, "bolt": Fact.LOCKED}
    sides = {Fact.OPENED: "leaf", Fact.CLOSED: "leaf", Fact.RELEASED: "bolt", Fact.LOCKED: "bolt"}
    for fact in facts:
        if fact is Fact.ONLINE:
            state = {"leaf": Fact.ONLINE, "bolt": Fact.ONLINE}
        elif fact in sides:
            assert state[sides[fact]] is not fact
            state[sides[fact]] = fact
