"""A draft of the next revision: what today's tables have that the newest revision doesn't make.

    python -m tests.migrations.draft

Alembic's guess, to be read and corrected; triggers need no revision, and parts of tables aren't seen.
"""

from __future__ import annotations

import sys

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from hub.all_tables import ALL
from hub.migrations.script import run


def draft() -> str:
    """The body of `upgrade()`."""
    with create_engine("sqlite://").connect() as connection:
        run(connection, lambda _: None)
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        found = produce_migrations(context, ALL).upgrade_ops
        return render_python_code(found, render_as_batch=True) if found else ""


if __name__ == "__main__":
    sys.stdout.write(draft() + "\n")
