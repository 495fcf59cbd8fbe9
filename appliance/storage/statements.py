"""Statements of SQLAlchemy Core, compiled once and run on the driver's own cursor.

Core writes the SQL, for whatever database it is. What it does around each run, to find the compiled text again and to
describe the result, costs several times what SQLite needs to answer; a booking asks two dozen times. A statement that
is part of a booking, a presentation or a search is therefore one of these; all others may stay plain Core.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol, cast

from sqlalchemy import Column, Connection, Table, bindparam, insert, select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement, Select
from sqlalchemy.sql.compiler import SQLCompiler

from appliance.foundation.errors import Bug

Values = Mapping[str, object]


class Row(Protocol):
    """One row of a result: a tuple whose values also go by the names of their columns."""

    def __getattr__(self, name: str) -> Any: ...

    def __getitem__(self, place: int) -> Any: ...


class Statement:
    """One statement with named binds. `values` that it does not name are ignored; one that is missing is a Bug.

    `columns` are those that an update sets; binds of its condition have other names. Columns must be of types that need
    no converting on the way: integers, texts and bytes. The text is made for the database of the first connection.
    """

    def __init__(self, clause: ClauseElement, columns: Iterable[str] | None = None) -> None:
        self._clause = clause
        self._columns = None if columns is None else list(columns)
        self._text = ""
        self._binds: tuple[str, ...] = ()
        self._constants: dict[str, object] = {}
        self._row: Callable[..., Row] = _no_rows

    def all(self, connection: Connection, values: Values) -> list[Row]:
        """Every row of the result."""
        found = self._executed(connection, values).fetchall()
        return [self._row(*each) for each in found]

    def tuples(self, connection: Connection, values: Values) -> Sequence[tuple[Any, ...]]:
        """Every row as it comes, for results of thousands."""
        return self._executed(connection, values).fetchall()

    def first(self, connection: Connection, values: Values) -> Row | None:
        """The first row of the result; None when it has none."""
        found = self._executed(connection, values).fetchone()
        return None if found is None else self._row(*found)

    def run(self, connection: Connection, values: Values) -> int:
        """Change rows; how many were."""
        return self._executed(connection, values).rowcount

    def text(self, connection: Connection) -> str:
        """The SQL for the database of `connection`, with a mark for each bind."""
        if not self._text:
            self._compile(connection)
        return self._text

    def _executed(self, connection: Connection, values: Values) -> DBAPICursor:
        text = self.text(connection)
        known = {**self._constants, **values}
        try:
            parameters = tuple([known[name] for name in self._binds])
        except KeyError as missing:
            raise Bug(f"a statement was run without a value for {missing}") from missing
        cursor = connection.connection.cursor()
        try:
            cursor.execute(text, parameters)
        except connection.dialect.loaded_dbapi.Error as fault:
            base = connection.dialect.loaded_dbapi.Error
            raise DBAPIError.instance(text, None, fault, base, hide_parameters=True) from fault
        return cursor

    def _compile(self, connection: Connection) -> None:
        compiled = self._clause.compile(dialect=connection.dialect, column_keys=self._columns)
        if not isinstance(compiled, SQLCompiler) or compiled.positiontup is None:
            raise Bug("a statement must compile to SQL with its binds in order")
        self._binds = tuple(compiled.positiontup)
        self._constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        if isinstance(self._clause, Select):
            names = [str(column.key) for column in self._clause.selected_columns]
            self._row = cast("Callable[..., Row]", namedtuple("Row", names, rename=True))
        # Last, because another thread takes the text as the sign that all the rest is there.
        self._text = str(compiled)


@cache
def every(table: Table, *order: str) -> Statement:
    """Every row of `table` that belongs to the bind `facility_id`, in the order of some of its columns."""
    here = table.c.facility_id == bindparam("facility_id")
    return Statement(select(table).where(here).order_by(*(table.c[name] for name in order)))


def adding(table: Table) -> Statement:
    """Insert one row of `table`; every column but a counting key needs a value."""
    return Statement(insert(table), [column.key for column in table.c if not _counts_itself(column)])


def _counts_itself(column: Column[Any]) -> bool:
    return column is column.table.autoincrement_column


def _no_rows(*_values: object) -> Row:
    raise Bug("a statement that only changes rows was asked for some")
