"""The first schema with a number: the tables of a site as they were when revisions began.

A site from before is brought to it by `hub.migrations.before`; only an empty database comes this way.
"""

from __future__ import annotations

from alembic import op

from hub.migrations.first import SCHEMA

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Every table of 0001; triggers are made at the end of the upgrade, from what the program says."""
    SCHEMA.create_all(op.get_bind())
