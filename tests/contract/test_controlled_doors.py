"""Doors on a vendor's controller: release, hold and health through it (BM-27, DR-01)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.foundation.clock import SystemClock
from appliance.foundation.grants import Grant
from drivers import registry
from drivers.contract import DoorDriver, DoorSettings, DriverRefused, DriverUnreachable, Fact, Fail, Site
from drivers.controllers_in_service import ControllersInService
from drivers.registry import ConfiguredDoor
from tests.contract.controller_rigs import SLUG
from tests.contract.programs import told
from tests.contract.rco_rigs import RcoSerialRig
from tests.contract.rigs import DOOR_ID, Facts
from tests.waiting import stays, until

pytestmark = pytest.mark.slow


class Hung:
    """A door on an R-CARD system."""

    def __init__(self, rig: RcoSerialRig) -> None:
        self.rig = rig
        self.site = Site()
        controller = rig.started()
        in_service = self.site.shared.get(ControllersInService, ControllersInService)
        in_service.put(SLUG, controller)
        settings: dict[str, object] = {"controller": SLUG, "device": "D1"}
        door = ConfiguredDoor("rco", DoorSettings(DOOR_ID, "court-1", "hall", Fail.SECURE, settings))
        assert registry.check([door], self.site) == []
        self.facts = Facts()
        self.driver: DoorDriver = registry.build(door, self.site, SystemClock())
        self.driver.start(self.facts)
        assert self.facts.saw(Fact.ONLINE, Fact.LOCKED, Fact.CLOSED, seconds=15), self.facts.all()
        assert until(lambda: self.driver.health().online)

    def bolt_free(self) -> bool:
        doors = told(self.rig.control, act="look")["doors"]
        assert isinstance(doors, dict)
        return bool(doors["D1"]["bolt"] == "released")

    def grant(self, number: int, life_s: int = 5) -> Grant:
        now = SystemClock().now()
        return Grant(f"presentation-{number}", DOOR_ID, "court-1", "key", 1, now, now + life_s)


@pytest.fixture
def hung(tmp_path: Path, short_folder: Path) -> Iterator[Hung]:
    folder = short_folder / tmp_path.name
    folder.mkdir()
    rig = RcoSerialRig(folder)
    one = Hung(rig)
    yield one
    one.driver.stop()
    rig.finish()
    rig.close()


def test_a_release_goes_to_the_vendors_door_once(hung: Hung) -> None:
    """BM-27: the same presentation is one release, and what is over opens nothing."""
    hung.driver.release(hung.grant(1))
    assert until(hung.bolt_free)
    assert hung.facts.saw(Fact.RELEASED, Fact.LOCKED)
    hung.driver.release(hung.grant(1))
    hung.driver.release(hung.grant(2, life_s=0))
    assert stays(lambda: not hung.bolt_free(), 0.3)


def test_the_contact_of_the_vendors_door_is_seen(hung: Hung) -> None:
    """BM-27: opened by hand, forced or not."""
    assert told(hung.rig.control, act="open", device="D1")["ok"] is False
    told(hung.rig.control, act="force", device="D1")
    assert hung.facts.saw(Fact.OPENED)
    told(hung.rig.control, act="close", device="D1")
    assert hung.facts.saw(Fact.OPENED, Fact.CLOSED)


def test_a_stop_locks_what_was_held(hung: Hung) -> None:
    """BM-27, AC-15: free access ends with its unit."""
    hung.driver.hold(True)
    assert until(hung.bolt_free)
    hung.driver.stop()
    assert until(lambda: not hung.bolt_free(), 2)


def test_away_and_back(hung: Hung) -> None:
    """DR-10: what cannot be said is told, and a hold that ended meanwhile stays ended."""
    hung.driver.hold(True)
    assert until(hung.bolt_free)
    hung.rig.cut()
    assert hung.facts.saw(Fact.OFFLINE, seconds=15)
    with pytest.raises(DriverUnreachable):
        hung.driver.release(hung.grant(3))
    with pytest.raises(DriverUnreachable):
        hung.driver.hold(False)
    hung.facts.clear()
    hung.rig.mend()
    assert hung.facts.saw(Fact.ONLINE, Fact.LOCKED, seconds=40)
    assert stays(lambda: not hung.bolt_free(), 0.5)


def test_a_door_whose_controller_is_not_there_says_so() -> None:
    """BM-27: taken out of the plan behind its back."""
    settings: dict[str, object] = {"controller": "gone", "device": "D1"}
    for name in ("axema", "parakey", "rco"):
        door = ConfiguredDoor(name, DoorSettings(DOOR_ID, "court-1", "hall", Fail.SECURE, settings))
        driver = registry.build(door, Site(), SystemClock())
        assert "no controller gone" in driver.health().fault
        with pytest.raises(DriverRefused, match="no controller gone"):
            driver.hold(True)
