"""The one thread that writes `access.db`: what waits together is committed together, and on the disk before it is told.

    pending = writer.submit(work, keep=True)      pending.wait(0.25)

Work that must be kept (an event) and cannot be written waits in a bounded ring, marked late, until writing works again.
"""

import logging
import os
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Generic, Protocol, TypeAlias, TypeVar, cast

from appliance.foundation.clock import Clock
from appliance.foundation.errors import Bug, PortvaktError, Retryable
from appliance.storage.chain import Change, Entry, Head, follow, start

BATCH: Final = 64
RING: Final = 10_000
RETRY_S: Final = 1.0
RESERVE_BYTES: Final = 4 * 1024 * 1024
log = logging.getLogger(__name__)

# What says that the disk, not the statement, is at fault (primary result codes of SQLite).
_DISK_FAULTS: Final = frozenset({
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL,
})  # fmt: skip

SqlValue: TypeAlias = str | int | float | bytes | None
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class NotDurable(Retryable):
    """The write did not reach the disk."""


class Work(Protocol[T_co]):
    """A piece of work inside the write transaction. May be run again after a failure: it changes nothing else."""

    def __call__(self, tx: "Transaction", /) -> T_co: ...


class Pending(Generic[T]):
    """Work on its way to the disk. `is_late` is set when nobody waits for it any more."""

    def __init__(self, work: Work[T], *, keep: bool) -> None:
        self._work = work
        # A bare lock, because every presentation waits here: a future would cost it a condition and two locks more.
        self._told = threading.Lock()
        self._told.acquire()
        self.is_told = False
        self._results: list[T] = []
        self._fault: Exception | None = None
        self.keep = keep
        self.is_late = False

    def wait(self, seconds: float) -> T:
        """The result once it is durable. NotDurable when it failed, or was not in time: then it is marked late."""
        if not self._told.acquire(timeout=seconds):
            self.is_late = True
            raise NotDurable(f"not on the disk within {seconds} s")
        self._told.release()
        if self._fault is not None:
            raise self._fault
        return self._results[0]

    def run(self, tx: "Transaction") -> None:
        """Do the work; its own exceptions are its caller's."""
        self._results = [self._work(tx)]

    def finish(self) -> None:
        """Tell who waits that the work is durable."""
        if not self._results:
            raise Bug("work was told durable before it was done")
        self._tell(None)

    def fail(self, fault: Exception) -> None:
        """Tell who waits that it is not."""
        self._tell(fault)

    def _tell(self, fault: Exception | None) -> None:
        # Only the writer's thread tells, and only once: who was told that it is late is not told otherwise.
        if not self.is_told:
            self.is_told = True
            self._fault = fault
            self._told.release()


class Transaction:
    """What work may do: run statements, and add to the journal."""

    def __init__(self, connection: sqlite3.Connection, head: Head, clock: Clock, facility_id: str) -> None:
        self._connection = connection
        self._clock = clock
        self._facility_id = facility_id
        self.head = head
        self.is_late = False

    def execute(self, sql: str, values: tuple[SqlValue, ...] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self._connection.execute(sql, values)

    def journal(self, change: Change) -> Entry:
        """Add `change` to the journal of the door."""
        entry = follow(self.head, change, self._clock.now(), self._facility_id)
        self._connection.execute(
            "INSERT INTO journal VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (entry.seq, entry.at, entry.facility_id, entry.actor, entry.entity, entry.entity_id, entry.verb,
             entry.before, entry.after, entry.prev_hash, entry.hash),
        )  # fmt: skip
        self.head = Head(self.head.file_id, entry.seq, entry.hash)
        return entry


