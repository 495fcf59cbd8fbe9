"""The SQLAlchemy engine of `booking.db`: WAL, FULL synchronous, foreign keys, and writers that take the lock at once.

A deferred transaction that turns into a writer can fail in a way that waiting does not cure, so every write begins
IMMEDIATE; plain reads begin deferred and take no lock.
"""

import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import NullPool, QueuePool

from appliance.foundation.errors import Bug

BUSY_MS = 5000
CONNECTIONS = 16
_WRITES = "portvakt_writes"


def open_engine(path: Path) -> Engine:
    """An engine on the SQLite file at `path`, which is made when missing. Connections are shared by threads in turn."""
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        poolclass=QueuePool,
        pool_size=CONNECTIONS,
        max_overflow=0,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": BUSY_MS / 1000},
        pool_reset_on_return=None,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def open_to_read(path: Path) -> Engine:
    """An engine that only reads the file at `path`, which must be there; for those who look on."""
    uri = f"file:{quote(str(path))}?mode=ro&uri=true"
    return create_engine(f"sqlite+pysqlite:///{uri}", poolclass=NullPool, connect_args={"timeout": BUSY_MS / 1000})


def writing(engine: Engine) -> Engine:
    """The same engine and pool, whose transactions take the write lock when they begin."""
    return engine.execution_options(**{_WRITES: True})


def _prepare(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_MS}",
        "cache_size = -8000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    driver = driver_of(connection)
    if not driver.in_transaction:
        writes = connection.get_execution_options().get(_WRITES, False)
        driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The connection of SQLite's own module below one of SQLAlchemy's."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise Bug("booking.db is a SQLite file")
    return driver
