"""Alembic's revisions of `booking.db`. A revision that was released is never edited."""
