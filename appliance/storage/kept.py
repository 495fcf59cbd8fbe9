"""Values read from rows and kept in memory that are never old: the journal says when they must be read again.

Every change of such rows has a journal entry in the same transaction. Before each use the entries since the last are
looked through for some entities, which costs microseconds; so what was committed is in force at once, in every process
(BRP-22).
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import bindparam, literal_column, or_, select

from appliance.storage.chain import Head
from appliance.storage.metadata import journal
from appliance.storage.statements import Statement
from appliance.storage.unit_of_work import Transaction

T = TypeVar("T")


class Kept(Generic[T]):
    """What `load` makes of the rows of some `entities`, for each facility."""

    def __init__(self, entities: tuple[str, ...], load: Callable[[Transaction], T]) -> None:
        self._entities = entities
        self.changed = Statement(
            select(journal.c.seq)
            .where(
                journal.c.seq > bindparam("seen"),
                journal.c.seq <= bindparam("now"),
                journal.c.facility_id == bindparam("facility_id"),
                or_(*(journal.c.entity == entity for entity in entities)),
            )
            .limit(literal_column("1"))
        )
        self._load = load
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Head, T]] = {}

    def current(self, tx: Transaction) -> T:
        """The value as this transaction sees it."""
        if not tx.recorded.isdisjoint(self._entities):
            # What this very transaction changed may be taken back, so that nobody else may see it.
            return self._load(tx)
        kept = self._kept.get(tx.scope.facility_id)
        value = kept[1] if kept is not None and self._still_holds(tx, kept[0]) else self._load(tx)
        with self._lock:
            self._kept[tx.scope.facility_id] = (tx.head_before, value)
        return value

    def latest(self, facility_id: str) -> T | None:
        """The value as it was when it was last asked for, which costs nothing but may be old by now."""
        kept = self._kept.get(facility_id)
        return None if kept is None else kept[1]

    def _still_holds(self, tx: Transaction, seen: Head) -> bool:
        now = tx.head_before
        if seen == now:
            return True
        if seen.file_id != now.file_id or seen.seq > now.seq:
            return False
        return tx.row(self.changed, seen=seen.seq, now=now.seq) is None
