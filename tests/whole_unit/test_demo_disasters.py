"""Doors keep working when what is around them is deleted, full or read-only. Each test takes a demo of its own."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from appliance.config_file import write
from tests.waiting import until
from tests.whole_unit.demo_api import Booked
from tests.whole_unit.demo_unit import ENTRANCE_PIN, Demo, cli_present, door_health, doors_ready, running, running_demo
from tests.witness import read_pulses

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
WIRING = "entrance:strike=17,contact=27,rex=22,tamper=23"


def edges(demo: Demo) -> int:
    return len(read_pulses(demo.data / "edges.jsonl", ENTRANCE_PIN))


def _fired(demo: Demo, times: int) -> bool:
    return edges(demo) == times


@pytest.mark.feature("AC-09", "AC-10")
def test_without_web_and_bookings_and_after_a_restart_a_known_key_opens_and_a_cancelled_one_does_not() -> None:
    """AC-09: web killed, booking.db and its side files deleted, then the door process killed and started again."""
    with running_demo() as demo:
        kept, gone = demo.book_open("court-2"), demo.book_open("court-3")
        assert demo.cancel(gone).body["revocation"] == "done"
        door, before = demo.pid("door"), edges(demo)
        with demo.unsupervised():
            demo.kill("web")
            for side in ("", "-wal", "-shm"):
                (demo.data / f"booking.db{side}").unlink(missing_ok=True)
            demo.kill("door")
        assert until(lambda: demo.pid("door") not in (0, door) and doors_ready(demo.run), 20)
        for number, kind in enumerate(("pin", "qr"), 1):
            value = {"pin": kept.pin, "qr": kept.qr}[kind]
            said = demo.cli_present("entrance", kind, value)
            assert (said["exit"], said["verdict"], said["released_s"]) == (0, "granted", 5), said
            assert until(partial(_fired, demo, before + number), 5)
            assert demo.cli_present("court-2", kind, value)["verdict"] == "granted"
            assert demo.cli_present("court-4", kind, value)["reason"] == "wrong_door"
            shut = demo.cli_present("court-3", kind, {"pin": gone.pin, "qr": gone.qr}[kind])
            assert (shut["exit"], shut["verdict"], shut["reason"]) == (1, "denied", "cancelled")
            assert until(lambda: read_pulses(demo.data / "edges.jsonl", ENTRANCE_PIN)[-1].end is not None, 8)
        assert until(lambda: "is missing although this unit has sold before" in demo.log("web"), 15)
        assert not (demo.data / "booking.db").exists(), "nothing is sold from a new empty file"
        with pytest.raises(OSError, match="refused"):
            demo.api.health()
        health = door_health(demo.run)
        assert health is not None
        assert health.colour == "red"


@pytest.fixture
def card() -> Iterator[Path]:
    """A file system of forty megabytes, mounted for one test."""
    folder = Path(tempfile.mkdtemp(prefix="pv-card-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        folder.rmdir()
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with (folder / "filler").open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.mark.feature("AC-09")
def test_on_a_full_disk_a_known_key_opens_and_health_is_red(card: Path) -> None:
    """AC-09: with everything running on it; late events are written once there is room, and health is well again."""
    with running_demo(card / "data") as demo:
        booking = demo.book_open("court-2")
        assert until(lambda: (demo.data / "access.reserve").exists())
        fill(card)
        # The reserve keeps room for thousands of events: take that room too, as soon as it is let go.
        assert until(lambda: _until_late(demo, booking, card), 60)
        said = demo.cli_present("court-2", "pin", booking.pin)
        assert (said["exit"], said["verdict"]) == (0, "granted"), said
        assert demo.cli_present("entrance", "qr", booking.qr)["verdict"] == "granted"
        assert demo.cli_present("court-4", "qr", booking.qr)["reason"] == "wrong_door"
        health = demo.api.health()
        assert (health["status"], health["colour"]) == ("failing", "red")
        refused = demo.api.ask("POST", "/bookings", {"service": "padel"})
        assert refused.status >= 400
        (card / "filler").unlink()
        assert until(lambda: _all_written(demo), 15), door_health(demo.run)
        late = [entry for entry in demo.door_journal() if entry["after"].get("late")]
        assert late, "what could not be written is on record, marked late"
        assert demo.command("verify-journal").returncode == 0


def _until_late(demo: Demo, booking: Booked, card: Path) -> bool:
    for _ in range(50):
        assert demo.present("court-2", "qr", booking.qr)["verdict"] == "granted"
    fill(card)
    return _late_events(demo) > 0


def _all_written(demo: Demo) -> bool:
    health = door_health(demo.run)
    return health is not None and health.late_events == 0 and "written down" not in " ".join(health.problems)


def _late_events(demo: Demo) -> int:
    health = door_health(demo.run)
    return health.late_events if health is not None else 0


@pytest.mark.feature("AC-09")
def test_on_a_read_only_disk_a_known_key_opens_and_health_is_red(card: Path) -> None:
    """AC-09: door, web and pins are started over a data folder that nobody can write to."""
    with running_demo(card / "data") as demo:
        kept, gone = demo.book_open("court-2"), demo.book_open("court-3")
        assert demo.cancel(gone).body["revocation"] == "done"
        settings = demo.settings
        assert demo.end() == 0
    with tempfile.TemporaryDirectory(prefix="pv-ro-") as name, ExitStack() as stack:
        folder = Path(name)
        config, log, pins = folder / "portvakt.toml", folder / "log", folder / "wire.sock"
        config.write_text(write(replace(settings, run=folder / "run", wire_socket=pins)))
        assert subprocess.run(["mount", "-o", "remount,ro", str(card)], check=False).returncode == 0
        wire = ["gpio-wire", "--socket", pins, "--edges", folder / "edges.jsonl", "--door", WIRING]
        stack.enter_context(running("emulate", *wire, log=log))
        assert until(pins.exists)
        stack.enter_context(running("door", "--config", config, log=log))
        stack.enter_context(running("web", "--config", config, log=log))
        assert until(lambda: doors_ready(folder / "run"), 15), log.read_text()
        for kind, value in (("pin", kept.pin), ("qr", kept.qr)):
            said = cli_present("entrance", kind, value, "--config", str(config))
            assert (said["exit"], said["verdict"]) == (0, "granted"), said
            assert cli_present("court-2", kind, value, "--config", str(config))["verdict"] == "granted"
        assert cli_present("court-3", "qr", gone.qr, "--config", str(config))["reason"] == "cancelled"
        assert cli_present("court-4", "qr", kept.qr, "--config", str(config))["reason"] == "wrong_door"
        assert read_pulses(folder / "edges.jsonl", ENTRANCE_PIN), "the relay fired"
        health = door_health(folder / "run")
        assert health is not None
        assert health.colour == "red"
