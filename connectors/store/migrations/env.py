"""Run by Alembic: migrate over the connection it was handed (connectors/store/migrate.py)."""

from alembic import context

from connectors.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
