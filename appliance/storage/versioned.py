"""Set-up data that several people edit: rows with a version, changed only from the version that was looked at.

Each change is a compare-and-swap on `version`, has its journal entry, and notes who made it and when. What bookings
refer to is not deleted but archived: it is offered no more, and what was sold keeps its name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import Column, ColumnElement, Integer, Table, Text, and_, bindparam, delete, insert, select, update
from sqlalchemy.schema import SchemaItem

from appliance.foundation.errors import PortvaktError
from appliance.foundation.instants import Instant
from appliance.storage.metadata import flag
from appliance.storage.statements import Row, Statement, every
from appliance.storage.unit_of_work import Transaction

T = TypeVar("T")
Columns: TypeAlias = Mapping[str, object]
PartRows: TypeAlias = Mapping[str, Sequence[Row]]


def versions() -> tuple[SchemaItem, ...]:
    """The columns that a table of set-up data ends with."""
    return (
        Column("version", Integer, nullable=False),
        Column("changed_at", Integer, nullable=False),
        Column("changed_by", Text, nullable=False),
        *flag("archived"),
    )


class ChangedMeanwhile(PortvaktError):
    """Somebody else was faster: look at `now` before trying again. Nothing was changed."""

    def __init__(self, now: "Edited[Any]") -> None:
        super().__init__(f"changed to version {now.version} by {now.changed_by}")
        self.now = now


@dataclass(frozen=True, slots=True)
class Edited(Generic[T]):
    """A thing as it stands: its value, and who last changed it when. `version` counts its changes from 1."""

    id: str
    value: T
    version: int
    changed_at: Instant
    changed_by: str
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Parts(Generic[T]):
    """Rows that belong to a thing: in `table`, whose column `owner` holds its id; `rows` are made from its value."""

    table: Table
    owner: str
    rows: Callable[[T], Sequence[Columns]]


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One kind of set-up data, by the name of its journal entries.

    row: the value's own columns. value: the value from its row and its parts, which are named by their tables.
    """

    entity: str
    table: Table
    row: Callable[[T], Columns]
    value: Callable[[Row, PartRows], T]
    parts: tuple[Parts[T], ...] = ()
    order: tuple[str, ...] = ("id",)


def listed(tx: Transaction, kind: Kind[T], *, archived: bool = False) -> list[Edited[T]]:
    """Every thing of a kind at this facility, with what is archived or without: a query, and one for each part."""
    rows = tx.rows(_things(kind.table, kind.order, archived=archived))
    owned = (
        {
            part.table.name: _by_owner(tx.rows(every(part.table, *part.table.primary_key.columns.keys())), part.owner)
            for part in kind.parts
        }
        if rows
        else {}
    )
    return [_edited(kind, row, owned) for row in rows]


def found(tx: Transaction, kind: Kind[T], thing_id: str) -> Edited[T] | None:
    """The thing with that id, archived or not."""
    row = tx.row(_things(kind.table, kind.order, archived=True, only_one=True), thing_id=thing_id)
    if row is None:
        return None
    return _edited(kind, row, {part.table.name: {row.id: _parts_of(tx, part, row.id)} for part in kind.parts})


def add(tx: Transaction, kind: Kind[T], value: T, thing_id: str | None = None) -> Edited[T]:
    """A new thing, in its first version."""
    new = Edited(thing_id or tx.ids.new(), value, 1, tx.now, tx.actor)
    tenant = _tenant(kind.table).name
    tx.connection.execute(insert(kind.table).values({tenant: tx.scope.facility_id, **_row(kind, new)}))
    _add_parts(tx, kind, new)
    tx.record(kind.entity, new.id, "added", after=body(kind, new))
    return new


def change(tx: Transaction, kind: Kind[T], old: Edited[T], value: T, version: int) -> Edited[T]:
    """Give a thing another value, if `version` is still the one it has; else ChangedMeanwhile."""
    _same_version(old, version)
    return _replaced(tx, kind, old, replace(old, value=value), "changed")


def remove(tx: Transaction, kind: Kind[T], old: Edited[T], version: int, *, is_used: bool) -> None:
    """Delete a thing, or archive it where it is used; ChangedMeanwhile when `version` is not the one it has."""
    _same_version(old, version)
    if is_used:
        _replaced(tx, kind, old, replace(old, archived=True), "archived")
        return
    for part in kind.parts:
        tx.connection.execute(delete(part.table).where(_belongs(tx, part, old.id)))
    here = and_(_here(tx, kind), kind.table.c.id == old.id)
    tx.connection.execute(delete(kind.table).where(here))
    tx.record(kind.entity, old.id, "removed", before=body(kind, old))


