"""The journal without its index by entity.

Every entry paid for it with a page of the card, and only a person who looks for a rare kind of entry ever used it.

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
