"""Recalls and their steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def add() -> None:
    """The tables of `hub.trace.tables`."""
    op.create_table(
        "recall",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("product_name", sa.String(length=500), nullable=False),
        sa.Column("spec", sa.String(length=200), nullable=True),
        sa.Column("batch", sa.String(length=500), nullable=True),
        sa.Column("producer_name", sa.String(length=200), nullable=True),
        sa.Column("producer_uscc", sa.String(length=18), nullable=True),
        sa.Column("recalled_by", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_on", sa.String(length=10), nullable=False),
        sa.Column("notified_on", sa.String(length=10), nullable=True),
        sa.Column("ended_on", sa.String(length=10), nullable=True),
        sa.Column("quantity_sold", sa.String(length=20), nullable=True),
        sa.Column("quantity_returned", sa.String(length=20), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("authority", sa.String(length=200), nullable=True),
        sa.Column("sample_no", sa.String(length=64), nullable=True),
        sa.Column("penalty_doc_no", sa.String(length=128), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("recall_by_sample", "recall", ["sample_no"])
    op.create_table(
        "recall_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recall_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("recall_step_by_recall", "recall_step", ["recall_id", "id"])
