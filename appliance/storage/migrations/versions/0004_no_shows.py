"""Booking rules say for how long guests are waited for.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; every rule there is waits for ever."""
    op.add_column("booking_rule", sa.Column("no_show_minutes", sa.Integer(), nullable=True))