class DoorWriter:
    """The thread, its queue and its ring.

    commits: how many transactions were written so far.
    on_trouble: hears the name of a trouble (`disk`, `reserve`) and a plain English sentence, empty when it is over.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        clock: Clock,
        facility_id: str,
        reserve: "Reserve",
        on_trouble: Callable[[str, str], None],
        *,
        ring: int = RING,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._facility_id = facility_id
        self._reserve = reserve
        self._on_trouble = on_trouble
        self._queue: queue.SimpleQueue[Pending[object] | None] = queue.SimpleQueue()
        self._ring: deque[Pending[object]] = deque(maxlen=ring)
        self._lost = 0
        self._head = _read_head(connection)
        self.commits = 0
        self._is_closing = False
        self._is_in_trouble = False
        self._is_log_long = False
        self._thread = threading.Thread(target=self._serve, name="door-writer", daemon=True)
        self._thread.start()

    @property
    def head(self) -> Head:
        """Where the journal of the door ends."""
        return self._head

    @property
    def late_events(self) -> int:
        """How many events wait in memory for the disk."""
        return len(self._ring)

    def submit(self, work: Work[T], *, keep: bool = False) -> Pending[T]:
        """Queue `work`. With `keep` it is tried again until it is durable."""
        pending = Pending(work, keep=keep)
        # The queue holds work of every type; only the one who submitted reads its result.
        self._queue.put(cast(Pending[object], pending))
        return pending

    def shorten_log(self) -> None:
        """Have the rest of the log moved into the file after the next commit, while nothing is added to it."""
        self._is_log_long = True

    def close(self) -> None:
        """Write what waits, then close the file."""
        self._queue.put(None)
        self._thread.join(2.0)

    def _serve(self) -> None:
        while not self._is_closing:
            batch = self._next_batch()
            if batch or self._ring:
                self._write(batch)
                self._shorten_log()
        self._connection.close()

    def _shorten_log(self) -> None:
        if self._is_log_long:
            self._is_log_long = False
            # A disk that does not take it will not take the next commit either, which says so.
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def _next_batch(self) -> list[Pending[object]]:
        batch: list[Pending[object]] = []
        try:
            item = self._queue.get(timeout=RETRY_S if self._ring else None)
            while item is not None:
                batch.append(item)
                if len(batch) == BATCH:
                    return batch
                item = self._queue.get_nowait()
            self._is_closing = True
        except queue.Empty:
            pass
        return batch

    def _write(self, batch: list[Pending[object]]) -> None:
        work = [*self._ring, *batch]
        try:
            done = self._commit(work)
        except sqlite3.Error as fault:
            self._undo()
            # A full disk has room again once the reserve is let go.
            if self._reserve.let_go():
                self._on_trouble("reserve", "the disk is full and the reserve is in use; make room")
                self._write(batch)
                return
            self._is_in_trouble = True
            self._postpone(batch, fault)
            lost = f"; the oldest {self._lost} are lost, memory is full" if self._lost else ""
            self._on_trouble("disk", f"events cannot be written down: {fault}{lost}")
            return
        self._ring.clear()
        self._lost = 0
        if self._is_in_trouble:
            self._is_in_trouble = False
            self._on_trouble("disk", "")
        for pending in done:
            pending.finish()

    def _commit(self, work: list[Pending[object]]) -> list[Pending[object]]:
        """All of `work` in one transaction; those whose own statements held. Raises when the disk is at fault."""
        self._connection.execute("BEGIN IMMEDIATE")
        tx = Transaction(self._connection, self._head, self._clock, self._facility_id)
        if self._lost:
            # What did not fit into memory cannot be told any more, but that it happened can.
            tx.journal(Change("door", "journal", tx.head.file_id, "events_lost", after={"count": self._lost}))
        done = [pending for pending in work if self._run(pending, tx)]
        self._connection.execute("COMMIT")
        self._head = tx.head
        self.commits += 1
        return done

    def _run(self, pending: Pending[object], tx: Transaction) -> bool:
        tx.is_late = pending.is_late
        head = tx.head
        self._connection.execute("SAVEPOINT one")
        try:
            pending.run(tx)
        except sqlite3.Error as fault:
            if _is_disk_fault(fault):
                raise
            self._forget(pending, tx, head, Bug(f"a statement of the door process is wrong: {fault}"))
            return False
        except PortvaktError as refusal:
            self._forget(pending, tx, head, refusal)
            return False
        except Exception as mistake:
            # The rim of the one thread that must not die: the mistake is the submitter's, and everybody else goes on.
            log.exception("work in the write transaction failed")
            self._forget(pending, tx, head, Bug(f"work in the write transaction failed: {mistake}"))
            return False
        self._connection.execute("RELEASE one")
        return True

    def _forget(self, pending: Pending[object], tx: Transaction, head: Head, fault: PortvaktError) -> None:
        self._connection.execute("ROLLBACK TO one")
        self._connection.execute("RELEASE one")
        tx.head = head
        pending.fail(fault)

    def _undo(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _postpone(self, batch: list[Pending[object]], fault: sqlite3.Error) -> None:
        for pending in batch:
            if pending.keep and not pending.is_told:
                pending.is_late = True
                self._lost += len(self._ring) == self._ring.maxlen
                self._ring.append(pending)
            pending.fail(NotDurable(f"access.db cannot be written to: {fault}"))


class Reserve:
    """A file that keeps room on the disk for events, let go when the disk is full."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @property
    def is_wanted(self) -> bool:
        """Whether there should be one: not where the file lies in memory."""
        return self._path is not None

    def keep(self) -> bool:
        """Make the file unless it is there; whether it is."""
        if self._path is None:
            return False
        if self._path.exists():
            return True
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
            fresh.replace(self._path)
        except OSError:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            return False
        return True

    def let_go(self) -> bool:
        """Give the room back; whether there was any."""
        if self._path is None:
            return False
        try:
            self._path.unlink()
        except OSError:
            return False
        return True


def _read_head(connection: sqlite3.Connection) -> Head:
    file_id = str(connection.execute("SELECT id FROM file").fetchone()[0])
    row = connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(file_id, int(row[0]), bytes(row[1])) if row else start(file_id)


def _is_disk_fault(fault: sqlite3.Error) -> bool:
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF in _DISK_FAULTS
