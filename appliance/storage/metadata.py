"""The catalogue of tables that every capability's `tables.py` adds to, and the column habits they share.

All tables are STRICT on SQLite; flags are integers 0 or 1; instants are whole UTC seconds; ids are UUIDv7 text.
Every table but the journal's own carries the facility it belongs to. Where rows are many, an index names it last: all
rows of a unit have the same one, and SQLite, which keeps no statistics here, would take it for a way to find a few.
"""

from typing import Any, Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def flag(name: str, *, default: int = 0) -> tuple[Column[int], CheckConstraint]:
    """A yes or no, kept as 1 or 0 because SQLite has no other: the column and its check."""
    return (
        Column(name, Integer, nullable=False, default=default),
        CheckConstraint(f"{name} IN (0, 1)", name=f"{name}_flag"),
    )


def facility_id(*, key: bool = False) -> Column[str]:
    """The tenant key that every row carries and every query names; `key` where names are unique per facility only."""
    return Column("facility_id", Text, ForeignKey("facility.id"), nullable=False, primary_key=key)


def edited() -> tuple[Column[Any], ...]:
    """The columns of `versioned.versions`, for tables whose rows are also made where nobody edits."""
    return (
        Column("version", Integer, nullable=False, server_default="1"),
        Column("changed_at", Integer, nullable=False, server_default="0"),
        Column("changed_by", Text, nullable=False, server_default=""),
        Column("archived", Integer, nullable=False, server_default="0"),
    )


OF_BOOKINGS: Final = "entity = 'booking'"

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("facility_id", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("entity_id", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("prev_hash", LargeBinary, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False),
    # People look up what happened to a booking; for all other entries an index would only cost a page each.
    Index("ix_journal_entity_id", "entity_id", sqlite_where=text(OF_BOOKINGS), postgresql_where=text(OF_BOOKINGS)),
    sqlite_strict=True,
)

file = Table(
    "file",
    metadata,
    Column("id", Text, primary_key=True),
    Column("made_at", Integer, nullable=False),
    sqlite_strict=True,
)
