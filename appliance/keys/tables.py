"""Tables of keys: what was issued for which booking, and which doors a resource needs opened. No PIN is ever stored."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from appliance.storage.metadata import facility_id, metadata

STATES = ("live", "cancelled", "moved", "revoked", "not_paid")

key = Table(
    "key",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("booking_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lookup", Text),
    Column("counter", Integer, nullable=False, default=0),
    Column("doors", Text, nullable=False),
    Column("valid_from", Integer, nullable=False),
    Column("valid_to", Integer, nullable=False),
    Column("revision", Integer, nullable=False, default=0),
    Column("state", Text, nullable=False),
    Column("public_key", Text),
    Column("zone", Text),
    Column("hours", Text),
    Index("ix_key_booking", "booking_id"),
    Index("ix_key_lookup", "lookup", "facility_id"),
    Index("ix_key_valid_to", "valid_to", "facility_id"),
    CheckConstraint(f"state IN {STATES}", name="state"),
    sqlite_strict=True,
)

site_plan = Table(
    "site_plan",
    metadata,
    Column("facility_id", Text, ForeignKey("facility.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("document", Text, nullable=False),
    sqlite_strict=True,
)

way = Table(
    "way",
    metadata,
    facility_id(),
    Column("resource_id", Text, ForeignKey("resource.id"), primary_key=True),
    Column("door_id", Text, primary_key=True),
    sqlite_strict=True,
)

margin = Table(
    "margin",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("service_id", Text, ForeignKey("service.id")),
    Column("door_id", Text),
    Column("before_s", Integer, nullable=False),
    Column("after_s", Integer, nullable=False),
    CheckConstraint("before_s >= 0", name="before"),
    CheckConstraint("after_s >= 0", name="after"),
    sqlite_strict=True,
)

card = Table(
    "card",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("customer_id", Text, ForeignKey("customer.id"), nullable=False),
    Column("lookup", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("bound_at", Integer, nullable=False),
    Index("ix_card_lookup", "lookup", "facility_id"),
    Index("ix_card_customer", "customer_id", "facility_id"),
    CheckConstraint("state IN ('live', 'blocked')", name="state"),
    sqlite_strict=True,
)

revoked_derived = Table(
    "revoked_derived",
    metadata,
    Column("facility_id", Text, ForeignKey("facility.id"), primary_key=True),
    Column("claims", Text, primary_key=True),
    Column("valid_to", Integer, nullable=False),
    sqlite_strict=True,
)
