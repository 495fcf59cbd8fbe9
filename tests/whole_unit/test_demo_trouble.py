"""Cancels that a door cannot hear, and a door process that dies with the strike released. Nothing here is deleted."""

import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.config_file import write
from tests.waiting import until
from tests.whole_unit.demo_unit import ENTRANCE_PIN, Demo, command, doors_ready, running_demo
from tests.witness import read_pulses

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]


@pytest.fixture(scope="module")
def own_demo() -> Iterator[Demo]:
    """A demo whose door process may be stopped and killed; it comes back by itself."""
    with running_demo() as demo:
        yield demo


@pytest.mark.feature("BM-22", "AC-09")
@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_cancel_that_the_door_could_not_hear_is_pending_and_in_force_when_it_is_back(
    own_demo: Demo, how: str
) -> None:
    """BM-22: `revocation: pending` is said honestly, and no presentation slips in before the door has heard."""
    booking = own_demo.book_open("court-2")
    assert own_demo.reason("court-2", "pin", booking.pin) == "granted"
    second = own_demo.book_open("court-3")
    door = own_demo.pid("door")
    with own_demo.unsupervised():
        os.kill(door, signal.SIGSTOP if how == "stopped" else signal.SIGKILL)
        ended = own_demo.cancel(second)
        assert (ended.status, ended.body["status"], ended.body["revocation"]) == (200, "cancelled", "pending")
        assert own_demo.api.health()["status"] == "failing"
    if how == "stopped":
        os.kill(door, signal.SIGCONT)
    else:
        assert until(lambda: own_demo.pid("door") not in (0, door) and doors_ready(own_demo.run), 20)
    # Not after a moment: the first presentation after its return is refused, through the command and through the API.
    assert own_demo.cli_present("court-3", "qr", second.qr)["reason"] == "cancelled"
    assert own_demo.reason("entrance", "pin", second.pin) == "cancelled"
    assert own_demo.reason("court-2", "pin", booking.pin) == "granted"


@pytest.mark.feature("AC-15")
def test_a_strike_is_let_go_in_the_moment_the_door_process_dies(own_demo: Demo) -> None:
    """AC-15: kill -9 while the entrance is released: fail secure, and the next guest gets in."""
    booking = own_demo.book_open("court-4")
    assert own_demo.reason("entrance", "qr", booking.qr) == "granted"
    door = own_demo.kill("door")
    edge_log = own_demo.data / "edges.jsonl"
    assert until(lambda: [pulse.ended_by for pulse in read_pulses(edge_log, ENTRANCE_PIN)] == ["hangup"], 4)
    assert own_demo.back("door", door)
    assert until(lambda: own_demo.reason("entrance", "qr", booking.qr) == "granted", 5)
    assert until(lambda: len(read_pulses(edge_log, ENTRANCE_PIN)) >= 2)


@pytest.mark.feature("AC-20")
def test_two_door_processes_never_write_one_file(own_demo: Demo, tmp_path: Path) -> None:
    """AC-20: a second one over the same data is refused, also with sockets of its own; as after a kill of the demo."""
    booking, door = own_demo.book_open("court-1"), own_demo.pid("door")
    config = tmp_path / "second.toml"
    with tempfile.TemporaryDirectory(prefix="pv-second-") as run:
        config.write_text(write(replace(own_demo.settings, run=Path(run))))
        second = command("door", "--config", str(config))
    assert second.returncode == 1
    assert f"another door process runs in {own_demo.data}" in second.stderr
    assert own_demo.pid("door") == door
    assert own_demo.reason("court-1", "qr", booking.qr) == "granted"
