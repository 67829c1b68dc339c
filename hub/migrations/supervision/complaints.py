"""What people decided on suggestions for tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def add() -> None:
    """The table `complaint_decision` of `hub.complaints.tables`."""
    op.create_table(
        "complaint_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter", sa.String(length=16), nullable=False),
        sa.Column("ticket_no", sa.String(length=64), nullable=False),
        sa.Column("choice", sa.String(length=64), nullable=False),
        sa.Column("part_no", sa.String(length=64), nullable=True),
        sa.Column("part_kind", sa.String(length=16), nullable=True),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.CheckConstraint("matter IN ('split', 'category')", name="complaint_decision_matter"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("part_no", name="complaint_decision_part"),
    )
    op.create_index(
        "complaint_decision_by_ticket", "complaint_decision", ["ticket_no", "matter"], unique=False
    )
