"""Booking rules become documents, a booking remembers the rule that it was made under and how often it was moved.

Revision ID: 0007
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the rules anew under their old ids; services and facilities go on pointing at them."""
    connection = op.get_bind()
    kept = connection.execute(sa.text("SELECT * FROM booking_rule")).mappings().all()
    connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
    op.drop_table("booking_rule")
    rules = op.create_table(
        "booking_rule",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("archived", sa.Integer(), nullable=False),
        sa.CheckConstraint("archived IN (0, 1)", name=op.f("ck_booking_rule_archived_flag")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_booking_rule_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_rule")),
        sa.UniqueConstraint("facility_id", "name", name=op.f("uq_booking_rule_facility_id_name")),
        sqlite_strict=True,
    )
    for row in kept:
        own = {name: row[name] for name in ("id", "facility_id", "name")}
        as_new = {"version": 1, "changed_at": 0, "changed_by": "migration", "archived": 0}
        connection.execute(rules.insert().values(**own, **as_new, terms=_terms(row)))
    op.add_column("customer", sa.Column("pardoned_at", sa.Integer(), nullable=True))
    op.add_column("booking", sa.Column("rule_id", sa.Text(), nullable=True))
    op.add_column("booking", sa.Column("moves", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_booking_customer", "booking", ["customer_id", "starts", "facility_id"], unique=False)


def _terms(row: sa.RowMapping) -> str:
    earliest = None
    if row["earliest_unit"] is not None:
        earliest = {"value": row["earliest_value"], "unit": row["earliest_unit"]}
    windows = {
        channel: {
            "earliest": earliest,
            "release_minute": None,
            "from_end": False,
            "latest": {"value": row[f"latest_{channel}_minutes"], "unit": "minutes"},
        }
        for channel in ("public", "kiosk", "staff")
    }
    cancelling = {
        "earliest": None,
        "until": {"value": row["cancel_until_minutes"], "unit": "minutes"},
        "grace_s": row["grace_s"],
        "tiers": [],
    }
    terms: dict[str, object] = {
        "windows": windows,
        "cancelling": cancelling,
        "moving": {"until": None, "most": None},
        "limits": [],
        "no_shows": {"wait_minutes": row["no_show_minutes"], "block": None},
        "promote_until": None,
        "swaps": [],
    }
    return json.dumps(terms, sort_keys=True, separators=(",", ":"))
