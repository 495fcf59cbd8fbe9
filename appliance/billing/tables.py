"""Tables of billing. Amounts are minor units with VAT contained; dates are local ISO dates, minutes those of a day."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from appliance.storage.metadata import facility_id, flag, metadata
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

payment_terms = Table(
    "payment_terms",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("service_id", Text, ForeignKey("service.id"), nullable=False, unique=True),
    Column("policy", Text, nullable=False),
    Column("deposit_percent", Integer, nullable=False),
    Column("pay_within_minutes", Integer, nullable=False),
    Column("account", Text, nullable=False),
    *versions(),
    CheckConstraint("policy IN ('free', 'on_site', 'prepay', 'deposit', 'invoice')", name="policy"),
    sqlite_strict=True,
)

customer_terms = Table(
    "customer_terms",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("customer_id", Text, ForeignKey("customer.id"), nullable=False, unique=True),
    *flag("may_be_invoiced"),
    Column("credit_limit", Integer),
    *versions(),
    sqlite_strict=True,
)

fee_product = Table(
    "fee_product",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("name", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("vat_percent", Integer, nullable=False),
    *versions(),
    UniqueConstraint("facility_id"),
    sqlite_strict=True,
)

price_line = Table(
    "price_line",
    metadata,
    facility_id(),
    Column("booking_id", Text, ForeignKey("booking.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_amount", Integer, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("vat_percent", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("category_id", Text),
    Column("entitlement_id", Text),
    sqlite_strict=True,
)

entitlement_product = Table(
    "entitlement_product",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("vat_percent", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("clips", Integer),
    Column("valid_days", Integer),
    Column("limit_most", Integer),
    Column("limit_per", Text),
    *flag("limit_is_rolling"),
    *flag("returns_late"),
    Column("grace_days", Integer, nullable=False),
    Column("sold_at", Text, nullable=False, server_default=""),
    *versions(),
    CheckConstraint("kind IN ('clips', 'subscription')", name="kind"),
    CheckConstraint("limit_per IN ('week', 'month')", name="per"),
    sqlite_strict=True,
)

product_service = Table(
    "product_service",
    metadata,
    facility_id(),
    Column("product_id", Text, ForeignKey("entitlement_product.id"), primary_key=True),
    Column("service_id", Text, ForeignKey("service.id"), primary_key=True),
    Column("percent", Integer, nullable=False),
    CheckConstraint("percent BETWEEN 1 AND 100", name="percent"),
    sqlite_strict=True,
)

product_door = Table(
    "product_door",
    metadata,
    facility_id(),
    Column("product_id", Text, ForeignKey("entitlement_product.id"), primary_key=True),
    Column("door_id", Text, primary_key=True),
    sqlite_strict=True,
)

product_hours = Table(
    "product_hours",
    metadata,
    facility_id(),
    Column("product_id", Text, ForeignKey("entitlement_product.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("weekdays", Text, nullable=False),
    Column("from_minute", Integer, nullable=False),
    Column("to_minute", Integer, nullable=False),
    CheckConstraint("from_minute < to_minute", name="forward"),
    sqlite_strict=True,
)

entitlement = Table(
    "entitlement",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("customer_id", Text, ForeignKey("customer.id"), nullable=False),
    Column("product_id", Text, ForeignKey("entitlement_product.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("starts", Integer, nullable=False),
    Column("ends", Integer),
    Column("sold_until", Integer),
    Column("ended_at", Integer),
    Column("end_reason", Text),
    CheckConstraint("kind IN ('clips', 'subscription')", name="kind"),
    CheckConstraint("ends > starts", name="forward"),
    Index("ix_entitlement_customer", "customer_id", "facility_id"),
    sqlite_strict=True,
)

entitlement_use = Table(
    "entitlement_use",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("entitlement_id", Text, ForeignKey("entitlement.id"), nullable=False),
    Column("delta", Integer, nullable=False),
    Column("booking_id", Text, ForeignKey("booking.id")),
    Column("starts", Integer),
    Column("at", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint("delta <> 0", name="delta"),
    Index("ix_entitlement_use_entitlement", "entitlement_id", "starts", "delta", "facility_id"),
    Index("ix_entitlement_use_booking", "booking_id", "facility_id"),
    sqlite_strict=True,
)

purchase = Table(
    "purchase",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("number", Text, nullable=False),
    Column("customer_id", Text, ForeignKey("customer.id"), nullable=False),
    Column("product_id", Text, ForeignKey("entitlement_product.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("vat_percent", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("clips", Integer),
    Column("valid_days", Integer),
    Column("status", Text, nullable=False),
    Column("method", Text),
    Column("entitlement_id", Text, ForeignKey("entitlement.id"), unique=True),
    Column("reason", Text),
    Column("created_at", Integer, nullable=False),
    Column("expires_at", Integer),
    Column("revision", Integer, nullable=False),
    CheckConstraint("status IN ('pending', 'granted', 'cancelled', 'expired', 'refunded')", name="status"),
    CheckConstraint("(status IN ('granted', 'refunded')) = (entitlement_id IS NOT NULL)", name="granted"),
    CheckConstraint("(status = 'pending') = (expires_at IS NOT NULL)", name="pending"),
    CheckConstraint("amount >= 0", name="amount"),
    UniqueConstraint("number", "facility_id"),
    Index("ix_purchase_pending", "facility_id", "id", sqlite_where=text("status = 'pending'")),
    Index("ix_purchase_product", "product_id", "facility_id"),
    sqlite_strict=True,
)

ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("id", Text, primary_key=True),
    facility_id(),
    Column("posting_id", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("booking_id", Text, ForeignKey("booking.id")),
    Column("customer_id", Text, ForeignKey("customer.id")),
    Column("account", Text, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("vat_percent", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("purchase_id", Text),
    Index("ix_ledger_entry_booking", "booking_id", "facility_id"),
    Index("ix_ledger_entry_customer", "customer_id", "facility_id"),
    sqlite_strict=True,
)
