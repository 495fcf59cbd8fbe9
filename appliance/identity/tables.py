"""Tables of staff, their sessions and the tokens of readers. Tokens stand here as digests only."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from appliance.storage.metadata import facility_id, flag, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("user", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    *flag("one_time"),
    Column("created_at", Integer, nullable=False),
    *(Column(name, Text, nullable=False, server_default="") for name in ("name", "email", "phone", "language")),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("changed_at", Integer, nullable=False, server_default="0"),
    Column("calendar_digest", LargeBinary),
    Index("ix_staff_calendar_digest", "calendar_digest", unique=True),
    UniqueConstraint("facility_id", "user"),
    sqlite_strict=True,
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    facility_id(),
    Column("staff_id", Text, ForeignKey("staff.id"), nullable=False),
    Column("created_at", Integer, nullable=False),
    Column("seen_at", Integer, nullable=False),
    sqlite_strict=True,
)

sign_in_throttle = Table(
    "sign_in_throttle",
    metadata,
    facility_id(key=True),
    Column("subject", Text, primary_key=True),
    Column("wrong", Integer, nullable=False),
    Column("locked_until", Integer, nullable=False),
    sqlite_strict=True,
)

recovery_throttle = Table(
    "recovery_throttle",
    metadata,
    facility_id(key=True),
    Column("subject", Text, primary_key=True),
    Column("wrong", Integer, nullable=False),
    Column("locked_until", Integer, nullable=False),
    Column("seen_at", Integer, nullable=False),
    Column("day", Text, nullable=False),
    Column("wrong_today", Integer, nullable=False),
    Column("tried_at", Integer, nullable=False),
    sqlite_strict=True,
)

device_token = Table(
    "device_token",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    facility_id(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("door_id", Text),
    Column("created_at", Integer, nullable=False),
    UniqueConstraint("facility_id", "kind", "name"),
    sqlite_strict=True,
)
