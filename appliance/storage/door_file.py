"""`access.db`: how the door process opens its own file, whatever state the disk is in.

WAL, synchronous FULL, foreign keys. Migrations are numbered SQL files that run at start. A damaged file is set aside
and begun anew; a folder that cannot be written to is worked around in the run folder, or in memory at the last.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from shutil import copyfile
from typing import Final

from appliance.foundation.errors import NeedsAttention
from appliance.foundation.ids import Ids
from appliance.foundation.instants import Instant
from appliance.storage.chain import JOURNAL_DDL, Entry

BUSY_MS: Final = 200  # only this process writes here: who holds the file longer is a trouble of its own
_CHECK_STEPS: Final = 40_000  # of 1,000 virtual machine steps each: some hundred milliseconds
_MEMORY: Final = "file:portvakt-access?mode=memory&cache=shared"
_ENTRIES: Final = (
    "SELECT seq, at, facility_id, actor, entity, entity_id, verb, before, after, prev_hash, hash"
    " FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
)
_SIDE_FILES: Final = ("-wal", "-shm")
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Origin(StrEnum):
    """Where the rows came from."""

    INTACT = "intact"
    NEW = "new"  # there was no file
    SET_ASIDE = "set_aside"  # there was a damaged one
    COPIED = "copied"  # the folder cannot be written to: a copy in the run folder
    MEMORY = "memory"  # nor can the run folder


@dataclass(frozen=True, slots=True)
class DoorFile:
    """An opened `access.db`. `uri` opens further connections; `problem` is plain English, empty when all is well."""

    uri: str
    origin: Origin
    problem: str = ""

    @property
    def is_rebuilt(self) -> bool:
        """Whether what the file remembered of wrong tries is lost."""
        return self.origin in (Origin.NEW, Origin.SET_ASIDE)


def open_door_file(path: Path, run: Path, ids: Ids, now: Instant) -> tuple[DoorFile, sqlite3.Connection]:
    """The file at `path` and the one connection that may write to it."""
    _bring_home(path, run)
    origin = Origin.INTACT if path.exists() else Origin.NEW
    try:
        return _open(DoorFile(file_uri(path), origin), ids, now)
    except sqlite3.DatabaseError as fault:
        if _code(fault) not in _DAMAGED:
            return _work_around(path, run, ids, now, fault)
    try:
        aside = set_aside(path, now)
    except OSError as fault:
        return _work_around(path, run, ids, now, fault)
    problem = f"access.db was damaged and is kept as {aside.name}; the keys were read again from booking.db"
    return _open(DoorFile(file_uri(path), Origin.SET_ASIDE, problem), ids, now)


def connect(file: DoorFile, *, writes: bool = False) -> sqlite3.Connection:
    """A further connection; it may be used by any thread, one at a time."""
    connection = sqlite3.connect(file.uri, uri=True, check_same_thread=False, isolation_level=None)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    if file.origin is Origin.MEMORY:
        connection.execute("PRAGMA read_uncommitted = 1")
    if not writes:
        connection.execute("PRAGMA query_only = 1")
    return connection


def journal_entries(connection: sqlite3.Connection, chunk: int = 500) -> Iterator[Entry]:
    """Every entry of the door's journal, in chunks, so that no read lasts long."""
    seq = 0
    while rows := connection.execute(_ENTRIES, (seq, chunk)).fetchall():
        yield from (Entry(*row) for row in rows)
        seq = rows[-1][0]


def set_aside(path: Path, now: Instant) -> Path:
    """Rename a damaged file and its side files so that nobody loses what can still be read from them."""
    aside = path.with_name(f"{path.name}.corrupt-{now}")
    path.rename(aside)
    for side in _SIDE_FILES:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + side).rename(aside.with_name(aside.name + side))
    return aside


