"""What people decided on subjects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def add() -> None:
    """The tables of `hub.subjects.tables`."""
    op.create_table(
        "subject_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("one", sa.String(length=64), nullable=False),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.String(length=32), nullable=False),
        sa.CheckConstraint("act IN ('same', 'differ')", name="subject_decision_act"),
        sa.CheckConstraint("one <> other", name="subject_decision_pair"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("subject_decision_one", "subject_decision", ["one"])
    op.create_index("subject_decision_other", "subject_decision", ["other"])
    op.create_table(
        "subject_undoing",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["subject_decision.id"]),
        sa.PrimaryKeyConstraint("decision_id"),
    )
