"""The one thread that writes: durable before it is told, together when they wait together, late when the disk fails."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.foundation.clock import FakeClock
from appliance.foundation.errors import Bug, NeedsAttention
from appliance.foundation.ids import Uuid7
from appliance.storage.chain import Change, Head, start, verify
from appliance.storage.door_file import DoorFile, connect, journal_entries, open_door_file
from appliance.storage.door_writer import DoorWriter, NotDurable, Reserve, Transaction

WAIT_S = 5.0


class Ground:
    """A file, its writer, and what was heard of troubles."""

    def __init__(self, folder: Path, *, ring: int = 100) -> None:
        self.path = folder / "access.db"
        self.reserve = Reserve(folder / "reserve")
        self.file, connection = open_door_file(self.path, folder, Uuid7(), 0)
        self.troubles: list[tuple[str, str]] = []
        self.writer = DoorWriter(
            connection,
            FakeClock(),
            "f",
            self.reserve,
            lambda name, sentence: self.troubles.append((name, sentence)),
            ring=ring,
        )


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    one = Ground(tmp_path)
    yield one
    one.writer.close()


def event(number: int) -> Change:
    return Change("door", "test", str(number), "happened", after={"n": number})


def written(file: DoorFile) -> list[str]:
    with closing(connect(file)) as connection:
        entries = list(journal_entries(connection))
        head = verify(start(str(connection.execute("SELECT id FROM file").fetchone()[0])), entries)
    assert isinstance(head, Head)
    return [entry.entity_id for entry in entries]


def test_what_is_told_durable_is_in_the_file(ground: Ground) -> None:
    """AC-09: another connection sees it before the answer comes."""
    for number in range(20):

        def write(tx: Transaction, number: int = number) -> None:
            tx.journal(event(number))

        ground.writer.submit(write).wait(WAIT_S)
        assert len(written(ground.file)) == number + 1


def test_work_that_waits_together_is_committed_together(ground: Ground) -> None:
    """AC-09: one fsync for many; the chain holds all the same."""
    gate = threading.Event()
    versions: list[int] = []
    first = ground.writer.submit(lambda _tx: gate.wait(WAIT_S))
    with closing(connect(ground.file)) as onlooker:
        version = onlooker.execute("PRAGMA data_version").fetchone()[0]
        waiting = [ground.writer.submit(lambda tx, n=n: tx.journal(event(n)).seq) for n in range(50)]
        gate.set()
        first.wait(WAIT_S)
        seqs = [pending.wait(WAIT_S) for pending in waiting]
        versions.append(onlooker.execute("PRAGMA data_version").fetchone()[0] - version)
    assert seqs == list(range(1, 51))
    assert versions[0] <= 2


def test_work_that_fails_takes_nobody_with_it(ground: Ground) -> None:
    """AC-09: its statements are undone, its neighbours' stand, the chain has no hole."""
    gate = threading.Event()
    ground.writer.submit(lambda _tx: gate.wait(WAIT_S))

    def refused(tx: Transaction) -> None:
        tx.journal(event(1))
        raise NeedsAttention("no")

    def wrong(tx: Transaction) -> None:
        tx.execute("INSERT INTO no_such_table VALUES (1)")

    def mistaken(tx: Transaction) -> None:
        raise KeyError("x")

    good = ground.writer.submit(lambda tx: tx.journal(event(0)).seq)
    bad = [ground.writer.submit(work) for work in (refused, wrong, mistaken)]
    last = ground.writer.submit(lambda tx: tx.journal(event(2)).seq)
    gate.set()
    assert (good.wait(WAIT_S), last.wait(WAIT_S)) == (1, 2)
    for pending, fault in zip(bad, (NeedsAttention, Bug, Bug), strict=True):
        with pytest.raises(fault):
            pending.wait(WAIT_S)
    assert written(ground.file) == ["0", "2"]


def test_what_was_told_to_have_failed_is_not_written_later(ground: Ground) -> None:
    """AC-09: refused work in a commit for which the disk is full stays refused when the disk is back."""
    gate = threading.Event()
    tried: list[int] = []
    ground.writer.submit(lambda _tx: gate.wait(WAIT_S))

    def refused(tx: Transaction) -> None:
        if not tx.is_late:
            raise NeedsAttention("no")
        tx.journal(event(1))

    def full_once(tx: Transaction) -> None:
        if not tried:
            tried.append(tx.head.seq)
            fault = sqlite3.OperationalError("database or disk is full")
            fault.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise fault
        tx.journal(event(2))

    no = ground.writer.submit(refused, keep=True)
    late = ground.writer.submit(full_once, keep=True)
    gate.set()
    with pytest.raises(NeedsAttention):
        no.wait(WAIT_S)
    with pytest.raises(NotDurable):
        late.wait(WAIT_S)
    ground.writer.submit(lambda _tx: None).wait(WAIT_S)
    assert written(ground.file) == ["2"]


def test_who_waits_too_long_is_told_and_the_event_is_marked_late(ground: Ground) -> None:
    """AC-09: a slow disk delays nobody, and the journal says so."""
    gate = threading.Event()
    ground.writer.submit(lambda _tx: gate.wait(WAIT_S))
    late: list[bool] = []
    pending = ground.writer.submit(lambda tx: late.append(tx.is_late), keep=True)
    with pytest.raises(NotDurable):
        pending.wait(0.05)
    gate.set()
    ground.writer.submit(lambda _tx: None).wait(WAIT_S)
    assert late == [True]


def test_events_wait_in_the_ring_until_the_disk_is_back(ground: Ground) -> None:
    """AC-09: a file that somebody else holds is a disk that does not answer; nothing is lost."""
    with closing(sqlite3.connect(ground.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        pending = [ground.writer.submit(lambda tx, n=n: tx.journal(event(n)).seq, keep=True) for n in range(5)]
        with pytest.raises(NotDurable):
            pending[0].wait(WAIT_S + 2)
        other.execute("ROLLBACK")
    ground.writer.submit(lambda _tx: None).wait(WAIT_S)
    assert written(ground.file) == ["0", "1", "2", "3", "4"]
    assert ground.writer.late_events == 0
    assert (ground.troubles[0][0], ground.troubles[-1]) == ("disk", ("disk", ""))


def test_events_that_did_not_fit_into_memory_are_counted_on_record(tmp_path: Path) -> None:
    """AC-20: what is lost is at least known to be lost."""
    ground = Ground(tmp_path, ring=3)
    with closing(ground.writer), closing(sqlite3.connect(ground.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for number in range(5):
            with pytest.raises(NotDurable):
                ground.writer.submit(lambda tx, n=number: tx.journal(event(n)).seq, keep=True).wait(WAIT_S + 2)
        assert "the oldest 2 are lost" in ground.troubles[-1][1]
        other.execute("ROLLBACK")
        ground.writer.submit(lambda _tx: None).wait(WAIT_S)
        with closing(connect(ground.file)) as connection:
            entries = list(journal_entries(connection))
    assert [(entry.verb, entry.body_after()) for entry in entries] == [
        ("events_lost", {"count": 2}),
        *(("happened", {"n": number}) for number in (2, 3, 4)),
    ]


def test_the_reserve_is_kept_and_let_go(tmp_path: Path) -> None:
    """AC-09: room for events on a full disk."""
    reserve = Reserve(tmp_path / "reserve")
    assert reserve.keep()
    assert reserve.keep()
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= 4 * 1024 * 1024
    assert reserve.let_go()
    assert not reserve.let_go()
