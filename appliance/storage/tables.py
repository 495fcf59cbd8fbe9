"""Tables of the machinery: jobs that are due, who runs them, and how far another file was followed."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from appliance.storage.metadata import facility_id, metadata

due = Table(
    "due",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("kind", Text, nullable=False),
    Column("entity_id", Text, nullable=False),
    Column("due_at", Integer, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("fault", Text, nullable=False, default=""),
    UniqueConstraint("facility_id", "kind", "entity_id"),
    Index("ix_due_due_at", "due_at"),
    sqlite_strict=True,
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    facility_id(key=True),
    Column("holder", Text, nullable=False),
    Column("until", Integer, nullable=False),
    sqlite_strict=True,
)

cursor = Table(
    "cursor",
    metadata,
    Column("name", Text, primary_key=True),
    facility_id(key=True),
    Column("file_id", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_strict=True,
)
