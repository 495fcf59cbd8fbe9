"""One transaction: rows, their journal entries and nothing in between.

`Book.write` gives a transaction that holds the write lock from its first statement and commits when the block ends
without an exception; a `Refused` rolls it back. `Book.read` gives a consistent view that must be left soon.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeAlias, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from appliance.foundation.clock import Clock
from appliance.foundation.errors import Retryable
from appliance.foundation.ids import Ids
from appliance.foundation.instants import Instant
from appliance.foundation.refusals import Refusal
from appliance.foundation.scope import Scope
from appliance.storage import journal
from appliance.storage.chain import Body, Change, Head
from appliance.storage.engine import BUSY_MS
from appliance.storage.lending import BUSY, Lending
from appliance.storage.statements import Row, Statement

P = ParamSpec("P")
R = TypeVar("R")


class Refused(Exception):
    """Leave the transaction, change nothing, and answer with `refusal`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


@dataclass(slots=True)
class Transaction:
    """An open transaction of one actor in one scope at one instant."""

    connection: Connection
    scope: Scope
    now: Instant
    ids: Ids
    actor: str
    settling: "Settling | None" = None
    noting: "Noting | None" = None
    recorded: set[str] = field(default_factory=set, init=False)
    """The entities of this transaction's own entries, which others do not see and which may yet be taken back."""
    _unsettled: set[tuple[str, str]] = field(default_factory=set, init=False)
    _before: Head | None = field(default=None, init=False)
    _head: Head | None = field(default=None, init=False)

    def rows(self, statement: Statement, **values: object) -> list[Row]:
        """Every row of `statement`, whose bind `facility_id` is the transaction's own facility."""
        return statement.all(self.connection, {"facility_id": self.scope.facility_id, **values})

    def tuples(self, statement: Statement, **values: object) -> Sequence[tuple[Any, ...]]:
        """The same without names, for results of thousands."""
        return statement.tuples(self.connection, {"facility_id": self.scope.facility_id, **values})

    def row(self, statement: Statement, **values: object) -> Row | None:
        """The first row of `statement`, asked in the same way."""
        return statement.first(self.connection, {"facility_id": self.scope.facility_id, **values})

    def run(self, statement: Statement, **values: object) -> int:
        """Change rows, or add one, of the transaction's own facility; how many."""
        return statement.run(self.connection, {"facility_id": self.scope.facility_id, **values})

    @property
    def head_before(self) -> Head:
        """The end of the journal without this transaction's own entries; read once."""
        if self._before is None:
            self._before = journal.head(self.connection)
        return self._before

    @property
    def head(self) -> Head:
        """The end of the journal as this transaction sees it, its own entries included."""
        return self._head or self.head_before

    def record(
        self, entity: str, entity_id: str, verb: str, *, before: Body | None = None, after: Body | None = None
    ) -> int:
        """Append to the journal what this transaction did to one thing; returns the entry's seq."""
        change = Change(self.actor, entity, entity_id, verb, before, after)
        self._head = journal.append(self.connection, self.head, change, self.now, self.scope.facility_id)
        if self.noting is not None:
            self.noting(self, change, self._head.seq)
        self.recorded.add(entity)
        self._unsettled.add((entity, verb))
        return self._head.seq

    def settle(self) -> None:
        """Let what was done so far have what follows it now, rather than when the transaction ends."""
        while self._unsettled:
            done, self._unsettled = frozenset(self._unsettled), set()
            if self.settling is not None:
                self.settling(self, done)


Settling: TypeAlias = Callable[[Transaction, frozenset[tuple[str, str]]], None]
"""What follows the (entity, verb) that a transaction recorded, in that transaction; it may record more."""


Noting: TypeAlias = Callable[[Transaction, Change, int], None]
"""What looks at each entry as it is recorded, with its seq, in that transaction; it records nothing itself."""


class Book:
    """`booking.db` as its users see it.

    settling: what follows each write transaction, before it commits. noting: what looks at each entry of it.
    """

    settling: Settling | None = None
    noting: Noting | None = None

    def __init__(self, engine: Engine, clock: Clock, ids: Ids) -> None:
        self._lending = Lending(engine)
        self._clock = clock
        self._ids = ids
        # SQLite lets waiting writers poll, so that under load some starve. Threads of one process queue here instead.
        self._turn = threading.Lock()

    @contextmanager
    def write(self, scope: Scope, actor: str) -> Iterator[Transaction]:
        """A transaction that commits at the end of the block. Retryable when another writer holds the file too long."""
        with (
            self._taken_turn(),
            _busy_is_retryable(),
            self._lending.transaction("BEGIN IMMEDIATE") as connection,
            # The clock is read behind the lock, so that later in the journal is never earlier in time.
            self._on(connection, scope, actor) as tx,
        ):
            tx.settling, tx.noting = self.settling, self.noting
            yield tx
            tx.settle()

    @contextmanager
    def read(self, scope: Scope) -> Iterator[Transaction]:
        """A consistent view of the file; leave it within 100 ms."""
        with (
            _busy_is_retryable(),
            self._lending.transaction("BEGIN") as connection,
            self._on(connection, scope, "reader") as tx,
        ):
            yield tx

    def close(self) -> None:
        self._lending.close()

    @contextmanager
    def _on(self, connection: Connection, scope: Scope, actor: str) -> Iterator[Transaction]:
        tx = Transaction(connection, scope, self._clock.now(), self._ids, actor)
        try:
            yield tx
        finally:
            # Whoever kept it would work inside the next one's transaction.
            del tx.connection

    @contextmanager
    def _taken_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=BUSY_MS / 1000):
            raise Retryable(BUSY)
        try:
            yield
        finally:
            self._turn.release()


def refusable(action: Callable[P, R]) -> Callable[P, R | Refusal]:
    """An action that answers with the refusal by which its transaction was left."""

    @wraps(action)
    def answered(*args: P.args, **kwargs: P.kwargs) -> R | Refusal:
        try:
            return action(*args, **kwargs)
        except Refused as refused:
            return refused.refusal

    return answered


@contextmanager
def _busy_is_retryable() -> Iterator[None]:
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as fault:
        if "locked" in str(fault) or "busy" in str(fault):
            raise Retryable(BUSY) from fault
        raise
