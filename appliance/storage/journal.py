"""Appending to and reading the journal of `booking.db`, inside the caller's transaction."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Row, bindparam, func, insert, select, text

from appliance.foundation.errors import NeedsAttention
from appliance.foundation.instants import Instant
from appliance.storage.chain import Break, Change, Entry, Head, follow, start, verify
from appliance.storage.metadata import OF_BOOKINGS, file, journal
from appliance.storage.statements import Statement

_INSERT = Statement(insert(journal), Entry.__slots__)
_LAST = select(func.max(journal.c.seq)).scalar_subquery()
_HEAD = Statement(
    select(file.c.id, journal.c.seq, journal.c.hash).select_from(file.outerjoin(journal, journal.c.seq == _LAST))
)
_FILE = select(file.c.id)
_OF_BOOKING = Statement(
    select(*(journal.c[name] for name in Entry.__slots__))
    # Word for word the condition of the index.
    .where(text(OF_BOOKINGS))
    .where(journal.c.entity_id == bindparam("booking_id"), journal.c.facility_id == bindparam("facility_id"))
    .order_by(journal.c.seq)
)


def begin_file(connection: Connection, file_id: str, now: Instant) -> None:
    """Give a new file its identity, to which its chain is bound. Called once, by the first migration."""
    connection.execute(insert(file).values(id=file_id, made_at=now))


def head(connection: Connection) -> Head:
    """Where the chain ends. Read it inside the write transaction that appends."""
    row = _HEAD.first(connection, {})
    if row is None:
        raise NeedsAttention("booking.db has no identity; run portvakt migrate")
    return start(row.id) if row.seq is None else Head(row.id, row.seq, row.hash)


def holds(connection: Connection, past: Head) -> bool:
    """Whether `past` is a place in this chain."""
    query = select(journal.c.hash).where(journal.c.seq == past.seq)
    return bool(connection.execute(query).scalar() == past.hash)


def entity_at(connection: Connection, seq: int) -> str | None:
    """What the entry `seq` is about; None when there is none."""
    return connection.execute(select(journal.c.entity).where(journal.c.seq == seq)).scalar()


def append(connection: Connection, at_head: Head, change: Change, at: Instant, facility_id: str) -> Head:
    """Write `change` behind `at_head`; the new head."""
    entry = follow(at_head, change, at, facility_id)
    _INSERT.run(connection, {name: getattr(entry, name) for name in Entry.__slots__})
    return Head(at_head.file_id, entry.seq, entry.hash)


def entries(connection: Connection, after_seq: int = 0) -> Iterator[Entry]:
    """Every entry behind `after_seq`, in order."""
    rows = connection.execute(select(journal).where(journal.c.seq > after_seq).order_by(journal.c.seq))
    return (entry_of(row) for row in rows)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Which entries somebody asks for; None does not restrict. `before_seq` turns the page; newest come first."""

    entity: str | None
    start: Instant | None
    end: Instant | None
    before_seq: int | None
    most: int


def excerpt(connection: Connection, facility_id: str, asked: Excerpt) -> list[Entry]:
    """The newest entries of one facility that fit what was asked; a rare `entity` is looked for through all of them."""
    query = select(journal).where(journal.c.facility_id == facility_id)
    if asked.entity is not None:
        query = query.where(journal.c.entity == asked.entity)
    if asked.start is not None:
        query = query.where(journal.c.at >= asked.start)
    if asked.end is not None:
        query = query.where(journal.c.at < asked.end)
    if asked.before_seq is not None:
        query = query.where(journal.c.seq < asked.before_seq)
    rows = connection.execute(query.order_by(journal.c.seq.desc()).limit(asked.most))
    return [entry_of(row) for row in rows]


def of_booking(connection: Connection, facility_id: str, booking_id: str) -> list[Entry]:
    """Everything that happened to one booking, in order."""
    here = {"facility_id": facility_id, "booking_id": booking_id}
    return [Entry(*row) for row in _OF_BOOKING.tuples(connection, here)]


def check(connection: Connection) -> Head | Break:
    """Verify the whole chain; its head, or where it breaks."""
    file_id = connection.execute(_FILE).scalar_one()
    return verify(start(file_id), entries(connection))


def entry_of(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(**row._mapping)
