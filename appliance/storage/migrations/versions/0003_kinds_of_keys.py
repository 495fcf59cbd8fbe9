"""Keys of phones, members' cards, and what is revoked of PINs that a door works out by itself.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what further kinds of keys need."""
    op.add_column("key", sa.Column("public_key", sa.Text(), nullable=True))
    op.add_column("key", sa.Column("zone", sa.Text(), nullable=True))
    op.create_table(
        "card",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("lookup", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bound_at", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('live', 'blocked')", name=op.f("ck_card_state")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_card_facility_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_card_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sqlite_strict=True,
    )
    op.create_index("ix_card_lookup", "card", ["lookup", "facility_id"], unique=False)
    op.create_index("ix_card_customer", "card", ["customer_id", "facility_id"], unique=False)
    op.create_table(
        "revoked_derived",
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_revoked_derived_facility_id")),
        sa.PrimaryKeyConstraint("facility_id", "claims", name=op.f("pk_revoked_derived")),
        sqlite_strict=True,
    )
