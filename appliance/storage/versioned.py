"""Set-up data that several people edit: rows with a version, changed only from the version that was looked at.

Each change is a compare-and-swap on `version`, has its journal entry, and notes who made it and when. What bookings
refer to is not deleted but archived: it is offered no more, and what was sold keeps its name.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar, cast

from sqlalchemy import Column, ColumnElement, Integer, Row, Table, Text, and_, delete, insert, select, update
from sqlalchemy.schema import SchemaItem

from appliance.foundation.errors import PortvaktError
from appliance.foundation.instants import Instant
from appliance.storage.metadata import flag
from appliance.storage.unit_of_work import Transaction

T = TypeVar("T")
Columns: TypeAlias = Mapping[str, object]
PartRows: TypeAlias = Mapping[str, Sequence[Row[tuple[Any, ...]]]]


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
    value: Callable[[Row[tuple[Any, ...]], PartRows], T]
    parts: tuple[Parts[T], ...] = ()
    order: tuple[str, ...] = ("id",)


def listed(tx: Transaction, kind: Kind[T], *, archived: bool = False) -> list[Edited[T]]:
    """Every thing of a kind at this facility, with what is archived or without: a query, and one for each part."""
    here = _here(tx, kind)
    return _read(tx, kind, here if archived else and_(here, kind.table.c.archived == 0))


def found(tx: Transaction, kind: Kind[T], thing_id: str) -> Edited[T] | None:
    """The thing with that id, archived or not."""
    only = and_(_here(tx, kind), kind.table.c.id == thing_id)
    return next(iter(_read(tx, kind, only)), None)


def add(tx: Transaction, kind: Kind[T], value: T, thing_id: str | None = None) -> Edited[T]:
    """A new thing, in its first version."""
    new = Edited(thing_id or tx.ids.new(), value, 1, tx.now, tx.actor)
    tx.connection.execute(insert(kind.table).values({_tenant(kind).name: tx.scope.facility_id, **_row(kind, new)}))
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
        tx.connection.execute(delete(part.table).where(_belongs(tx, part, (old.id,))))
    here = and_(_here(tx, kind), kind.table.c.id == old.id)
    tx.connection.execute(delete(kind.table).where(here))
    tx.record(kind.entity, old.id, "removed", before=body(kind, old))


def body(kind: Kind[T], thing: Edited[T]) -> dict[str, object]:
    """A thing as the journal keeps it: its columns, and its parts under the names of their tables."""
    parts = {part.table.name: [dict(row) for row in part.rows(thing.value)] for part in kind.parts}
    return {**_row(kind, thing), **parts}


def _tenant(kind: Kind[T]) -> Column[Any]:
    """The column of the tenant; a facility is its own."""
    return kind.table.c.get("facility_id", kind.table.c.id)


def _here(tx: Transaction, kind: Kind[T]) -> ColumnElement[bool]:
    return _tenant(kind) == tx.scope.facility_id


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
        tx.connection.execute(delete(part.table).where(_belongs(tx, part, (old.id,))))
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


def _read(tx: Transaction, kind: Kind[T], where: ColumnElement[bool]) -> list[Edited[T]]:
    rows = tx.connection.execute(select(kind.table).where(where).order_by(*(kind.table.c[n] for n in kind.order))).all()
    owned = [(part, _by_owner(tx, part, [row.id for row in rows])) for part in kind.parts] if rows else []
    return [
        Edited(
            row.id,
            kind.value(row, {part.table.name: owners.get(row.id, []) for part, owners in owned}),
            row.version,
            row.changed_at,
            row.changed_by,
            bool(row.archived),
        )
        for row in rows
    ]


def _by_owner(tx: Transaction, part: Parts[T], owners: Collection[str]) -> dict[str, list[Row[tuple[Any, ...]]]]:
    # The keys of a part tell its order.
    query = select(part.table).where(_belongs(tx, part, owners)).order_by(*part.table.primary_key.columns)
    sorted_out: dict[str, list[Row[tuple[Any, ...]]]] = {}
    for row in tx.connection.execute(query):
        sorted_out.setdefault(row._mapping[part.owner], []).append(row)
    return sorted_out


def _belongs(tx: Transaction, part: Parts[T], owners: Collection[str]) -> ColumnElement[bool]:
    owner = cast("Column[str]", part.table.c[part.owner])
    return and_(part.table.c.facility_id == tx.scope.facility_id, owner.in_(owners))
