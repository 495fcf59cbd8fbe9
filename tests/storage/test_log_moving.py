"""The write-ahead log stays short, also where commits follow each other without a pause (DR-13)."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.foundation.clock import SystemClock
from appliance.foundation.ids import Uuid7
from appliance.storage.door_file import connect, open_door_file
from appliance.storage.door_writer import DoorWriter, Reserve, Transaction
from appliance.storage.log_moving import LogMover
from tests.waiting import until

LIMIT = 200
COMMITS = 1_000


class Busy:
    """A door file with a writer that always has the next thing to write, from three sides."""

    def __init__(self, folder: Path) -> None:
        clock = SystemClock()
        self.file, connection = open_door_file(folder / "access.db", folder, Uuid7(), clock.now())
        connection.execute("CREATE TABLE heap(what TEXT)")
        self.writer = DoorWriter(connection, clock, "hall", Reserve(None), lambda _name, _sentence: None)
        self._stopping = threading.Event()
        self._sides = [threading.Thread(target=self._write, daemon=True) for _ in range(3)]
        for side in self._sides:
            side.start()

    def longest(self, on_long: Callable[[], None]) -> int:
        """The most frames that the log had while it was moved again and again."""
        mover, seen = LogMover(connect(self.file, writes=True), on_long, LIMIT), list[int]()

        def moved_often() -> bool:
            seen.append(mover.move())
            return self.writer.commits > COMMITS

        assert until(moved_often, 60)
        mover.close()
        return max(seen)

    def close(self) -> None:
        self._stopping.set()
        for side in self._sides:
            side.join()
        self.writer.close()

    def _write(self) -> None:
        while not self._stopping.is_set():
            self.writer.submit(_row).wait(5)


def _row(tx: Transaction) -> None:
    tx.execute("INSERT INTO heap VALUES (?)", ("x" * 20_000,))


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Busy]:
    one = Busy(tmp_path)
    yield one
    one.close()


def test_it_stays_short_under_a_writer_that_never_pauses(busy: Busy) -> None:
    assert busy.longest(busy.writer.shorten_log) < 10 * LIMIT


def test_without_the_writer_it_grows_and_grows(busy: Busy) -> None:
    """The control: moving beside the writer alone does not let it begin anew."""
    assert busy.longest(lambda: None) > 15 * LIMIT
