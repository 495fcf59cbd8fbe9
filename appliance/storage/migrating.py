"""Bringing `booking.db` to the newest revision, in one transaction, with the guard put back at its end."""

import logging
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from appliance.foundation.errors import NeedsAttention
from appliance.foundation.ids import Ids
from appliance.foundation.instants import Instant
from appliance.storage import guard, journal
from appliance.storage.engine import writing

_log = logging.getLogger(__name__)
_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, ids: Ids, now: Instant) -> str:
    """Bring the file to the newest revision and give a new one its identity; the revision it stands at then.

    Double bookings that were made while the guard was gone are told, not undone: which to cancel is for people.
    """
    with writing(engine).begin() as connection:
        before = current(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        guard.install(connection)
        guard.require(connection)
        for resource_id, start in guard.overbooked(connection):
            _log.warning("resource %s is booked more often than it has room at %s: cancel one", resource_id, start)
        if before is None:
            journal.begin_file(connection, ids.new(), now)
        return current(connection) or ""


def newest_revision() -> str:
    """The revision that this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def require_newest(engine: Engine) -> None:
    """Raise NeedsAttention unless the file stands at the newest revision with its guard in place."""
    newest = newest_revision()
    with engine.begin() as connection:
        found = current(connection)
        if found != newest:
            raise NeedsAttention(
                f"booking.db stands at revision {found}, this program needs {newest}: run portvakt migrate"
            )
        guard.require(connection)


def stands_at(engine: Engine) -> str | None:
    """The revision of the file behind `engine`; None for a new one."""
    with engine.begin() as connection:
        return current(connection)


def current(connection: Connection) -> str | None:
    """The revision that the file stands at; None for a new file."""
    return MigrationContext.configure(connection).get_current_revision()


def back_up(path: Path, target: Path) -> None:
    """A consistent copy of a SQLite file, also while others write to it."""
    source, copy = sqlite3.connect(path), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
