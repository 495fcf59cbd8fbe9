"""The due-table: work that must happen at an instant, kept as rows so that no restart or clock jump loses it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from appliance.foundation.instants import MINUTE, Instant
from appliance.foundation.scope import Scope
from appliance.storage.chain import Head
from appliance.storage.statements import Statement
from appliance.storage.tables import cursor, due, lease
from appliance.storage.unit_of_work import Book, Transaction

LEASE_S = 60
_LONGEST_WAIT_S = 60 * MINUTE
_BATCH = 50

_FRESH = upsert(due)
_SCHEDULE = Statement(
    _FRESH.on_conflict_do_update(
        ["facility_id", "kind", "entity_id"],
        set_={name: _FRESH.excluded[name] for name in ("due_at", "tries", "fault")},
    ),
    [column.key for column in due.c],
)
_CANCEL = Statement(
    delete(due).where(
        due.c.facility_id == bindparam("facility_id"),
        due.c.kind == bindparam("of_kind"),
        due.c.entity_id == bindparam("entity"),
    )
)

Job: TypeAlias = Callable[[Transaction, str], "Instant | None"]
"""Does the work for one entity; answers when it is due again, None when it is done for good."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Work that must ask the world first. `prepare` does so outside of any transaction; its job is done inside one."""

    prepare: Callable[[str], Job]


Work: TypeAlias = Mapping[str, Job | Prepared]
"""What is done for each kind of work."""


@dataclass(frozen=True, slots=True)
class Due:
    """One piece of work whose time has come. `tries` counts those that ended in a fault."""

    id: str
    kind: str
    entity_id: str
    tries: int


def schedule(tx: Transaction, kind: str, entity_id: str, at: Instant) -> None:
    """Have `kind` of work done for an entity at an instant; a later call for the same replaces the earlier."""
    tx.run(_SCHEDULE, id=tx.ids.new(), kind=kind, entity_id=entity_id, due_at=at, tries=0, fault="")


def ensure(tx: Transaction, kind: str, entity_id: str, at: Instant) -> None:
    """Have `kind` of work done for an entity at an instant, unless it is due at some time already."""
    if not is_scheduled(tx, kind, entity_id):
        schedule(tx, kind, entity_id, at)


def is_scheduled(tx: Transaction, kind: str, entity_id: str) -> bool:
    """Whether `kind` of work is to be done for an entity at some time."""
    query = select(due.c.id).where(
        due.c.facility_id == tx.scope.facility_id, due.c.kind == kind, due.c.entity_id == entity_id
    )
    return tx.connection.execute(query).first() is not None


def cancel(tx: Transaction, kind: str, entity_id: str) -> None:
    """Drop a piece of work; silent when there is none."""
    tx.run(_CANCEL, of_kind=kind, entity=entity_id)


def cancel_all(tx: Transaction, kind: str, entity_ids: Collection[str]) -> None:
    """Drop a piece of work of each of many entities, in one statement; silent where there is none."""
    if entity_ids:
        tx.connection.execute(
            delete(due).where(
                due.c.facility_id == tx.scope.facility_id, due.c.kind == kind, due.c.entity_id.in_(entity_ids)
            )
        )


def hold_lease(book: Book, scope: Scope, name: str, holder: str) -> bool:
    """Whether `holder` is the one who may act under `name` now; taken when free, renewed when a third is left.

    Most calls only read: a unit's card is not worn by a write a second.
    """
    with book.read(scope) as tx:
        found = _lease(tx, name)
        if found is not None and found[0] == holder and found[1] > tx.now + LEASE_S // 3:
            return True
    with book.write(scope, holder) as tx:
        found = _lease(tx, name)
        # A lease further ahead than any was ever given is left over from a clock that was put back.
        if found is not None and found[0] != holder and tx.now < found[1] <= tx.now + LEASE_S:
            return False
        values = {"holder": holder, "until": tx.now + LEASE_S}
        fresh = {"facility_id": scope.facility_id, "name": name, **values}
        tx.connection.execute(upsert(lease).values(fresh).on_conflict_do_update(["facility_id", "name"], set_=values))
        return True


def run_due(book: Book, scope: Scope, jobs: Work) -> int:
    """Do what is due now, a transaction each; how many pieces were done.

    A piece that ends in a fault is tried again later and later, and its fault stands in its row for health to show.
    """
    done = 0
    for piece in _due_now(book, scope):
        job = jobs.get(piece.kind)
        if job is None:
            _postpone(book, scope, piece, f"no such work: {piece.kind}")
            continue
        done += _run(book, scope, piece, job)
    return done


def read_cursor(tx: Transaction, name: str) -> Head | None:
    """How far another file was followed under `name`."""
    query = select(cursor).where(cursor.c.facility_id == tx.scope.facility_id, cursor.c.name == name)
    row = tx.connection.execute(query).first()
    return Head(row.file_id, row.seq, row.hash) if row else None


def write_cursor(tx: Transaction, name: str, head: Head) -> None:
    """Note how far another file was followed, in the transaction that used what was read."""
    values = {"file_id": head.file_id, "seq": head.seq, "hash": head.hash}
    row = {"facility_id": tx.scope.facility_id, "name": name, **values}
    tx.connection.execute(upsert(cursor).values(row).on_conflict_do_update(["facility_id", "name"], set_=values))


def _lease(tx: Transaction, name: str) -> tuple[str, Instant] | None:
    query = select(lease).where(lease.c.facility_id == tx.scope.facility_id, lease.c.name == name)
    row = tx.connection.execute(query).first()
    return (row.holder, row.until) if row else None


def _due_now(book: Book, scope: Scope) -> list[Due]:
    with book.read(scope) as tx:
        query = (
            select(due.c.id, due.c.kind, due.c.entity_id, due.c.tries)
            .where(due.c.facility_id == scope.facility_id, due.c.due_at <= tx.now)
            .order_by(due.c.due_at)
            .limit(_BATCH)
        )
        return [Due(row.id, row.kind, row.entity_id, row.tries) for row in tx.connection.execute(query)]


def _run(book: Book, scope: Scope, piece: Due, work: Job | Prepared) -> bool:
    try:
        job = work.prepare(piece.entity_id) if isinstance(work, Prepared) else work
        with book.write(scope, f"job:{piece.kind}") as tx:
            ours = (due.c.facility_id == scope.facility_id, due.c.id == piece.id, due.c.due_at <= tx.now)
            if tx.connection.execute(delete(due).where(*ours)).rowcount == 0:
                # Dropped or put off since it was found, perhaps by what it asked.
                return False
            again_at = job(tx, piece.entity_id)
            if again_at is not None:
                schedule(tx, piece.kind, piece.entity_id, again_at)
    except Exception as fault:  # noqa: BLE001 - the rim of all jobs: one that fails must not keep the others from running
        _postpone(book, scope, piece, f"{type(fault).__name__}: {fault}")
        return False
    return True


def _postpone(book: Book, scope: Scope, piece: Due, fault: str) -> None:
    wait = min(MINUTE << min(piece.tries, 10), _LONGEST_WAIT_S)
    with book.write(scope, f"job:{piece.kind}") as tx:
        tx.connection.execute(
            update(due).where(due.c.facility_id == scope.facility_id, due.c.id == piece.id),
            {"due_at": tx.now + wait, "tries": piece.tries + 1, "fault": fault[:500]},
        )
