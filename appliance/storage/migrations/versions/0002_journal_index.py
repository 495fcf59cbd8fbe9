"""The journal without its index by entity, which no question used and every entry paid for with a page of the card.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_journal_entity", "journal")
