"""The table of orders, which group bookings that were made together."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, LargeBinary, Table, Text

from appliance.storage.metadata import facility_id, metadata

booking_order = Table(
    "booking_order",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("kind", Text, nullable=False),
    Column("customer_id", Text, ForeignKey("customer.id"), nullable=False),
    Column("wish", Text),
    Column("skipped", Text, nullable=False),
    Column("revision", Integer, nullable=False, default=0),
    Column("created_at", Integer, nullable=False),
    Column("cancel_digest", LargeBinary),
    CheckConstraint("kind IN ('series', 'chain', 'row')", name="kind"),
    sqlite_strict=True,
)
