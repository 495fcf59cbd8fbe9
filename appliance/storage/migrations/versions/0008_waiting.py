"""Waiting lists: who waits for which start of which service, and what each service does when a place is free.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the list; no service has one until somebody switches it on."""
    op.add_column("service", sa.Column("waiting_mode", sa.Text(), nullable=False, server_default="off"))
    op.add_column("service", sa.Column("offer_minutes", sa.Integer(), nullable=False, server_default="30"))
    op.create_table(
        "waiting",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("starts_from", sa.Integer(), nullable=False),
        sa.Column("starts_before", sa.Integer(), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'booked', 'left', 'lapsed', 'removed')", name=op.f("ck_waiting_state")
        ),
        sa.CheckConstraint("starts_from < starts_before", name=op.f("ck_waiting_forward")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_waiting_quantity")),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], [f"{name}.id"], name=op.f(f"fk_waiting_{name}_id"))
            for name in ("facility", "service", "customer", "booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
        sqlite_strict=True,
    )
    waits = sa.text("state = 'waiting'")
    op.create_index("ix_waiting_open", "waiting", ["facility_id", "created_at", "id"], sqlite_where=waits)
    offered = sa.text("state = 'offered'")
    op.create_index("ix_waiting_offered", "waiting", ["facility_id", "booking_id"], sqlite_where=offered)
    op.create_index("ix_waiting_customer", "waiting", ["customer_id", "service_id", "facility_id"])
    op.create_index("ix_waiting_booking", "waiting", ["booking_id", "facility_id"])
