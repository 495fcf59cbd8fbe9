"""Tables of billing. Amounts are minor units with VAT contained; dates are local ISO dates, minutes those of a day."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text

from appliance.storage.metadata import facility_id, metadata
from appliance.storage.versioned import versions

customer_category = Table(
    "customer_category",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False, default=0),
    *versions(),
    sqlite_strict=True,
)

price_rule = Table(
    "price_rule",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("name", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("value", Integer, nullable=False),
    Column("service_id", Text, ForeignKey("service.id")),
    Column("duration", Integer),
    Column("resource_id", Text, ForeignKey("resource.id")),
    Column("category_id", Text, ForeignKey("customer_category.id")),
    Column("channel", Text),
    Column("date_from", Text),
    Column("date_to", Text),
    Column("weekdays", Text, nullable=False, default=""),
    Column("from_minute", Integer),
    Column("to_minute", Integer),
    *versions(),
    CheckConstraint("effect IN ('amount', 'percent', 'addition')", name="effect"),
    CheckConstraint("(from_minute IS NULL) = (to_minute IS NULL)", name="time_of_day"),
    sqlite_strict=True,
)
