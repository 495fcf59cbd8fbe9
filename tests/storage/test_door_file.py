"""access.db opens whatever state the disk is in."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.foundation.clock import FakeClock
from appliance.foundation.ids import Uuid7
from appliance.storage.chain import Change, Head, start, verify
from appliance.storage.door_file import Origin, connect, journal_entries, open_door_file
from appliance.storage.door_writer import DoorWriter, Reserve

NOW = 1_800_000_000
IDS = Uuid7()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def reopened(path: Path, run: Path) -> tuple[Origin, str, str]:
    """Open and close; the origin, the problem and the id of the file."""
    file, connection = open_door_file(path, run, IDS, NOW)
    with closing(connection):
        return file.origin, file.problem, str(connection.execute("SELECT id FROM file").fetchone()[0])


def test_a_new_file_keeps_its_identity(tmp_path: Path, run: Path) -> None:
    """AC-20: the journal is bound to its file."""
    first, again = reopened(tmp_path / "access.db", run), reopened(tmp_path / "access.db", run)
    assert (first[0], again[0]) == (Origin.NEW, Origin.INTACT)
    assert first[2] == again[2]


def test_what_is_promised_of_the_connection_holds(tmp_path: Path, run: Path) -> None:
    """AC-09: WAL, FULL, foreign keys; a further connection cannot write."""
    file, connection = open_door_file(tmp_path / "access.db", run, IDS, NOW)
    with closing(connection), closing(connect(file)) as reader:
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "user_version": 9}
        assert {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted} == wanted
        with pytest.raises(sqlite3.OperationalError):
            reader.execute("DELETE FROM known_key")


@pytest.mark.parametrize("damage", ["garbage", "middle", "empty_name"])
def test_a_damaged_file_is_set_aside_and_begun_anew(tmp_path: Path, run: Path, damage: str) -> None:
    """AC-09: nothing of it is thrown away."""
    path = tmp_path / "access.db"
    file, connection = open_door_file(path, run, IDS, NOW)
    connection.executemany(
        "INSERT INTO site_plan VALUES ('desired', ?, ?) ON CONFLICT(role) DO UPDATE SET document = document || ?",
        [(n, "x" * 500, "x" * 500) for n in range(400)],
    )
    connection.close()
    data = bytearray(path.read_bytes())
    if damage == "garbage":
        data[:4096] = b"no database at all".ljust(4096, b"\0")
    elif damage == "middle":
        data[8192 : 8192 + 40_000] = os.urandom(40_000)
    else:
        data[100:4096] = bytes(3996)
    path.write_bytes(data)
    origin, problem, _ = reopened(path, run)
    assert origin is Origin.SET_ASIDE
    assert "damaged" in problem
    assert (tmp_path / f"access.db.corrupt-{NOW}").exists()
    assert file.origin is Origin.NEW


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte that can be filled."""
    folder = tmp_path / "disk"
    folder.mkdir()
    yield from mounted(folder, "-t", "tmpfs", "-o", "size=1m", "tmpfs")


def mounted(folder: Path, *options: str) -> Iterator[Path]:
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"needs the right to mount: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_on_a_full_disk_the_file_is_worked_on_in_the_run_folder(small_disk: Path, run: Path) -> None:
    """AC-09: done-when 2: what was known stays known."""
    path = small_disk / "access.db"
    before = reopened(path, run)
    fill(small_disk)
    origin, problem, file_id = reopened(path, run)
    assert (origin, file_id) == (Origin.COPIED, before[2])
    assert "cannot be written" in problem


def noted(path: Path, run: Path, number: int) -> list[str]:
    """Open, journal one event, close; everything in the journal then."""
    file, connection = open_door_file(path, run, IDS, NOW)
    connection.close()
    writer = DoorWriter(connect(file, writes=True), FakeClock(), "f", Reserve(None), lambda _name, _text: None)
    writer.submit(lambda tx: tx.journal(Change("door", "t", str(number), "happened")).seq).wait(5.0)
    writer.close()
    with closing(connect(file)) as reader:
        entries = list(journal_entries(reader))
        file_id = str(reader.execute("SELECT id FROM file").fetchone()[0])
    assert isinstance(verify(start(file_id), entries), Head)
    return [entry.entity_id for entry in entries]


def test_what_happened_in_the_run_folder_comes_home_when_there_is_room(small_disk: Path, run: Path) -> None:
    """AC-20: one chain through the trouble, a second start in it, and the end of it."""
    path = small_disk / "access.db"
    assert noted(path, run, 1) == ["1"]
    fill(small_disk)
    assert noted(path, run, 2) == ["1", "2"]
    assert noted(path, run, 3) == ["1", "2", "3"]
    (small_disk / "filler").unlink()
    assert noted(path, run, 4) == ["1", "2", "3", "4"]
    assert reopened(path, run)[0] is Origin.INTACT
    assert not (run / "access.db").exists()


def test_with_both_folders_full_the_file_is_worked_on_in_memory(small_disk: Path) -> None:
    """AC-09: done-when 2: as long as there is memory there is a door."""
    path, run = small_disk / "access.db", small_disk / "run"
    run.mkdir()
    before = reopened(path, run)
    fill(small_disk)
    assert reopened(path, run)[::2] == (Origin.MEMORY, before[2])


def test_a_read_only_folder_is_worked_around(tmp_path: Path, run: Path) -> None:
    """AC-09: done-when 2: a card that has turned read-only."""
    folder = tmp_path / "card"
    folder.mkdir()
    before = reopened(folder / "access.db", run)
    for _ in mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        assert reopened(folder / "access.db", run)[::2] == (Origin.COPIED, before[2])
