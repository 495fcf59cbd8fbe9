"""Of what is booked together, only the first booking may be paid with it.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; what is booked together is paid together, as before."""
    op.add_column("service_several", sa.Column("first_only", sa.Integer(), server_default="0", nullable=False))
