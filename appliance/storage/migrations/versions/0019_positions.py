"""Where a facility is, in millionths of a degree.

Revision ID: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; nobody has said yet where facilities are."""
    op.add_column("facility", sa.Column("latitude_e6", sa.Integer()))
    op.add_column("facility", sa.Column("longitude_e6", sa.Integer()))