def body(kind: Kind[T], thing: Edited[T]) -> dict[str, object]:
    """A thing as the journal keeps it: its columns, and its parts under the names of their tables."""
    parts = {part.table.name: [dict(row) for row in part.rows(thing.value)] for part in kind.parts}
    return {**_row(kind, thing), **parts}


def _tenant(table: Table) -> Column[Any]:
    """The column of the tenant; a facility is its own."""
    return table.c.get("facility_id", table.c.id)


def _here(tx: Transaction, kind: Kind[T]) -> ColumnElement[bool]:
    return _tenant(kind.table) == tx.scope.facility_id


def _same_version(old: Edited[T], version: int) -> None:
    if old.version != version:
        raise ChangedMeanwhile(old)


def _replaced(tx: Transaction, kind: Kind[T], old: Edited[T], wanted: Edited[T], verb: str) -> Edited[T]:
    new = replace(wanted, version=old.version + 1, changed_at=tx.now, changed_by=tx.actor)
    row = {name: value for name, value in _row(kind, new).items() if name != "id"}
    same = and_(
        _here(tx, kind),
        kind.table.c.id == old.id,
        kind.table.c.version == old.version,
    )
    if tx.connection.execute(update(kind.table).where(same).values(**row)).rowcount != 1:
        raise ChangedMeanwhile(old)
    for part in kind.parts:
        tx.connection.execute(delete(part.table).where(_belongs(tx, part, old.id)))
    _add_parts(tx, kind, new)
    tx.record(kind.entity, old.id, verb, before=body(kind, old), after=body(kind, new))
    return new


def _row(kind: Kind[T], thing: Edited[T]) -> dict[str, object]:
    return {
        "id": thing.id,
        **kind.row(thing.value),
        "version": thing.version,
        "changed_at": thing.changed_at,
        "changed_by": thing.changed_by,
        "archived": int(thing.archived),
    }


def _add_parts(tx: Transaction, kind: Kind[T], thing: Edited[T]) -> None:
    for part in kind.parts:
        rows = [{**row, "facility_id": tx.scope.facility_id, part.owner: thing.id} for row in part.rows(thing.value)]
        if rows:
            tx.connection.execute(insert(part.table), rows)


def _edited(kind: Kind[T], row: Row, owned: Mapping[str, Mapping[str, Sequence[Row]]]) -> Edited[T]:
    parts = {name: owners.get(row.id, ()) for name, owners in owned.items()}
    return Edited(row.id, kind.value(row, parts), row.version, row.changed_at, row.changed_by, bool(row.archived))


def _by_owner(rows: Iterable[Row], owner: str) -> dict[str, list[Row]]:
    sorted_out: dict[str, list[Row]] = {}
    for row in rows:
        sorted_out.setdefault(getattr(row, owner), []).append(row)
    return sorted_out


def _parts_of(tx: Transaction, part: Parts[T], thing_id: str) -> list[Row]:
    return tx.rows(_parts(part.table, part.owner), owner_id=thing_id)


def _belongs(tx: Transaction, part: Parts[T], owner: str) -> ColumnElement[bool]:
    return and_(part.table.c.facility_id == tx.scope.facility_id, part.table.c[part.owner] == owner)


# Set-up data is read whole whenever some of it changed, which must not wait for SQLAlchemy to find its words again.
@cache
def _things(table: Table, order: tuple[str, ...], *, archived: bool, only_one: bool = False) -> Statement:
    query = select(table).where(_tenant(table) == bindparam("facility_id")).order_by(*(table.c[name] for name in order))
    query = query if archived else query.where(table.c.archived == 0)
    return Statement(query.where(table.c.id == bindparam("thing_id")) if only_one else query)


@cache
def _parts(table: Table, owner: str) -> Statement:
    """The parts of one thing, whose id stands in the column `owner`, in the order of their keys."""
    query = select(table).where(
        table.c.facility_id == bindparam("facility_id"), table.c[owner] == bindparam("owner_id")
    )
    return Statement(query.order_by(*table.primary_key.columns))
