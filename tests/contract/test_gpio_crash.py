"""What a door on pins does when its program dies (AC-15). The edge log of the other process is the witness."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.contract import Fail
from tests.contract.programs import Program
from tests.contract.rigs import GpioRig
from tests.waiting import stays, until
from tests.witness import read_edges, read_pulses

pytestmark = pytest.mark.slow
STRIKE = 17


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pv-") as name:
        yield Path(name)


@pytest.mark.parametrize("act", ["release", "hold"])
def test_a_door_that_fails_secure_locks_when_its_program_is_killed(folder: Path, act: str) -> None:
    """AC-15: kill -9 in a release of 300 s and in free access; the pin falls at once and stays low."""
    rig = GpioRig(folder)
    holder = Program("tests.contract.hold_a_door", [rig.socket, "secure", act])
    holder.start()
    assert rig.bolt_free()
    holder.kill()
    assert until(lambda: not rig.bolt_free(), 1)
    assert [(edge.level, edge.by) for edge in read_edges(rig.edges, STRIKE)] == [(1, "program"), (0, "hangup")]
    assert stays(lambda: not rig.bolt_free(), 0.3)
    rig.close()


def test_a_door_that_fails_safe_unlocks_when_its_program_is_killed(folder: Path) -> None:
    """AC-15: the magnet is held while the program lives, let go when it dies, and held again by the next one."""
    rig = GpioRig(folder, Fail.SAFE)
    assert rig.bolt_free(), "without a program a door that fails safe is open"
    holder = Program("tests.contract.hold_a_door", [rig.socket, "safe", "nothing"])
    holder.start()
    assert not rig.bolt_free()
    holder.kill()
    assert until(rig.bolt_free, 1)
    rig.started(Fail.SAFE)
    assert not rig.bolt_free()
    assert rig.driver is not None
    rig.driver.stop()
    assert until(rig.bolt_free, 1), "stopped in order it is open too"
    assert [edge.by for edge in read_edges(rig.edges, STRIKE)] == ["program", "hangup", "program", "hangup"]
    rig.close()


def test_a_release_of_a_door_that_fails_safe_drops_the_magnet_and_holds_it_again(folder: Path) -> None:
    """AC-15, DR-02: the same grant, the other way round on the pin."""
    rig = GpioRig(folder, Fail.SAFE)
    driver = rig.started(Fail.SAFE)
    driver.release(rig.grant(release_s=1))
    assert until(rig.bolt_free, 1)
    assert until(lambda: not rig.bolt_free(), 3)
    assert [edge.level for edge in read_edges(rig.edges, STRIKE)] == [1, 0, 1]
    driver.stop()
    rig.close()


def test_the_witness_measures_a_pulse(folder: Path) -> None:
    """DR-02: one release is one pulse of its length, ended by the program, and no edge comes on a denial."""
    rig = GpioRig(folder)
    driver = rig.started()
    driver.release(rig.grant(release_s=1))
    driver.release(rig.grant(release_s=1, life_s=0))
    assert until(lambda: bool(read_pulses(rig.edges, STRIKE)) and read_pulses(rig.edges, STRIKE)[0].end is not None, 5)
    (pulse,) = read_pulses(rig.edges, STRIKE)
    assert pulse.end is not None
    assert pulse.ended_by == "program"
    assert 0.9 < pulse.end - pulse.start < 1.5
    driver.stop()
    rig.close()


def test_a_pin_belongs_to_one_program(folder: Path) -> None:
    """DR-02: a second program is told that the pin is taken, moves nothing, and takes over when the first is gone."""
    rig = GpioRig(folder)
    holder = Program("tests.contract.hold_a_door", [rig.socket, "secure", "nothing"])
    holder.start()
    driver = rig.fresh_driver()
    driver.start(rig.facts)
    assert until(lambda: "held by another program" in driver.health().fault)
    holder.kill()
    assert until(lambda: driver.health().online, 10)
    driver.stop()
    rig.close()
