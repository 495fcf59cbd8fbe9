"""Billing: customer categories and price rules.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; a facility without rows in them sells at its base prices, as before."""
    op.create_table(
        "customer_category",
        sa.Column("id", sa.Text(), nullable=False),
        _facility(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_versions("customer_category"),
        _of_facility("customer_category"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_category")),
        sqlite_strict=True,
    )
    op.create_table(
        "price_rule",
        sa.Column("id", sa.Text(), nullable=False),
        _facility(),
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
        _of_facility("price_rule"),
        _refers("price_rule", "service_id", "service"),
        _refers("price_rule", "resource_id", "resource"),
        _refers("price_rule", "category_id", "customer_category"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_rule")),
        sqlite_strict=True,
    )


def _facility() -> sa.Column[str]:
    return sa.Column("facility_id", sa.Text(), nullable=False)


def _of_facility(table: str) -> sa.ForeignKeyConstraint:
    return _refers(table, "facility_id", "facility")


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
