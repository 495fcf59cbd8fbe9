"""Reading a journal file from a cursor without ever writing to it: the way facts cross between the two processes.

The door process follows `booking.db`, the web process follows `access.db`; both use this reader and keep their cursor
(a `Head`) in the file that they write themselves, in the same transaction as what they made of the entries.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from appliance.foundation.errors import NeedsAttention, Retryable
from appliance.foundation.instants import Instant
from appliance.storage.chain import Entry, Head, start

_AFTER = (
    "SELECT seq, at, facility_id, actor, entity, entity_id, verb, before, after, prev_hash, hash"
    " FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
)


class FileReplaced(NeedsAttention):
    """The journal is not the one that the cursor came from, or its past was rewritten."""


class FileUnreadable(Retryable):
    """The file is missing, locked or damaged right now."""


class JournalReader:
    """A read-only view of one journal file. Holds no transaction between calls."""

    def __init__(self, path: Path, *, busy_ms: int = 10) -> None:
        self._path = path
        self._busy_ms = busy_ms
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._openings = 0

    def data_version(self) -> int:
        """A number that changes whenever another process has committed to the file, or the file was opened anew."""
        version = int(self._one("PRAGMA data_version")[0])
        return self._openings << 32 | version

    def head(self) -> Head:
        """Where the journal ends now."""
        file_id = self.file_id()
        row = self._query("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        return Head(file_id, int(row[0]), bytes(row[1])) if row else start(file_id)

    def file_id(self) -> str:
        return str(self._one("SELECT id FROM file")[0])

    def made_at(self) -> Instant:
        """When the file was made, in UTC seconds."""
        return int(self._one("SELECT made_at FROM file")[0])

    def check(self, cursor: Head) -> None:
        """Raise FileReplaced unless `cursor` is a place in this very journal."""
        file_id = self.file_id()
        if file_id != cursor.file_id:
            raise FileReplaced(
                f"{self._path.name} is another file than the one followed so far; run portvakt reconcile"
            )
        if cursor.seq == 0:
            expected: bytes | None = start(file_id).hash
        else:
            row = self._query("SELECT hash FROM journal WHERE seq = ?", (cursor.seq,)).fetchone()
            expected = bytes(row[0]) if row else None
        if expected != cursor.hash:
            raise FileReplaced(f"{self._path.name} was restored or rewritten; run portvakt reconcile")

    def after(self, seq: int, limit: int) -> list[Entry]:
        """At most `limit` entries that come after `seq`, in order."""
        return [_entry(row) for row in self._query(_AFTER, (seq, limit))]

    def all(self, chunk: int = 1000) -> Iterator[Entry]:
        """Every entry from the beginning, read in chunks so that no transaction stays open."""
        seq = 0
        while entries := self.after(seq, chunk):
            yield from entries
            seq = entries[-1].seq

    def query(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """The rows of one read-only statement."""
        return self._query(sql, values).fetchall()

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """Everything read inside belongs to one moment of the file. Keep it short: the file cannot shrink meanwhile."""
        self._query("BEGIN")
        try:
            yield
        finally:
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def rows(self, sql: str, values: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
        """The rows of one read-only statement, one by one, so that a long table needs no memory."""
        try:
            yield from self._query(sql, values)
        except sqlite3.Error as fault:
            self.close()
            raise FileUnreadable(f"{self._path.name} cannot be read: {fault}") from fault

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _one(self, sql: str) -> tuple[int | str, ...]:
        row: tuple[int | str, ...] | None = self._query(sql).fetchone()
        if row is None:
            raise FileUnreadable(f"{self._path.name} holds no journal yet")
        return row

    def _query(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._open().execute(sql, values)
        except (sqlite3.Error, OSError) as fault:
            self.close()
            raise FileUnreadable(f"{self._path.name} cannot be read: {fault}") from fault

    def _open(self) -> sqlite3.Connection:
        # A file that was moved away keeps answering through the old connection: compare what the name points to now.
        inode = os.stat(self._path).st_ino
        if self._connection is not None and inode != self._inode:
            self.close()
        if self._connection is None:
            uri = f"file:{str(self._path).replace('%', '%25').replace('?', '%3f').replace('#', '%23')}?mode=ro"
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
            self._connection.execute(f"PRAGMA busy_timeout = {self._busy_ms}")
            self._connection.execute("PRAGMA query_only = 1")
            self._inode = inode
            self._openings += 1
        return self._connection


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(*row)
