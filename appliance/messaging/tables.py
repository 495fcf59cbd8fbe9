"""Tables of messages: what is to be told, each message on its way, a facility's own words. No personal value."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text, UniqueConstraint, text

from appliance.storage.metadata import facility_id, flag, metadata
from appliance.storage.versioned import versions

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("event", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("order_id", Text),
    Column("customer_id", Text),
    Column("occasion", Integer, nullable=False),
    Column("at", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("done_in", Integer, nullable=False),
    Column("language", Text),
    Column("zone", Text),
    *flag("spread"),
    UniqueConstraint("subject_id", "event", "occasion", "facility_id"),
    Index("ix_outbox_waits", "facility_id", "seq", "id", sqlite_where=text("spread = 0")),
    Index("ix_outbox_order", "order_id", "event", "done_in", "facility_id", sqlite_where=text("order_id IS NOT NULL")),
    CheckConstraint("subject IN ('booking', 'waiting')", name="subject"),
    sqlite_strict=True,
)

message = Table(
    "message",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("event", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("customer_id", Text),
    Column("occasion", Integer, nullable=False),
    Column("at", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("audience", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("leased_until", Integer, nullable=False),
    Column("done_at", Integer),
    Column("parts", Integer, nullable=False),
    Column("fault", Text, nullable=False),
    UniqueConstraint("subject_id", "event", "occasion", "audience", "channel", "facility_id"),
    Index("ix_message_due", "facility_id", "due_at", "seq", "id", sqlite_where=text("state = 'due'")),
    CheckConstraint("subject IN ('booking', 'order', 'waiting')", name="subject"),
    CheckConstraint("audience IN ('client', 'staff')", name="audience"),
    CheckConstraint("channel IN ('email', 'sms')", name="channel"),
    CheckConstraint("state IN ('due', 'sent', 'dead', 'dropped', 'off')", name="state"),
    sqlite_strict=True,
)

message_template = Table(
    "message_template",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("event", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    *versions(),
    UniqueConstraint("facility_id", "event", "audience", "channel", "language"),
    sqlite_strict=True,
)

message_settings = Table(
    "message_settings",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("staff_email", Text, nullable=False),
    Column("staff_phone", Text, nullable=False),
    Column("reminder_hours", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("also_by_sms", Text, nullable=False),
    Column("silent", Text, nullable=False),
    Column("told_to_staff", Text, nullable=False),
    *versions(),
    UniqueConstraint("facility_id"),
    sqlite_strict=True,
)
