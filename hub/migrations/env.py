"""What Alembic runs for `hub.migrations.script`."""

from __future__ import annotations

from alembic import context


def _run() -> None:
    """With the caller's connection and in its transaction: nothing is committed here."""
    words = context.config.attributes
    context.configure(connection=words["connection"], on_version_apply=words["told"])
    with context.begin_transaction():
        context.run_migrations()


_run()
