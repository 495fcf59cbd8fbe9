"""The real door process, killed and starved: doors keep working and nothing confirmed is lost."""

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.door_socket.client import DoorClient, DoorUnreachable
from appliance.storage.chain import Entry, Head, start, verify
from appliance.storage.door_file import DoorFile, Origin, connect, journal_entries
from tests.access.bookings import uuid
from tests.access.rig import eventually
from tests.whole_unit.door_unit import ROOT, DoorUnit, door_unit

pytestmark = pytest.mark.whole_unit


@pytest.fixture
def unit() -> Iterator[DoorUnit]:
    with door_unit() as one:
        yield one


def journal(unit: DoorUnit) -> list[Entry]:
    """The door's journal, verified from its beginning."""
    with closing(connect(DoorFile(f"file:{unit.settings.access_file}", Origin.INTACT))) as connection:
        entries = list(journal_entries(connection))
        file_id = str(connection.execute("SELECT id FROM file").fetchone()[0])
    assert isinstance(verify(start(file_id), entries), Head)
    return entries


def test_it_is_small_and_leaves_in_an_orderly_way(unit: DoorUnit) -> None:
    """AC-15: below 60 MiB with a thousand keys, and it leaves in two seconds."""
    unit.bookings.put(*(unit.bookings.pin_key(number, f"{100000 + number}") for number in range(1000)))
    unit.start_with_doors()
    for number in range(50):
        assert unit.client.present("entrance", "pin", f"{100000 + number}", "r").granted
    assert unit.rss_mib() < 60
    assert (unit.settings.pid_folder / "door.pid").exists()
    begun = unit.clock.monotonic()
    assert unit.stop() == 0
    assert unit.clock.monotonic() - begun < 2.0
    assert not (unit.settings.pid_folder / "door.pid").exists()


def test_without_bookings_and_after_a_kill_a_known_key_still_opens(unit: DoorUnit) -> None:
    """AC-09: done-when 2: booking.db deleted, the door process killed and started again."""
    unit.bookings.put(unit.bookings.pin_key(1, "271828"), unit.bookings.pin_key(2, "314159"))
    unit.start_with_doors()
    seq = unit.bookings.put(unit.bookings.pin_key(2, "314159", state="cancelled", revision=2))
    assert unit.client.catch_up(seq) == seq
    unit.delete_bookings()
    unit.kill()
    unit.start()
    opened = unit.client.present("entrance", "pin", "271828", "r")
    assert (opened.granted, opened.stale) == (True, True)
    assert unit.client.present("entrance", "pin", "314159", "r").reason == "cancelled"
    assert unit.client.health().colour == "red"


class Guest(threading.Thread):
    """Presents one PIN after another until the door process is gone; remembers what was confirmed."""

    def __init__(self, run: Path, number: int) -> None:
        super().__init__(daemon=True)
        self.granted: list[str] = []
        self.denied: list[str] = []
        self._client = DoorClient(run)
        self._number = number

    def run(self) -> None:
        try:
            while True:
                good = self._client.present("entrance", "pin", "271828", f"r{self._number}")
                (self.granted if good.granted and not good.late else self.denied).append(good.presentation_id)
        except DoorUnreachable:
            self._client.close()


def kill_rounds(unit: DoorUnit, rounds: int) -> None:
    """Kill in the middle of presentations and of a growing booking.db, again and again."""
    dice = random.Random(7)
    unit.bookings.put(unit.bookings.pin_key(1, "271828"))
    unit.start_with_doors()
    confirmed: set[str] = set()
    for number in range(rounds):
        guests = [Guest(unit.settings.run, guest) for guest in range(3)]
        for guest in guests:
            guest.start()
        for more in range(20):
            unit.bookings.put(unit.bookings.pin_key(100 + number * 20 + more, "1"))
        threading.Event().wait(dice.uniform(0.02, 0.25))
        unit.kill()
        for guest in guests:
            guest.join(10)
            confirmed.update(guest.granted)
        unit.start()
        seq = unit.bookings.head.seq
        assert unit.client.catch_up(seq, wait_ms=5000) == seq
    written = {entry.entity_id for entry in journal(unit) if entry.verb == "granted"}
    assert confirmed
    assert confirmed <= written, "confirmed entries are missing"
    assert unit.client.health().known_keys == 1 + rounds * 20


