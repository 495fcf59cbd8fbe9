"""A booking file under raw SQL, as a hostile hand would reach it: foreign keys off, no code of ours in between."""

import atexit
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from appliance.foundation.ids import Uuid7
from appliance.storage.engine import open_engine
from appliance.storage.migrating import migrate

HOUR = 3600
T = 1_796_000_000


@dataclass(frozen=True, slots=True)
class RawFile:
    """Two courts of which there is one each, and a counted thing of three."""

    connection: sqlite3.Connection
    path: Path

    def insert(
        self, resource: str, start: int, end: int, quantity: object = 1, active: object = 1, how: str = ""
    ) -> int:
        """Insert a claim by a statement `INSERT <how> INTO claim`; its id."""
        made = self.connection.execute(
            f"INSERT {how} INTO claim(facility_id, resource_id, starts, ends, quantity, active) VALUES ('f',?,?,?,?,?)",
            (resource, start, end, quantity, active),
        )
        return made.lastrowid or 0

    def active(self) -> int:
        """How many claims are active."""
        return int(self.connection.execute("SELECT count(*) FROM claim WHERE active = 1").fetchone()[0])


def raw_file(path: Path) -> RawFile:
    """A fresh file at `path`; close its connection."""
    shutil.copy(_template(), path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    return RawFile(connection, path)


def raw_memory() -> RawFile:
    """The same in memory, for many in a row."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with closing(sqlite3.connect(_template())) as source:
        source.backup(connection)
    return RawFile(connection, Path())


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="portvakt-raw-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    engine = open_engine(folder / "booking.db")
    migrate(engine, Uuid7(), T)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO facility(id, slug, name, zone, currency, region, address, help_phone)"
            " VALUES ('f','f','F','Europe/Stockholm','SEK','SE','','')"
        )
        for name, kind, capacity in (("one", "unit", 1), ("two", "unit", 1), ("three", "counted", 3)):
            connection.exec_driver_sql(
                "INSERT INTO resource(id, facility_id, slug, name, kind, capacity, position) VALUES (?,'f',?,?,?,?,0)",
                (name, name, name, kind, capacity),
            )
    engine.dispose()
    return folder / "booking.db"
