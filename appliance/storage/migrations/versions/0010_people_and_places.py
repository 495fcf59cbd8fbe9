"""People and places: staff with grids of their own, absences, class sessions that claim, who sees and may book what.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0004"
branch_labels = None
depends_on = None

_EDITED = ("facility", "resource", "service", "schedule_exception", "class_session", "class_plan", "customer")


def upgrade() -> None:
    """Add columns whose defaults leave everything as it was, and two tables."""
    for table in _EDITED:
        _add(table, sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    _add("facility", _text("who_may_book", "open"), _number("visible_days"))
    _add("service", _text("visibility", "public"), _text("leads_to", "booking"))
    _add("service", sa.Column("who_may_book", sa.Text(), nullable=True), _number("visible_days"))
    _add("resource", _number("grid_minutes"), _text("anchor", "midnight"), _number("offered"))
    _add("resource", sa.Column("staff_id", sa.Text(), nullable=True))
    _add("schedule_exception", _text("kind", ""), _text("internal_text", ""))
    _add("class_session", _text("status", "planned"))
    _add("class_plan", _text("occupies", ""))
    _add("booking", sa.Column("preferred_id", sa.Text(), nullable=True))
    _add("customer", _text("status", "active"), _number("email_verified_at"), _number("phone_verified_at"))
    op.create_table(
        "hours_version",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_hours_version_facility_id")),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_hours_version")),
        sqlite_strict=True,
    )
    op.create_table(
        "kept_conflict",
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("causes", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_kept_conflict_booking_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_kept_conflict_facility_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_kept_conflict")),
        sqlite_strict=True,
    )
    op.create_index("ix_claim_session", "claim", ["session_id"], sqlite_where=sa.text("session_id IS NOT NULL"))


def _add(table: str, *columns: sa.Column[object]) -> None:
    for column in columns:
        op.add_column(table, column)


def _text(name: str, default: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=True)
