"""Entitlement products that customers buy themselves, and their purchases.

Revision ID: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an empty table; nothing is sold to customers until staff say where."""
    op.add_column("entitlement_product", sa.Column("sold_at", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "purchase",
        *_texts("id", "facility_id", "number", "customer_id", "product_id", "channel", "name"),
        *_numbers("amount", "vat_percent"),
        *_texts("account"),
        sa.Column("clips", sa.Integer(), nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        *_texts("status"),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("method", "entitlement_id", "reason")),
        *_numbers("created_at"),
        sa.Column("expires_at", sa.Integer(), nullable=True),
        *_numbers("revision"),
        sa.CheckConstraint(
            "status IN ('pending', 'granted', 'cancelled', 'expired', 'refunded')", name=op.f("ck_purchase_status")
        ),
        sa.CheckConstraint(
            "(status IN ('granted', 'refunded')) = (entitlement_id IS NOT NULL)", name=op.f("ck_purchase_granted")
        ),
        sa.CheckConstraint("(status = 'pending') = (expires_at IS NOT NULL)", name=op.f("ck_purchase_pending")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_purchase_amount")),
        *(
            sa.ForeignKeyConstraint([f"{other}_id"], [f"{table}.id"], name=op.f(f"fk_purchase_{other}_id"))
            for other, table in (
                ("facility", "facility"),
                ("customer", "customer"),
                ("product", "entitlement_product"),
                ("entitlement", "entitlement"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("entitlement_id", name=op.f("uq_purchase_entitlement_id")),
        sa.UniqueConstraint("number", "facility_id", name=op.f("uq_purchase_number_facility_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_purchase_pending", "purchase", ["facility_id", "id"], sqlite_where=sa.text("status = 'pending'")
    )
    op.create_index("ix_purchase_product", "purchase", ["product_id", "facility_id"])
    op.add_column("ledger_entry", sa.Column("purchase_id", sa.Text(), nullable=True))


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]
