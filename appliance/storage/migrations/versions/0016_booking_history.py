"""The history of a booking has an index of its own, which no other entry of the journal pays for.

Revision ID: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_journal_entity_id", "journal", ["entity_id"], sqlite_where=sa.text("entity = 'booking'"))
