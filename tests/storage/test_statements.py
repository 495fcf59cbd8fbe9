"""Statements that are compiled once: same answers as Core, mistakes told as mistakes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from appliance.foundation.errors import Bug
from appliance.storage.engine import open_engine, writing
from appliance.storage.statements import Statement, adding

shelf = Table(
    "shelf",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("label", Text, nullable=False, unique=True),
    Column("room", Integer, nullable=False),
)
ADD = adding(shelf)
BY_LABEL = Statement(select(shelf.c.id, shelf.c.room).where(shelf.c.label == bindparam("wanted")))
ROOMY = Statement(select(shelf.c.label).where(shelf.c.room > 3).order_by(shelf.c.id))
RESIZE = Statement(update(shelf).where(shelf.c.label == bindparam("wanted")), ["room"])


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_engine(tmp_path / "shelves.db")
    shelf.metadata.create_all(engine)
    with writing(engine).begin() as opened:
        yield opened
    engine.dispose()


def test_rows_go_by_the_names_of_their_columns(connection: Connection) -> None:
    assert ADD.run(connection, {"label": "Åsa's", "room": 5}) == 1
    found = BY_LABEL.first(connection, {"wanted": "Åsa's"})
    assert found is not None
    assert (found.room, found[1]) == (5, 5)
    assert BY_LABEL.first(connection, {"wanted": "nobody's"}) is None


def test_values_that_the_statement_brings_itself_are_kept(connection: Connection) -> None:
    for label, room in (("small", 3), ("large", 4), ("larger", 5)):
        ADD.run(connection, {"label": label, "room": room})
    assert [row.label for row in ROOMY.all(connection, {})] == ["large", "larger"]


def test_an_update_sets_its_columns_and_says_how_many_rows_it_met(connection: Connection) -> None:
    ADD.run(connection, {"label": "small", "room": 3})
    assert RESIZE.run(connection, {"wanted": "small", "room": 9, "unused": "ignored"}) == 1
    assert RESIZE.run(connection, {"wanted": "gone", "room": 9}) == 0
    assert connection.execute(select(shelf.c.room)).scalars().all() == [9]


def test_a_forgotten_value_is_a_bug_and_not_an_empty_column(connection: Connection) -> None:
    with pytest.raises(Bug, match="room"):
        ADD.run(connection, {"label": "small"})


def test_what_the_database_refuses_is_told_as_core_tells_it_without_the_values(connection: Connection) -> None:
    ADD.run(connection, {"label": "secret", "room": 1})
    with pytest.raises(IntegrityError, match="UNIQUE") as refused:
        ADD.run(connection, {"label": "secret", "room": 2})
    assert "secret" not in str(refused.value)


def test_asking_a_change_for_rows_is_a_bug(connection: Connection) -> None:
    returning = Statement(update(shelf).returning(shelf.c.id), ["room"])
    ADD.run(connection, {"label": "small", "room": 1})
    with pytest.raises(Bug):
        returning.all(connection, {"room": 2})
