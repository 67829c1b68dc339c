"""What people decided on price alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def add() -> None:
    """The table of `hub.prices.tables`."""
    op.create_table(
        "price_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_no", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("release_text", sa.Text(), nullable=True),
        sa.Column("decided_for", sa.String(length=64), nullable=False),
        sa.Column("decided_by", sa.String(length=160), nullable=False),
        sa.Column("decided_on", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.String(length=32), nullable=False),
        sa.CheckConstraint("decision IN ('发布', '不发布')", name="price_decision_known"),
        sa.CheckConstraint(
            "(decision = '发布') = (release_text IS NOT NULL)", name="price_decision_release_text"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alert_no", "number", name="price_decision_once"),
    )
