"""Who waits may be told that a place is free, and is told of each once.

Revision ID: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add of which start somebody was told last, and when; nobody was told of any."""
    for name in ("told_start", "told_at"):
        op.add_column("waiting", sa.Column(name, sa.Integer(), nullable=True))
