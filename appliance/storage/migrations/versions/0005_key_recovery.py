"""Customers may have a birth year, and whoever asks for a key without its code is slowed down.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, which nobody fills in afterwards, and the counts of tries."""
    op.add_column("customer", sa.Column("birth_year", sa.Integer(), nullable=True))
    op.create_table(
        "recovery_throttle",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.Integer(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("wrong_today", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_recovery_throttle_facility_id")),
        sa.PrimaryKeyConstraint("facility_id", "subject", name=op.f("pk_recovery_throttle")),
        sqlite_strict=True,
    )
