"""Connections that are lent: everybody gets one in turn, and nobody keeps one or works in another's transaction."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from appliance.foundation.errors import NeedsAttention
from appliance.foundation.scope import Scope
from appliance.storage.engine import CONNECTIONS, driver_of, open_engine
from appliance.storage.lending import Lending
from tests.builders import Site


@pytest.fixture
def lending(tmp_path: Path) -> Iterator[Lending]:
    engine = open_engine(tmp_path / "booking.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE noted(what TEXT)"))
    lent = Lending(engine)
    yield lent
    lent.close()


def noted(lending: Lending) -> list[str]:
    with lending.transaction("BEGIN") as connection:
        return list(connection.execute(text("SELECT what FROM noted ORDER BY rowid")).scalars())


def note_and_fail(lending: Lending) -> None:
    with lending.transaction("BEGIN IMMEDIATE") as connection:
        connection.execute(text("INSERT INTO noted VALUES ('taken back')"))
        raise KeyError


def test_what_ends_well_stays_and_what_raises_does_not(lending: Lending) -> None:
    with lending.transaction("BEGIN IMMEDIATE") as connection:
        driver_of(connection).execute("INSERT INTO noted VALUES ('kept')")
    with pytest.raises(KeyError):
        note_and_fail(lending)
    assert noted(lending) == ["kept"]


def test_more_visitors_than_connections_are_all_served(lending: Lending) -> None:
    """Who waits gets the connection that somebody else gives back."""
    visitors = 2 * CONNECTIONS + 8
    served: list[int] = []
    gun = threading.Barrier(visitors)

    def visit(number: int) -> None:
        gun.wait()
        for _ in range(5):
            with lending.transaction("BEGIN") as connection:
                driver_of(connection).execute("SELECT count(*) FROM noted").fetchone()
        served.append(number)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(served) == list(range(visitors))


def test_a_transaction_that_sqlite_gave_up_is_not_told_as_done(lending: Lending) -> None:
    with pytest.raises(NeedsAttention), lending.transaction("BEGIN IMMEDIATE") as connection:
        driver_of(connection).execute("ROLLBACK")
    with lending.transaction("BEGIN IMMEDIATE") as connection:
        driver_of(connection).execute("INSERT INTO noted VALUES ('goes on')")
    assert noted(lending) == ["goes on"]


def test_a_busy_file_leaves_the_connection_usable(lending: Lending, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "booking.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with lending.transaction("BEGIN") as connection:
        driver_of(connection).execute("PRAGMA busy_timeout = 1")
    with pytest.raises(sqlite3.OperationalError), lending.transaction("BEGIN IMMEDIATE"):
        raise AssertionError
    other.execute("ROLLBACK")
    other.close()
    with lending.transaction("BEGIN IMMEDIATE") as connection:
        driver_of(connection).execute("INSERT INTO noted VALUES ('mine now')")
    assert noted(lending) == ["mine now"]


def test_a_transaction_that_has_ended_has_no_connection_any_more(site: Site) -> None:
    scope: Scope = site.side.scope
    with site.side.book.read(scope) as tx:
        assert tx.head.seq
    with pytest.raises(AttributeError):
        tx.connection.execute(text("SELECT 1"))
