"""People and places: staff with grids of their own, absences, class sessions that claim, who sees and may book what.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_EDITED = ("resource", "schedule_exception", "class_session", "customer")


def upgrade() -> None:
    """Add columns whose defaults leave everything as it was, and tables; plans of classes get ids of their own."""
    for table in _EDITED:
        _add(table, *_edited(), sa.Column("archived", sa.Integer(), server_default="0", nullable=False))
    _add("resource", _number("grid_minutes"), _text("anchor", "midnight"), _number("offered"))
    _add("resource", sa.Column("staff_id", sa.Text(), nullable=True))
    _add("schedule_exception", _text("kind", ""), _text("internal_text", ""))
    _add("class_session", _text("status", "planned"), sa.Column("plan_id", sa.Text(), nullable=True))
    _add("booking", sa.Column("preferred_id", sa.Text(), nullable=True))
    _add("customer", _text("status", "active"), _number("email_verified_at"), _number("phone_verified_at"))
    op.create_index("ix_claim_session", "claim", ["session_id"], sqlite_where=sa.text("session_id IS NOT NULL"))
    _create(
        "admission",
        _text("visibility", "public"),
        _text("leads_to", "booking"),
        sa.Column("who_may_book", sa.Text(), nullable=True),
        _number("visible_days"),
    )
    _create("opening_hours")
    _create(
        "session_plan",
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("weekdays", sa.Text(), nullable=False),
        sa.Column("minute_of_day", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        _text("occupies", ""),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_session_plan_resource_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_session_plan_service_id")),
    )
    op.execute(
        "INSERT INTO session_plan"
        "(id, facility_id, service_id, resource_id, weekdays, minute_of_day, minutes, days_ahead)"
        " SELECT service_id, facility_id, service_id, resource_id, weekdays, minute_of_day, minutes, days_ahead"
        " FROM class_plan"
    )
    op.execute("UPDATE class_session SET plan_id = service_id WHERE service_id IN (SELECT service_id FROM class_plan)")
    op.drop_table("class_plan")
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


def _create(table: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        *parts,
        *_edited(),
        sa.Column("archived", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f(f"fk_{table}_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_strict=True,
    )


def _add(table: str, *columns: sa.Column[object]) -> None:
    for column in columns:
        op.add_column(table, column)


def _edited() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_at", sa.Integer(), server_default="0", nullable=False),
        _text("changed_by", ""),
    )


def _text(name: str, default: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=True)
