"""Two indexes for reading: the entries of bookings in the journal, and claims with all that a search wants.

Revision ID: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_LOAD = ["resource_id", "starts", "ends", "quantity"]


def upgrade() -> None:
    """Add the one, widen the other: it had a search fetch each claim from where it happens to lie in the table."""
    op.create_index("ix_journal_entity_id", "journal", ["entity_id"], sqlite_where=sa.text("entity = 'booking'"))
    op.drop_index("ix_claim_load", "claim")
    columns = [*_LOAD, "booking_id", "facility_id", "active"]
    op.create_index("ix_claim_load", "claim", columns, sqlite_where=sa.text("active = 1"))
