"""Standing keys: what a subscription opens without a booking, entitlements that staff end, and keys with hours.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; what was sold before opens nothing by itself, as before."""
    op.create_table(
        "product_door",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("door_id", sa.Text(), nullable=False),
        *_of_product("product_door"),
        sa.PrimaryKeyConstraint("product_id", "door_id", name=op.f("pk_product_door")),
        sqlite_strict=True,
    )
    op.create_table(
        "product_hours",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.Text(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("to_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint("from_minute < to_minute", name=op.f("ck_product_hours_forward")),
        *_of_product("product_hours"),
        sa.PrimaryKeyConstraint("product_id", "position", name=op.f("pk_product_hours")),
        sqlite_strict=True,
    )
    op.add_column("entitlement", sa.Column("ended_at", sa.Integer(), nullable=True))
    op.add_column("entitlement", sa.Column("end_reason", sa.Text(), nullable=True))
    op.add_column("key", sa.Column("hours", sa.Text(), nullable=True))


def _of_product(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f(f"fk_{table}_facility_id")),
        sa.ForeignKeyConstraint(["product_id"], ["entitlement_product.id"], name=op.f(f"fk_{table}_product_id")),
    )
