"""Extras, their pictures, and what of them was booked; custom fields and the answers to them.

Revision ID: 0009
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; no booking there is has an extra."""
    op.add_column("booking", sa.Column("extras", sa.Integer(), nullable=True))
    _extras()
    _booked()
    _fields()


def _extras() -> None:
    op.create_table(
        "extra",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("amount", "vat_percent")),
        sa.Column("account", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("minutes", "least", "most")),
        sa.Column("per", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("need_quantity", "offset_minutes")),
        sa.Column("length_minutes", sa.Integer(), nullable=True),
        *_flags("extra", "shows_title", "shows_price", "shows_image", "shows_duration", "shows_summary"),
        sa.Column("position", sa.Integer(), nullable=False),
        *_versions("extra"),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_extra_amount")),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_extra_minutes")),
        sa.CheckConstraint("least BETWEEN 1 AND most", name=op.f("ck_extra_quantity")),
        sa.CheckConstraint("per IN ('person', 'booking')", name=op.f("ck_extra_per")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_extra_facility_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_extra_service_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_extra_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extra")),
        sqlite_strict=True,
    )
    op.create_table(
        "extra_image",
        sa.Column("extra_id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["extra_id"], ["extra.id"], name=op.f("fk_extra_image_extra_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_extra_image_facility_id")),
        sa.PrimaryKeyConstraint("extra_id", name=op.f("pk_extra_image")),
        sqlite_strict=True,
    )


def _booked() -> None:
    op.create_table(
        "booking_extra",
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("extra_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("quantity", "units", "amount")),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("vat_percent", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_booking_extra_quantity")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_extra_booking_id")),
        sa.ForeignKeyConstraint(["extra_id"], ["extra.id"], name=op.f("fk_booking_extra_extra_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_booking_extra_facility_id")),
        sa.PrimaryKeyConstraint("booking_id", "position", name=op.f("pk_booking_extra")),
        sqlite_strict=True,
    )
    op.create_index("ix_booking_extra_extra", "booking_extra", ["extra_id", "facility_id"], unique=False)


def _fields() -> None:
    op.create_table(
        "custom_field",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("slug", "label", "kind", "pattern", "help")),
        *_flags("custom_field", "required"),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        *_versions("custom_field"),
        sa.CheckConstraint(
            "kind IN ('text', 'number', 'choice', 'checkbox', 'date', 'phone')", name=op.f("ck_custom_field_kind")
        ),
        sa.CheckConstraint("retention_days >= 0", name=op.f("ck_custom_field_retention")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_custom_field_facility_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_custom_field_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
        sqlite_strict=True,
    )
    op.create_table(
        "booking_answer",
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("facility_id", "field_id", "customer_id")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("slug", "label", "sealed")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_answer_booking_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_booking_answer_customer_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_booking_answer_facility_id")),
        sa.ForeignKeyConstraint(["field_id"], ["custom_field.id"], name=op.f("fk_booking_answer_field_id")),
        sa.PrimaryKeyConstraint("booking_id", "position", name=op.f("pk_booking_answer")),
        sqlite_strict=True,
    )
    op.create_index("ix_booking_answer_customer", "booking_answer", ["customer_id", "facility_id"], unique=False)
    op.create_index("ix_booking_answer_field", "booking_answer", ["field_id", "facility_id"], unique=False)


def _versions(table: str) -> Sequence[sa.schema.SchemaItem]:
    """The columns that set-up data ends with."""
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        *_flags(table, "archived"),
    )


def _flags(table: str, *names: str) -> Sequence[sa.schema.SchemaItem]:
    """Columns that are 0 or 1, and their checks."""
    columns = [sa.Column(name, sa.Integer(), nullable=False) for name in names]
    return (
        *columns,
        *(sa.CheckConstraint(f"{name} IN (0, 1)", name=op.f(f"ck_{table}_{name}_flag")) for name in names),
    )
