"""Alembic runs this to apply the migrations over the connection that `evidence.store.schema` hands to it.

Migrations are written by hand; a test compares what they make with the rows of every store.
"""

from alembic import context

# The caller's transaction holds the lock and all steps, so that a crash leaves the former schema.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
