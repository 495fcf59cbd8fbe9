"""Revisions: they make the very schema that the tables describe, or nothing at all."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

import appliance.billing.tables
import appliance.booking.extra_tables
import appliance.booking.field_tables
import appliance.booking.order_tables
import appliance.booking.tables
import appliance.booking.waiting_tables
import appliance.customers.tables
import appliance.identity.tables
import appliance.keys.tables
import appliance.messaging.tables
import appliance.storage.tables
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.ids import Uuid7
from appliance.messaging import outbox_store
from appliance.messaging.settings import MessageSettings
from appliance.storage.engine import open_engine
from appliance.storage.metadata import metadata
from appliance.storage.migrating import back_up, migrate, require_newest, stands_at
from tests.builders import TEN, Site
from tests.storage.raw_file import T

SOURCES = (
    appliance.billing.tables,
    appliance.booking.extra_tables,
    appliance.booking.field_tables,
    appliance.booking.order_tables,
    appliance.booking.tables,
    appliance.booking.waiting_tables,
    appliance.customers.tables,
    appliance.identity.tables,
    appliance.keys.tables,
    appliance.messaging.tables,
    appliance.storage.tables,
)


def schema(path: Path) -> dict[str, list[str]]:
    """Everything that a file's tables and indexes say, as sorted clauses without regard to their order."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
            " AND name NOT IN ('alembic_version', 'sqlite_sequence')"
        ).fetchall()
    return {
        # What was added to a table later stands behind the others in the same line.
        name: sorted(part.strip() for part in re.split(r",\s*\n|\n|, (?=[a-z_0-9]+ [A-Z])", sql) if part.strip(" ,"))
        for name, sql in rows
    }


def migrated(path: Path) -> Engine:
    engine = open_engine(path)
    migrate(engine, Uuid7(), T)
    return engine


def test_the_revisions_make_the_schema_that_the_tables_describe(tmp_path: Path) -> None:
    """SH-16: columns, types, keys, checks, indexes and STRICT, each word of them."""
    migrated(tmp_path / "migrated.db").dispose()
    created = open_engine(tmp_path / "created.db")
    with created.begin() as connection:
        metadata.create_all(connection)
    created.dispose()
    by_revision, by_tables = schema(tmp_path / "migrated.db"), schema(tmp_path / "created.db")
    assert by_revision.keys() == by_tables.keys()
    assert {name: parts for name, parts in by_revision.items() if parts != by_tables[name]} == {}
    assert len(by_tables) > 2 * len(SOURCES)


def test_every_table_is_strict_and_carries_its_tenant(tmp_path: Path) -> None:
    """FL-07: no table without a tenant key; the file's own identity and the facility itself apart."""
    migrated(tmp_path / "booking.db").dispose()
    with closing(sqlite3.connect(tmp_path / "booking.db")) as connection:
        tables = connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()
        columns = {name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")} for name, _ in tables}
    ours = {name: strict for name, strict in tables if not name.startswith(("sqlite_", "alembic_"))}
    assert [name for name, strict in ours.items() if not strict] == []
    assert {name for name in ours if "facility_id" not in columns[name]} == {"facility", "file"}


def test_a_connection_is_durable_and_keeps_its_keys(site: Site) -> None:
    """SH-16: WAL, synchronous FULL and foreign keys on each connection, for reading and for writing."""
    for wanted, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)):
        with site.side.book.read(site.side.scope) as tx:
            assert tx.connection.exec_driver_sql(f"PRAGMA {wanted}").scalar() == value
        with site.side.book.write(site.side.scope, "test") as tx:
            assert tx.connection.exec_driver_sql(f"PRAGMA {wanted}").scalar() == value


def test_migrating_twice_changes_nothing(site: Site) -> None:
    site.book(TEN)
    before = site.rows("SELECT (SELECT id FROM file), (SELECT count(*) FROM booking), (SELECT max(seq) FROM journal)")
    migrate(site.side.engine, Uuid7(), T)
    assert before == site.rows(
        "SELECT (SELECT id FROM file), (SELECT count(*) FROM booking), (SELECT max(seq) FROM journal)"
    )


def test_messages_are_kept_where_their_table_is_made_anew(site: Site) -> None:
    """DY-34: the revision that lets a message be about an employee keeps every message that there is."""
    site.book(TEN)
    with site.side.book.write(site.side.scope, "test") as tx:
        outbox_store.spread(tx, MessageSettings(), ())
    before = site.rows("SELECT * FROM message")
    site.side.engine.dispose()
    with closing(sqlite3.connect(site.settings.booking_file)) as connection, connection:
        connection.execute("DROP INDEX ix_staff_calendar_digest")
        for table, columns in (
            ("staff", "name email phone language version changed_at calendar_digest"),
            ("message_settings", "recap_minute recap_when_empty"),
        ):
            for column in columns.split():
                connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute("UPDATE alembic_version SET version_num = '0019'")
    engine = migrated(site.settings.booking_file)
    require_newest(engine)
    engine.dispose()
    assert (len(before), site.rows("SELECT * FROM message")) == (1, before)


def test_a_file_of_another_revision_is_refused(site: Site) -> None:
    with closing(sqlite3.connect(site.settings.booking_file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(NeedsAttention, match=r"revision 0000.*portvakt migrate"):
        require_newest(site.side.engine)


def test_a_new_file_is_refused_until_it_was_migrated(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "booking.db")
    assert stands_at(engine) is None
    with pytest.raises(NeedsAttention):
        require_newest(engine)
    engine.dispose()


class Interrupted(Exception):
    """The power went."""


class LosesPower:
    """An id source that fails where a new file would get its identity: after the last revision."""

    def new(self) -> str:
        raise Interrupted


def test_a_migration_that_is_interrupted_leaves_nothing_behind(tmp_path: Path) -> None:
    """A file is never found half made: the revisions, the guard and the identity are one transaction."""
    engine = open_engine(tmp_path / "booking.db")
    with pytest.raises(Interrupted):
        migrate(engine, LosesPower(), T)
    assert stands_at(engine) is None
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    migrate(engine, Uuid7(), T)
    require_newest(engine)
    engine.dispose()


def test_a_backup_is_whole_while_others_write(site: Site, tmp_path: Path) -> None:
    """SY-07: the copy has what was committed, its chain verifies and its guard stands."""
    booked = site.book(TEN)
    back_up(site.settings.booking_file, tmp_path / "copy.db")
    engine = open_engine(tmp_path / "copy.db")
    require_newest(engine)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT id FROM booking").scalar() == booked.id
    engine.dispose()
