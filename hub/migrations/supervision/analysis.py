"""What was computed when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def add() -> None:
    """The table of `hub.analysis.tables`."""
    op.create_table(
        "analysis_state",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("seqs", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
