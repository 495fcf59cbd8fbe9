"""Members of staff have a name, an address and a calendar; a message may be about one of them.

Revision ID: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns that leave everything as it was; SQLite changes a check only by making its table anew."""
    for name in ("name", "email", "phone", "language"):
        op.add_column("staff", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("staff", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("staff", sa.Column("changed_at", sa.Integer(), server_default="0", nullable=False))
    op.add_column("staff", sa.Column("calendar_digest", sa.LargeBinary(), nullable=True))
    op.create_index("ix_staff_calendar_digest", "staff", ["calendar_digest"], unique=True)
    op.add_column("message_settings", sa.Column("recap_minute", sa.Integer(), server_default="1080", nullable=True))
    op.add_column("message_settings", sa.Column("recap_when_empty", sa.Integer(), server_default="0", nullable=False))
    _make_messages_anew()


def _make_messages_anew() -> None:
    op.drop_index("ix_message_due", "message")
    op.rename_table("message", "message_before")
    unique = ("subject_id", "event", "occasion", "audience", "channel", "facility_id")
    op.create_table(
        "message",
        *_texts("id", "facility_id", "event", "subject", "subject_id"),
        sa.Column("customer_id", sa.Text(), nullable=True),
        *_numbers("occasion", "at", "seq"),
        *_texts("audience", "channel", "state"),
        *_numbers("due_at", "tries", "leased_until"),
        sa.Column("done_at", sa.Integer(), nullable=True),
        *_numbers("parts"),
        *_texts("fault"),
        sa.CheckConstraint("subject IN ('booking', 'order', 'waiting', 'staff')", name=op.f("ck_message_subject")),
        sa.CheckConstraint("audience IN ('client', 'staff')", name=op.f("ck_message_audience")),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("ck_message_channel")),
        sa.CheckConstraint("state IN ('due', 'sent', 'dead', 'dropped', 'off')", name=op.f("ck_message_state")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_message_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_message_{'_'.join(unique)}")),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO message SELECT * FROM message_before")
    op.drop_table("message_before")
    due = sa.text("state = 'due'")
    op.create_index("ix_message_due", "message", ["facility_id", "due_at", "seq", "id"], sqlite_where=due)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]