def _open(file: DoorFile, ids: Ids, now: Instant) -> tuple[DoorFile, sqlite3.Connection]:
    connection = connect(file, writes=True)
    try:
        for pragma in (
            "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -4000",
            # The keeper of the house checkpoints beside the writer, so that no presentation waits for it.
            "wal_autocheckpoint = 0", "journal_size_limit = 8388608",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")
        _migrate(connection, ids, now)
        _look_over(connection)
        # A file system that takes no writes says so now rather than at the first presentation.
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE memory SET boot_id = boot_id")
        connection.execute("COMMIT")
    except sqlite3.Error:
        connection.close()
        raise
    return file, connection


def newest_version() -> int:
    """The `user_version` of a file that all migrations have run on."""
    return len(_scripts())


def _scripts() -> list[str]:
    return sorted(item.name for item in _migrations().iterdir() if item.name.endswith(".sql"))


def _migrations() -> Traversable:
    return resources.files("appliance.storage") / "door_migrations"


def _migrate(connection: sqlite3.Connection, ids: Ids, now: Instant) -> None:
    done = int(connection.execute("PRAGMA user_version").fetchone()[0])
    folder, scripts = _migrations(), _scripts()
    if done > len(scripts):
        raise NeedsAttention("access.db was written by a newer version; install that version again")
    for number, name in enumerate(scripts[done:], done + 1):
        first = JOURNAL_DDL if number == 1 else ""
        connection.executescript("BEGIN IMMEDIATE;" + first + (folder / name).read_text(encoding="utf-8"))
        if number == 1:
            connection.execute("INSERT INTO file VALUES (?, ?)", (ids.new(), now))
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")


def _look_over(connection: sqlite3.Connection) -> None:
    """Find damage now, as far as that takes a moment; what is found later turns health red."""
    steps = iter(range(_CHECK_STEPS))
    connection.set_progress_handler(lambda: next(steps, None) is None, 1000)
    try:
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as fault:
        if _code(fault) != sqlite3.SQLITE_INTERRUPT:
            raise
        verdict = "ok"
    finally:
        connection.set_progress_handler(None, 0)
    if verdict != "ok":
        damage = sqlite3.DatabaseError(str(verdict))
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage


def _work_around(path: Path, run: Path, ids: Ids, now: Instant, why: Exception) -> tuple[DoorFile, sqlite3.Connection]:
    problem = f"access.db cannot be written to ({why}): mend the disk and start again; until then events are kept in"
    with contextlib.suppress(sqlite3.Error, OSError):
        _copy_to_run(path, run)
        return _open(DoorFile(file_uri(run / path.name), Origin.COPIED, f"{problem} the run folder"), ids, now)
    with contextlib.suppress(sqlite3.Error, OSError):
        return _open_in_memory(path, f"{problem} memory alone", ids, now)
    raise NeedsAttention(f"access.db can be opened nowhere: {why}") from why


def _bring_home(path: Path, run: Path) -> None:
    """Put a copy that went on in the run folder back in its place, once that can be written to again."""
    copy, home = run / path.name, path.with_name(path.name + ".home")
    if not _goes_on_from(copy, path):
        return
    try:
        with contextlib.closing(sqlite3.connect(file_uri(copy), uri=True)) as source:
            source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        copyfile(copy, home)
        with home.open("rb") as file:
            os.fsync(file.fileno())
        _without_side_files(path)
        home.replace(path)
    except (sqlite3.Error, OSError):
        # Still no room: the copy stays where it is and is worked on again.
        with contextlib.suppress(OSError):
            home.unlink(missing_ok=True)
        return
    copy.unlink()
    _without_side_files(copy)


def _goes_on_from(copy: Path, path: Path) -> bool:
    """Whether the journal of `copy` holds all that the journal of `path` does, and more."""
    try:
        with contextlib.closing(_onlooker(copy)) as ours, contextlib.closing(_onlooker(path)) as theirs:
            head = theirs.execute("SELECT (SELECT id FROM file), max(seq), hash FROM journal").fetchone()
            mine = ours.execute("SELECT (SELECT id FROM file), max(seq) FROM journal").fetchone()
            same = ours.execute("SELECT hash FROM journal WHERE seq = ?", (head[1],)).fetchone()
    except (sqlite3.Error, OSError):
        return False
    return bool(head[0] == mine[0] and (mine[1] or 0) > (head[1] or 0) and (head[1] is None or same == (head[2],)))


def _onlooker(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there."""
    return sqlite3.connect(f"{file_uri(path)}?mode=rw", uri=True)


def _copy_to_run(path: Path, run: Path) -> None:
    copy, fresh = run / path.name, run / (path.name + ".fresh")
    _without_side_files(fresh)
    # Not the -shm file: it is made anew from the -wal file.
    for side in ("", "-wal"):
        source = path.with_name(path.name + side)
        if source.exists():
            copyfile(source, fresh.with_name(fresh.name + side))
    if not _goes_on_from(copy, fresh):
        with contextlib.closing(_onlooker(fresh)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _without_side_files(copy)
        fresh.replace(copy)
    fresh.unlink(missing_ok=True)
    _without_side_files(fresh)


def _without_side_files(path: Path) -> None:
    for side in _SIDE_FILES:
        path.with_name(path.name + side).unlink(missing_ok=True)


def _open_in_memory(path: Path, problem: str, ids: Ids, now: Instant) -> tuple[DoorFile, sqlite3.Connection]:
    file = DoorFile(_MEMORY, Origin.MEMORY, problem)
    # The rows live as long as one connection does.
    with contextlib.closing(connect(file, writes=True)) as anchor:
        if path.exists():
            _fill(anchor, path)
        return _open(file, ids, now)


def _fill(anchor: sqlite3.Connection, path: Path) -> None:
    """Read the rows from a disk on which not even a side file can be made."""
    try:
        with contextlib.closing(_onlooker(path)) as source:
            # Alone with the file SQLite needs no -shm file beside the -wal file.
            source.execute("PRAGMA locking_mode = EXCLUSIVE")
            source.backup(anchor)
    except sqlite3.Error:
        with contextlib.closing(sqlite3.connect(f"{file_uri(path)}?mode=ro&immutable=1", uri=True)) as source:
            source.backup(anchor)


def file_uri(path: Path) -> str:
    """The name by which SQLite opens the file at `path`."""
    return "file:" + str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _code(fault: sqlite3.Error) -> int:
    """The primary result code of SQLite; 0 when the module itself complained."""
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF
