"""Tables of the customer register; the key that seals a person's values in the journal stands apart."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from appliance.storage.metadata import edited, facility_id, metadata

customer = Table(
    "customer",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("name", Text, nullable=False, default=""),
    Column("email", Text),
    Column("phone", Text),
    Column("email_match", Text),
    Column("birth_year", Integer),
    Column("created_at", Integer, nullable=False),
    Column("pardoned_at", Integer),
    Column("status", Text, nullable=False, server_default="active"),
    Column("email_verified_at", Integer),
    Column("phone_verified_at", Integer),
    *edited(),
    Index("ix_customer_email", "email_match", "facility_id"),
    Index("ix_customer_phone", "phone", "facility_id"),
    sqlite_strict=True,
)

person_key = Table(
    "person_key",
    metadata,
    Column("customer_id", Text, ForeignKey("customer.id"), primary_key=True),
    facility_id(),
    Column("key", LargeBinary, nullable=False),
    sqlite_strict=True,
)
