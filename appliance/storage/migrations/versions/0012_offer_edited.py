"""The facility, services and pools are edited by several people: a version, who changed them when, and archived.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns whose defaults leave everything as it was."""
    for table in ("facility", "service", "pool"):
        op.add_column(table, sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        op.add_column(table, sa.Column("changed_at", sa.Integer(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("changed_by", sa.Text(), server_default="", nullable=False))
        op.add_column(table, sa.Column("archived", sa.Integer(), server_default="0", nullable=False))
