"""Tables of the booking core. Instants are UTC seconds, half-open; amounts are minor units; ids UUIDv7 text."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)

from appliance.storage.guard import LONGEST_CLAIM_S
from appliance.storage.metadata import edited, facility_id, flag, metadata
from appliance.storage.versioned import versions

STATUSES = ("held", "pending", "confirmed", "arrived", "completed", "cancelled", "expired", "no_show")

facility = Table(
    "facility",
    metadata,
    Column("id", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("address", Text, nullable=False, default=""),
    Column("help_phone", Text, nullable=False, default=""),
    Column("rule_id", Text),
    *edited(),
    Column("latitude_e6", Integer),
    Column("longitude_e6", Integer),
    sqlite_strict=True,
)

booking_rule = Table(
    "booking_rule",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("name", Text, nullable=False),
    # A rule is read and written whole; nothing is ever asked of its parts.
    Column("terms", Text, nullable=False),
    *versions(),
    UniqueConstraint("facility_id", "name"),
    sqlite_strict=True,
)

resource = Table(
    "resource",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("capacity", Integer, nullable=False, default=1),
    Column("parent_id", Text, ForeignKey("resource.id")),
    Column("position", Integer, nullable=False, default=0),
    Column("grid_minutes", Integer),
    Column("anchor", Text, nullable=False, server_default="midnight"),
    Column("offered", Integer),
    Column("staff_id", Text),
    *edited(),
    UniqueConstraint("facility_id", "slug"),
    CheckConstraint("kind IN ('unit', 'staff', 'counted')", name="kind"),
    CheckConstraint("capacity >= 0", name="capacity"),
    sqlite_strict=True,
)

pool = Table(
    "pool",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("slug", Text, nullable=False),
    *edited(),
    UniqueConstraint("facility_id", "slug"),
    sqlite_strict=True,
)

pool_member = Table(
    "pool_member",
    metadata,
    facility_id(),
    Column("pool_id", Text, ForeignKey("pool.id"), primary_key=True),
    Column("resource_id", Text, ForeignKey("resource.id"), primary_key=True),
    sqlite_strict=True,
)

service = Table(
    "service",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("grid_minutes", Integer, nullable=False),
    Column("before_minutes", Integer, nullable=False, default=0),
    Column("after_minutes", Integer, nullable=False, default=0),
    Column("max_quantity", Integer, nullable=False, default=1),
    Column("vat_percent", Integer, nullable=False, default=0),
    Column("rule_id", Text, ForeignKey("booking_rule.id")),
    Column("position", Integer, nullable=False, default=0),
    Column("waiting_mode", Text, nullable=False, server_default="off"),
    Column("offer_minutes", Integer, nullable=False, server_default="30"),
    *edited(),
    UniqueConstraint("facility_id", "slug"),
    CheckConstraint("kind IN ('individual', 'class')", name="kind"),
    CheckConstraint("grid_minutes > 0", name="grid"),
    CheckConstraint("before_minutes >= 0", name="before"),
    CheckConstraint("after_minutes >= 0", name="after"),
    CheckConstraint("max_quantity > 0", name="quantity"),
    CheckConstraint("vat_percent >= 0", name="vat"),
    sqlite_strict=True,
)

service_several = Table(
    "service_several",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("service_id", Text, ForeignKey("service.id"), nullable=False, unique=True),
    *flag("series"),
    Column("most_in_a_row", Integer, nullable=False, default=1),
    *flag("chains"),
    Column("longest_gap_minutes", Integer, nullable=False, default=0),
    Column("first_only", Integer, nullable=False, server_default="0"),
    *versions(),
    sqlite_strict=True,
)

service_duration = Table(
    "service_duration",
    metadata,
    facility_id(),
    Column("service_id", Text, ForeignKey("service.id"), primary_key=True),
    Column("minutes", Integer, primary_key=True),
    Column("position", Integer, nullable=False, default=0),
    Column("amount", Integer, nullable=False),
    CheckConstraint("minutes > 0", name="minutes"),
    CheckConstraint("amount >= 0", name="amount"),
    sqlite_strict=True,
)

need = Table(
    "need",
    metadata,
    facility_id(),
    Column("service_id", Text, ForeignKey("service.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("pool_id", Text, ForeignKey("pool.id"), nullable=False),
    Column("quantity", Integer, nullable=False, default=1),
    Column("offset_minutes", Integer, nullable=False, default=0),
    Column("length_minutes", Integer),
    CheckConstraint("quantity > 0", name="quantity"),
    sqlite_strict=True,
)

weekly_hours = Table(
    "weekly_hours",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("owner_id", Text, nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("from_minute", Integer, nullable=False),
    Column("to_minute", Integer, nullable=False),
    Column("valid_from", Text),
    Column("valid_to", Text),
    CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    sqlite_strict=True,
)

opening_hours = Table(
    "opening_hours",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    *edited(),
    sqlite_strict=True,
)

admission = Table(
    "admission",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("visibility", Text, nullable=False, server_default="public"),
    Column("leads_to", Text, nullable=False, server_default="booking"),
    Column("who_may_book", Text),
    Column("visible_days", Integer),
    *edited(),
    sqlite_strict=True,
)

schedule_exception = Table(
    "schedule_exception",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("owner_id", Text, nullable=False),
    Column("starts", Integer, nullable=False),
    Column("ends", Integer, nullable=False),
    *flag("opens"),
    Column("public_text", Text, nullable=False, default=""),
    Column("kind", Text, nullable=False, server_default=""),
    Column("internal_text", Text, nullable=False, server_default=""),
    *edited(),
    sqlite_strict=True,
)

class_session = Table(
    "class_session",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("service_id", Text, ForeignKey("service.id"), nullable=False),
    Column("resource_id", Text, ForeignKey("resource.id"), nullable=False),
    Column("starts", Integer, nullable=False),
    Column("ends", Integer, nullable=False),
    Column("status", Text, nullable=False, server_default="planned"),
    Column("plan_id", Text),
    *edited(),
    UniqueConstraint("service_id", "starts"),
    sqlite_strict=True,
)

session_plan = Table(
    "session_plan",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("service_id", Text, ForeignKey("service.id"), nullable=False),
    Column("resource_id", Text, ForeignKey("resource.id"), nullable=False),
    Column("weekdays", Text, nullable=False),
    Column("minute_of_day", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("days_ahead", Integer, nullable=False),
    Column("occupies", Text, nullable=False, server_default=""),
    *edited(),
    sqlite_strict=True,
)

# Bookings that were made together. `wish` and `skipped` are JSON, as the journal keeps them.
booking = Table(
    "booking",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("number", Text, nullable=False),
    Column("service_id", Text, ForeignKey("service.id"), nullable=False),
    Column("session_id", Text, ForeignKey("class_session.id")),
    Column("customer_id", Text, ForeignKey("customer.id")),
    Column("status", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("starts", Integer, nullable=False),
    Column("ends", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("vat_percent", Integer, nullable=False),
    Column("revision", Integer, nullable=False, default=0),
    Column("rule_id", Text),
    Column("moves", Integer, nullable=False, server_default="0"),
    Column("created_at", Integer, nullable=False),
    Column("committed_at", Integer),
    Column("expires_at", Integer),
    Column("cancel_digest", LargeBinary),
    Column("preferred_id", Text),
    Column("extras", Integer),  # how many different ones it has; NULL for none, so that nobody looks for them
    # Of a booking_order; SQLite can add no key to a table that is there.
    Column("order_id", Text),
    Column("participant", Text),
    UniqueConstraint("number", "facility_id"),
    Index("ix_booking_held", "expires_at", sqlite_where=text("expires_at IS NOT NULL")),
    Index("ix_booking_cancel_digest", "cancel_digest", "facility_id", unique=True),
    Index("ix_booking_starts", "starts", "facility_id"),
    Index("ix_booking_order", "order_id", sqlite_where=text("order_id IS NOT NULL")),
    Index("ix_booking_customer", "customer_id", "starts", "facility_id"),
    CheckConstraint(f"status IN {STATUSES}", name="status"),
    sqlite_strict=True,
)

# Held, or waiting to be paid for: what gives its time back at an instant.
WAITS = booking.c.expires_at.is_not(None)

claim = Table(
    "claim",
    metadata,
    Column("id", Integer, primary_key=True),
    facility_id(),
    Column("resource_id", Text, ForeignKey("resource.id"), nullable=False),
    Column("booking_id", Text, ForeignKey("booking.id")),
    Column("session_id", Text, ForeignKey("class_session.id")),
    Column("starts", Integer, nullable=False),
    Column("ends", Integer, nullable=False),
    Column("quantity", Integer, nullable=False, default=1),
    *flag("active", default=1),
    CheckConstraint("starts < ends", name="forward"),
    CheckConstraint(f"ends - starts <= {LONGEST_CLAIM_S}", name="length"),
    # Holds all that a search reads of a claim, so that it need not look each of them up in the table.
    Index(
        "ix_claim_load",
        "resource_id",
        "starts",
        "ends",
        "quantity",
        "booking_id",
        "facility_id",
        "active",
        sqlite_where=text("active = 1"),
    ),
    Index("ix_claim_booking", "booking_id"),
    Index("ix_claim_session", "session_id", sqlite_where=text("session_id IS NOT NULL")),
    CheckConstraint("quantity > 0", name="quantity"),
    sqlite_strict=True,
)

# Spelt out: an index of some rows is used only where the text of the statement says that it is of them.
IS_ACTIVE = claim.c.active == literal_column("1")

kept_conflict = Table(
    "kept_conflict",
    metadata,
    Column("booking_id", Text, ForeignKey("booking.id"), primary_key=True),
    facility_id(),
    Column("causes", Text, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_strict=True,
)

idempotency = Table(
    "idempotency",
    metadata,
    facility_id(key=True),
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("entity_id", Text, nullable=False),
    Column("at", Integer, nullable=False),
    sqlite_strict=True,
)
