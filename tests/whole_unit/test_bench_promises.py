"""What `portvakt bench` measures of doors over time can fail: a leak, a controller that never hears, too few PINs."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from appliance.boot.bench import deriving, enduring, telling
from appliance.boot.bench.crowds import Round
from appliance.boot.bench.plans import RULES
from appliance.boot.bench.unit_processes import start, stop, wait_online
from appliance.boot.bench.worlds import World, build
from appliance.door_socket.client import DoorClient
from appliance.foundation.errors import NeedsAttention
from drivers.local_broker import free_port
from tests.waiting import until
from tests.whole_unit.test_bench import TINY

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]


@pytest.fixture
def run() -> Iterator[Path]:
    with TemporaryDirectory(prefix="portvakt-") as folder:
        yield Path(folder)


def world(tmp_path: Path, run: Path, *, told: bool = False) -> World:
    return build(tmp_path / "data", run, free_port(), 40, 3, told=told)


def test_a_door_process_that_keeps_what_it_decided_is_found_out(tmp_path: Path, run: Path) -> None:
    """DR-13: the negative control of the figure of memory: 4 KiB a decision break its promise."""
    leaking = enduring.measure(world(tmp_path, run), 4_000, "tests.whole_unit.leaky_door_program")
    assert leaking.value > 14
    assert not leaking.holds


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_million_decisions_add_no_memory(tmp_path: Path, run: Path) -> None:
    """DR-13: 10 MiB at most, PIN and pass in turn, every event durable first."""
    figure = enduring.measure(world(tmp_path, run), 1_000_000)
    assert figure.holds, figure


def test_a_controller_that_never_hears_of_a_booking_is_found_out(tmp_path: Path, run: Path) -> None:
    """DR-11: without the web process nobody tells the door whom a booking is for."""
    one = world(tmp_path, run, told=True)
    door, client = start(["appliance", "door", "--config", str(one.config)], tmp_path / "log"), DoorClient(run)
    try:
        wait_online(one)
        asked = Round(time.monotonic(), 0.0, (), (), "")
        assert until(lambda: len(client.controller_grants("bench")[0]) > 0)
        booking = client.controller_grants("bench")[0][0].booking_id
        with pytest.raises(NeedsAttention, match="did not come to confirmed"):
            telling.until(client, booking, "confirmed", asked, longest_s=2.0)
    finally:
        client.close()
        stop(door)


def test_fewer_candidates_than_promised_spoil_the_run(tmp_path: Path, run: Path) -> None:
    """AC-02: a coarser grid would be quicker, and prove nothing."""
    with pytest.raises(NeedsAttention, match="instead of 592"):
        deriving.measure(world(tmp_path, run), TINY, tmp_path, replace(RULES, grid_minutes=30))