def test_kill_9_loses_nothing_confirmed(unit: DoorUnit) -> None:
    """AC-20: done-when 5: ten times; the journal verifies and the cursor goes on."""
    kill_rounds(unit, 10)


@pytest.mark.long
def test_kill_9_fifty_times(unit: DoorUnit) -> None:
    """AC-20: done-when 5: fifty times."""
    kill_rounds(unit, 50)


def test_a_damaged_file_is_rebuilt_from_the_bookings(unit: DoorUnit) -> None:
    """AC-10: with its PINs shut at first, when the unit is not brand new."""
    unit.bookings.put(unit.bookings.pin_key(1, "271828"))
    unit.start_with_doors()
    unit.kill()
    unit.settings.access_file.write_bytes(b"\0" * 8192)
    for side in ("-wal", "-shm"):
        (unit.settings.data / f"access.db{side}").unlink(missing_ok=True)
    unit.start()
    eventually(lambda: unit.client.health().known_keys == 1 and bool(unit.client.doors()), "the rebuild")
    assert unit.client.present("entrance", "pin", "271828", "r").reason == "locked_out"
    assert any("damaged" in problem for problem in unit.client.health().problems)


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    """A file system of sixteen megabytes."""
    folder = tmp_path / "card"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"needs the right to mount: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with (folder / "filler").open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_on_a_full_disk_a_known_key_opens_and_health_is_red(card: Path) -> None:
    """AC-09: done-when 2: the reserve first, then memory; also after a kill; and all is well when there is room."""
    with door_unit(card) as unit:
        unit.bookings.put(unit.bookings.pin_key(1, "271828"))
        unit.start_with_doors()
        eventually(lambda: (card / "access.reserve").exists(), "the reserve")
        fill(card)
        late = False
        for number in range(4000):
            verdict = unit.client.present("entrance", "pin", "271828", f"r{number % 50}")
            assert verdict.granted
            late = late or verdict.late
            if not (card / "access.reserve").exists():
                fill(card)
            if late:
                break
        assert late
        assert unit.client.health().colour == "red"
        assert unit.client.health().late_events > 0
        (card / "filler").unlink()
        eventually(lambda: unit.client.health().late_events == 0, "the ring to be written")
        assert any(entry.body_after().get("late") for entry in journal(unit))
        fill(card)
        unit.kill()
        unit.start()
        assert unit.client.present("entrance", "pin", "271828", "r").granted
        assert unit.client.health().colour == "red"


def test_on_a_read_only_disk_a_known_key_opens_and_health_is_red(card: Path) -> None:
    """AC-09: done-when 2: a card that has turned read-only."""
    with door_unit(card) as unit:
        unit.bookings.put(
            unit.bookings.pin_key(1, "271828"), unit.bookings.pin_key(2, "314159", state="cancelled", id=uuid(3))
        )
        unit.start_with_doors()
        unit.stop()
        unit.bookings.close()
        done = subprocess.run(["mount", "-o", "remount,ro", str(card)], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        unit.start()
        eventually(lambda: bool(unit.client.doors()), "the doors")
        assert unit.client.present("entrance", "pin", "271828", "r").granted
        assert unit.client.present("entrance", "pin", "314159", "r").reason == "cancelled"
        health = unit.client.health()
        assert health.colour == "red"
        assert any("cannot be written" in problem for problem in health.problems)


def test_a_door_that_answers_before_it_writes_is_found_out(unit: DoorUnit) -> None:
    """AC-20: the negative control of the kill rounds: without the wait for the disk they fail."""
    unit.program = "tests.whole_unit.hasty_door_program"
    with pytest.raises(AssertionError, match="confirmed entries are missing"):
        kill_rounds(unit, 3)


def test_a_second_door_process_is_refused(unit: DoorUnit) -> None:
    """AC-15: two of them would pull at the same doors."""
    unit.start_with_doors()
    command = [sys.executable, "-m", unit.program, str(unit.config)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert "another door process" in second.stderr
    assert unit.client.doors()
