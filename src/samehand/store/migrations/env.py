"""Run by Alembic: the steps of `versions/`, on the connection that is handed in."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=context.config.attributes.get("metadata"), render_as_batch=True
)
context.run_migrations()
