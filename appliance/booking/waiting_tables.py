"""The table of the waiting list. Instants are UTC seconds."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from appliance.storage.metadata import facility_id, metadata

waiting = Table(
    "waiting",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("service_id", Text, ForeignKey("service.id"), nullable=False),
    Column("customer_id", Text, ForeignKey("customer.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("starts_from", Integer, nullable=False),
    Column("starts_before", Integer, nullable=False),
    Column("duration", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("booking_id", Text, ForeignKey("booking.id")),
    Column("reason", Text),
    Column("created_at", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("told_start", Integer),
    Column("told_at", Integer),
    Index("ix_waiting_open", "facility_id", "created_at", "id", sqlite_where=text("state = 'waiting'")),
    Index("ix_waiting_offered", "facility_id", "booking_id", sqlite_where=text("state = 'offered'")),
    Index("ix_waiting_customer", "customer_id", "service_id", "facility_id"),
    Index("ix_waiting_booking", "booking_id", "facility_id"),
    CheckConstraint("state IN ('waiting', 'offered', 'booked', 'left', 'lapsed', 'removed')", name="state"),
    CheckConstraint("starts_from < starts_before", name="forward"),
    CheckConstraint("quantity > 0", name="quantity"),
    sqlite_strict=True,
)
