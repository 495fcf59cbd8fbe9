"""Billing: prices, how they are paid, entitlements, and the ledger.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; a facility without rows in them sells at its base prices, as before."""
    op.create_table(
        "customer_category",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_versions("customer_category"),
        _refers("customer_category", "facility_id", "facility"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_category")),
        sqlite_strict=True,
    )
    op.create_table(
        "price_rule",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=True),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.Column("resource_id", sa.Text(), nullable=True),
        sa.Column("category_id", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("date_from", sa.Text(), nullable=True),
        sa.Column("date_to", sa.Text(), nullable=True),
        sa.Column("weekdays", sa.Text(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=True),
        sa.Column("to_minute", sa.Integer(), nullable=True),
        *_versions("price_rule"),
        sa.CheckConstraint("effect IN ('amount', 'percent', 'addition')", name=op.f("ck_price_rule_effect")),
        sa.CheckConstraint("(from_minute IS NULL) = (to_minute IS NULL)", name=op.f("ck_price_rule_time_of_day")),
        _refers("price_rule", "category_id", "customer_category"),
        _refers("price_rule", "facility_id", "facility"),
        _refers("price_rule", "resource_id", "resource"),
        _refers("price_rule", "service_id", "service"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_rule")),
        sqlite_strict=True,
    )
    op.create_table(
        "payment_terms",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("deposit_percent", sa.Integer(), nullable=False),
        sa.Column("pay_within_minutes", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        *_versions("payment_terms"),
        sa.CheckConstraint(
            "policy IN ('free', 'on_site', 'prepay', 'deposit', 'invoice')", name=op.f("ck_payment_terms_policy")
        ),
        _refers("payment_terms", "facility_id", "facility"),
        _refers("payment_terms", "service_id", "service"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_terms")),
        sa.UniqueConstraint("service_id", name=op.f("uq_payment_terms_service_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "customer_terms",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("may_be_invoiced", sa.Integer(), nullable=False),
        sa.Column("credit_limit", sa.Integer(), nullable=True),
        *_versions("customer_terms"),
        sa.CheckConstraint("may_be_invoiced IN (0, 1)", name=op.f("ck_customer_terms_may_be_invoiced_flag")),
        _refers("customer_terms", "customer_id", "customer"),
        _refers("customer_terms", "facility_id", "facility"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_terms")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_customer_terms_customer_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "fee_product",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("vat_percent", sa.Integer(), nullable=False),
        *_versions("fee_product"),
        _refers("fee_product", "facility_id", "facility"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_product")),
        sa.UniqueConstraint("facility_id", name=op.f("uq_fee_product_facility_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "price_line",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_amount", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("vat_percent", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Text(), nullable=True),
        sa.Column("entitlement_id", sa.Text(), nullable=True),
        _refers("price_line", "booking_id", "booking"),
        _refers("price_line", "facility_id", "facility"),
        sa.PrimaryKeyConstraint("booking_id", "position", name=op.f("pk_price_line")),
        sqlite_strict=True,
    )
    op.create_table(
        "entitlement_product",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("vat_percent", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("clips", sa.Integer(), nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("limit_most", sa.Integer(), nullable=True),
        sa.Column("limit_per", sa.Text(), nullable=True),
        sa.Column("limit_is_rolling", sa.Integer(), nullable=False),
        sa.Column("returns_late", sa.Integer(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        *_versions("entitlement_product"),
        sa.CheckConstraint("kind IN ('clips', 'subscription')", name=op.f("ck_entitlement_product_kind")),
        sa.CheckConstraint("limit_is_rolling IN (0, 1)", name=op.f("ck_entitlement_product_limit_is_rolling_flag")),
        sa.CheckConstraint("limit_per IN ('week', 'month')", name=op.f("ck_entitlement_product_per")),
        sa.CheckConstraint("returns_late IN (0, 1)", name=op.f("ck_entitlement_product_returns_late_flag")),
        _refers("entitlement_product", "facility_id", "facility"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement_product")),
        sqlite_strict=True,
    )
    op.create_table(
        "product_service",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.CheckConstraint("percent BETWEEN 1 AND 100", name=op.f("ck_product_service_percent")),
        _refers("product_service", "facility_id", "facility"),
        _refers("product_service", "product_id", "entitlement_product"),
        _refers("product_service", "service_id", "service"),
        sa.PrimaryKeyConstraint("product_id", "service_id", name=op.f("pk_product_service")),
        sqlite_strict=True,
    )
    op.create_table(
        "entitlement",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=True),
        sa.Column("sold_until", sa.Integer(), nullable=True),
        sa.CheckConstraint("ends > starts", name=op.f("ck_entitlement_forward")),
        sa.CheckConstraint("kind IN ('clips', 'subscription')", name=op.f("ck_entitlement_kind")),
        _refers("entitlement", "customer_id", "customer"),
        _refers("entitlement", "facility_id", "facility"),
        _refers("entitlement", "product_id", "entitlement_product"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement")),
        sqlite_strict=True,
    )
    op.create_index("ix_entitlement_customer", "entitlement", ["customer_id", "facility_id"], unique=False)
    op.create_table(
        "entitlement_use",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("entitlement_id", sa.Text(), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Text(), nullable=True),
        sa.Column("starts", sa.Integer(), nullable=True),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_entitlement_use_delta")),
        _refers("entitlement_use", "booking_id", "booking"),
        _refers("entitlement_use", "entitlement_id", "entitlement"),
        _refers("entitlement_use", "facility_id", "facility"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement_use")),
        sqlite_strict=True,
    )
    op.create_index("ix_entitlement_use_booking", "entitlement_use", ["booking_id", "facility_id"], unique=False)
    op.create_index(
        "ix_entitlement_use_entitlement",
        "entitlement_use",
        ["entitlement_id", "starts", "delta", "facility_id"],
        unique=False,
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("posting_id", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("vat_percent", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _refers("ledger_entry", "booking_id", "booking"),
        _refers("ledger_entry", "customer_id", "customer"),
        _refers("ledger_entry", "facility_id", "facility"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sqlite_strict=True,
    )
    op.create_index("ix_ledger_entry_booking", "ledger_entry", ["booking_id", "facility_id"], unique=False)
    op.create_index("ix_ledger_entry_customer", "ledger_entry", ["customer_id", "facility_id"], unique=False)
    # Whoever must pay first waits like whoever holds: both are found by the instant at which they give up.
    op.drop_index("ix_booking_held", "booking")
    op.create_index("ix_booking_held", "booking", ["expires_at"], sqlite_where=sa.text("expires_at IS NOT NULL"))


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _versions(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("archived", sa.Integer(), nullable=False),
        sa.CheckConstraint("archived IN (0, 1)", name=op.f(f"ck_{table}_archived_flag")),
    )
