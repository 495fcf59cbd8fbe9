"""Alembic's entry: runs revisions on the connection that `appliance.storage.migrating` hands over."""

from alembic import context

from appliance.storage.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
