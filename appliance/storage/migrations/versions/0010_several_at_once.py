"""Orders of several bookings, and what of a service may be booked at once.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; every booking there was made by itself, and of no service may several be booked at once."""
    op.create_table(
        "service_several",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("most_in_a_row", sa.Integer(), nullable=False),
        sa.Column("chains", sa.Integer(), nullable=False),
        sa.Column("longest_gap_minutes", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("archived", sa.Integer(), nullable=False),
        sa.CheckConstraint("series IN (0, 1)", name=op.f("ck_service_several_series_flag")),
        sa.CheckConstraint("chains IN (0, 1)", name=op.f("ck_service_several_chains_flag")),
        sa.CheckConstraint("archived IN (0, 1)", name=op.f("ck_service_several_archived_flag")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_service_several_facility_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_service_several_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_several")),
        sa.UniqueConstraint("service_id", name=op.f("uq_service_several_service_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "booking_order",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=True),
        sa.Column("skipped", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("cancel_digest", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("kind IN ('series', 'chain', 'row')", name=op.f("ck_booking_order_kind")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_booking_order_facility_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_booking_order_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_order")),
        sqlite_strict=True,
    )
    op.add_column("booking", sa.Column("order_id", sa.Text(), nullable=True))
    op.add_column("booking", sa.Column("participant", sa.Text(), nullable=True))
    op.create_index("ix_booking_order", "booking", ["order_id"], sqlite_where=sa.text("order_id IS NOT NULL"))
