"""Messages: what is to be told, each message on its way, and the words and settings of a facility.

Revision ID: 0014
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add empty tables; a facility without settings of its own goes by the usual ones."""
    _table("outbox", [
        *_texts("event", "subject", "subject_id"), _text("order_id"), _text("customer_id"),
        *_numbers("occasion", "at", "seq", "done_in"), _text("language"), _text("zone"), *_numbers("spread"),
        sa.CheckConstraint("spread IN (0, 1)", name=op.f("ck_outbox_spread_flag")),
        sa.CheckConstraint("subject IN ('booking', 'waiting')", name=op.f("ck_outbox_subject")),
        *_unique("outbox", "subject_id", "event", "occasion", "facility_id"),
    ])  # fmt: skip
    op.create_index("ix_outbox_waits", "outbox", ["facility_id", "seq", "id"], sqlite_where=sa.text("spread = 0"))
    ordered = sa.text("order_id IS NOT NULL")
    op.create_index("ix_outbox_order", "outbox", ["order_id", "event", "done_in", "facility_id"], sqlite_where=ordered)
    _table("message", [
        *_texts("event", "subject", "subject_id"), _text("customer_id"),
        *_numbers("occasion", "at", "seq"), *_texts("audience", "channel", "state"),
        *_numbers("due_at", "tries", "leased_until"), sa.Column("done_at", sa.Integer(), nullable=True),
        *_numbers("parts"), *_texts("fault"),
        sa.CheckConstraint("subject IN ('booking', 'order', 'waiting')", name=op.f("ck_message_subject")),
        sa.CheckConstraint("audience IN ('client', 'staff')", name=op.f("ck_message_audience")),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("ck_message_channel")),
        sa.CheckConstraint("state IN ('due', 'sent', 'dead', 'dropped', 'off')", name=op.f("ck_message_state")),
        *_unique("message", "subject_id", "event", "occasion", "audience", "channel", "facility_id"),
    ])  # fmt: skip
    due = sa.text("state = 'due'")
    op.create_index("ix_message_due", "message", ["facility_id", "due_at", "seq", "id"], sqlite_where=due)
    chosen = ("event", "audience", "channel", "language")
    _table("message_template", [
        *_texts(*chosen, "subject", "body"), *_versions("message_template"),
        *_unique("message_template", "facility_id", *chosen),
    ])  # fmt: skip
    _table("message_settings", [
        *_texts("staff_email", "staff_phone"), *_numbers("reminder_hours"),
        *_texts("language", "also_by_sms", "silent", "told_to_staff"), *_versions("message_settings"),
        *_unique("message_settings", "facility_id"),
    ])  # fmt: skip


def _table(name: str, parts: Sequence[SchemaItem]) -> None:
    op.create_table(
        name,
        *_texts("id", "facility_id"),
        *parts,
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f(f"fk_{name}_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_strict=True,
    )


def _unique(table: str, *names: str) -> list[SchemaItem]:
    return [sa.UniqueConstraint(*names, name=op.f(f"uq_{table}_{'_'.join(names)}"))]


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _versions(table: str) -> list[SchemaItem]:
    return [
        *_numbers("version", "changed_at"),
        *_texts("changed_by"),
        *_numbers("archived"),
        sa.CheckConstraint("archived IN (0, 1)", name=op.f(f"ck_{table}_archived_flag")),
    ]
