"""Tables of custom fields and of the answers to them; an answer stands only sealed under the key of its customer."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from appliance.storage.metadata import facility_id, flag, metadata
from appliance.storage.versioned import versions

FIELD_KINDS = ("text", "number", "choice", "checkbox", "date", "phone")

custom_field = Table(
    "custom_field",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("service_id", Text, ForeignKey("service.id")),
    Column("slug", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("kind", Text, nullable=False),
    *flag("required"),
    Column("pattern", Text, nullable=False),
    Column("help", Text, nullable=False),
    Column("choices", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("retention_days", Integer),
    *versions(),
    CheckConstraint(f"kind IN {FIELD_KINDS}", name="kind"),
    CheckConstraint("retention_days >= 0", name="retention"),
    sqlite_strict=True,
)

booking_answer = Table(
    "booking_answer",
    metadata,
    Column("booking_id", Text, ForeignKey("booking.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    facility_id(),
    Column("field_id", Text, ForeignKey("custom_field.id"), nullable=False),
    Column("customer_id", Text, ForeignKey("customer.id"), nullable=False),
    Column("slug", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Index("ix_booking_answer_customer", "customer_id", "facility_id"),
    Index("ix_booking_answer_field", "field_id", "facility_id"),
    sqlite_strict=True,
)
