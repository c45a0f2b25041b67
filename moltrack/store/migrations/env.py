"""Runs the revisions on the connection that :func:`moltrack.store.upkeep.upgrade` hands over, in its transaction."""

from alembic import context

from moltrack.store import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    transactional_ddl=False,
    version_table=schema.alembic_version.name,
)
context.run_migrations()
