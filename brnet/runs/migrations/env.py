"""What Alembic runs: migrate on the connection that brnet.runs.schema opened and locked."""

from alembic import context

from brnet.runs.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
