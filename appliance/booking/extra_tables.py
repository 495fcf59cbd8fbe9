"""Tables of extras and of what of them was booked. Amounts are minor units, VAT contained."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from appliance.storage.metadata import facility_id, flag, metadata
from appliance.storage.versioned import versions

extra = Table(
    "extra",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("service_id", Text, ForeignKey("service.id")),
    Column("name", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("vat_percent", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("least", Integer, nullable=False),
    Column("most", Integer, nullable=False),
    Column("per", Text, nullable=False),
    Column("pool_id", Text, ForeignKey("pool.id")),
    Column("need_quantity", Integer, nullable=False),
    Column("offset_minutes", Integer, nullable=False),
    Column("length_minutes", Integer),
    *flag("shows_title"),
    *flag("shows_price"),
    *flag("shows_image"),
    *flag("shows_duration"),
    *flag("shows_summary"),
    Column("position", Integer, nullable=False),
    *versions(),
    CheckConstraint("amount >= 0", name="amount"),
    CheckConstraint("minutes >= 0", name="minutes"),
    CheckConstraint("least BETWEEN 1 AND most", name="quantity"),
    CheckConstraint("per IN ('person', 'booking')", name="per"),
    sqlite_strict=True,
)

extra_image = Table(
    "extra_image",
    metadata,
    Column("extra_id", Text, ForeignKey("extra.id"), primary_key=True),
    facility_id(),
    Column("digest", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    sqlite_strict=True,
)

booking_extra = Table(
    "booking_extra",
    metadata,
    Column("booking_id", Text, ForeignKey("booking.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    facility_id(),
    Column("extra_id", Text, ForeignKey("extra.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("vat_percent", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Index("ix_booking_extra_extra", "extra_id", "facility_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    sqlite_strict=True,
)
