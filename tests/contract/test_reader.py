"""The reader half of the contract over every registered reader with its other end (DR-01, DR-10, DR-13)."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers import registry
from drivers.reader_contract import Feedback, ReaderInfo
from tests.contract.reader_rigs import RIGS, ReaderRig
from tests.waiting import stays, until

pytestmark = pytest.mark.slow
WITHOUT_OTHER_END = {"usb_scanner": "a kernel input device; tests/drivers/usb_scanner"}


@pytest.fixture(params=sorted(RIGS))
def rig(request: pytest.FixtureRequest) -> Iterator[ReaderRig]:
    with tempfile.TemporaryDirectory(prefix="pv-") as name:
        one = RIGS[request.param](Path(name))
        yield one
        one.close()


def test_every_registered_reader_has_its_other_end_in_this_suite() -> None:
    """DR-01: or says where it is tried instead."""
    assert sorted({*RIGS, *WITHOUT_OTHER_END}) == registry.READERS.names()


@pytest.mark.parametrize("name", registry.READERS.names())
def test_every_registered_reader_presents_itself_under_its_name(name: str) -> None:
    """DR-01: one ReaderInfo a driver."""
    info = registry.READERS.load(name)
    assert isinstance(info, ReaderInfo)
    assert info.name == name


def test_what_is_presented_is_handed_over_once_and_whole(rig: ReaderRig, caplog: pytest.LogCaptureFixture) -> None:
    """DR-01: and stands in no log."""
    rig.online()
    for count in (1, 2, 3):
        rig.present()
        assert rig.read(count)
    assert rig.sample not in caplog.text
    assert rig.sample not in repr(rig.entries)


def test_start_stop_and_show_do_not_wait_for_a_device_that_is_away(rig: ReaderRig) -> None:
    """DR-01: within two seconds, whatever is on the wire."""
    rig.act("unplug")
    began = time.monotonic()
    driver = rig.started()
    for feedback in Feedback:
        driver.show(feedback)
    assert not driver.health().online
    driver.stop()
    assert time.monotonic() - began < 4
    assert not driver.health().online


def test_health_tells_the_truth_about_a_device_that_is_away_and_back(rig: ReaderRig) -> None:
    """DR-10: it reopens by itself, and says meanwhile what to do."""
    driver = rig.online()
    rig.act("unplug")
    assert until(lambda: not driver.health().online)
    assert "check" in driver.health().fault
    rig.act("plug")
    assert until(lambda: driver.health().online, 20)
    assert driver.health().fault == ""
    assert driver.health().last_fault != ""
    rig.present()
    assert rig.read()


def test_a_stopped_driver_reads_nothing_and_another_takes_its_place(rig: ReaderRig) -> None:
    """DR-01: it lets go of its port."""
    rig.online()
    stopped = rig.entries
    rig.stop_driver()
    rig.present()
    assert stays(lambda: stopped == [], 0.3)
    rig.online()
    rig.present()
    assert until(lambda: len(rig.entries) >= 1)


def test_killing_the_other_end_is_survived(rig: ReaderRig) -> None:
    """DR-10: kill -9 and another one at the same port."""
    driver = rig.online()
    rig.other_end.kill()
    assert until(lambda: not driver.health().online)
    rig.port.unlink(missing_ok=True)
    rig.other_end = rig.make_other_end()
    rig.other_end.start()
    assert until(lambda: driver.health().online, 20)
    rig.present()
    assert rig.read()
