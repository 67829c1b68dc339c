"""Risk signals, and what people decided on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

_STATES = "state IN ('waiting', 'assessing', 'acting', 'closed', 'dismissed')"
_LEGAL = (
    "(act = 'take' AND number = 1 AND state_before IS NULL AND state IN ('waiting', "
    "'assessing', 'acting', 'closed', 'dismissed')) OR (number > 1 AND ((act = 'begin' AND "
    "state_before = 'waiting' AND state = 'assessing') OR (act = 'assess' AND state_before = "
    "'waiting' AND state = 'acting') OR (act = 'assess' AND state_before = 'assessing' AND "
    "state = 'acting') OR (act = 'assess' AND state_before = 'acting' AND state = 'acting') OR "
    "(act = 'record' AND state_before = 'acting' AND state = 'acting') OR (act = 'close' AND "
    "state_before = 'acting' AND state = 'closed') OR (act = 'dismiss' AND state_before = "
    "'assessing' AND state = 'dismissed') OR (act = 'reopen' AND state_before = 'closed' AND "
    "state = 'waiting') OR (act = 'reopen' AND state_before = 'dismissed' AND state = "
    "'waiting')))"
)


def add() -> None:
    """The tables of `hub.risks.tables`."""
    op.create_table(
        "risk_signal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("signal_id", sa.String(length=64), nullable=False),
        sa.Column("entered", sa.Text()),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=8)),
        sa.Column("likelihood", sa.String(length=8)),
        sa.Column("level", sa.String(length=8)),
        sa.Column("rule", sa.String(length=80)),
        sa.Column("assessed_at", sa.String(length=32)),
        sa.Column("acted_at", sa.String(length=32)),
        sa.Column("ended_at", sa.String(length=32)),
        sa.Column("taken_at", sa.String(length=32), nullable=False),
        sa.CheckConstraint(_STATES, name="risk_signal_state"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("signal_id"),
    )
    op.create_index("risk_signal_by_state", "risk_signal", ["state"])
    op.create_table(
        "risk_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("risk_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("state_before", sa.String(length=16)),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("severity", sa.String(length=8)),
        sa.Column("likelihood", sa.String(length=8)),
        sa.CheckConstraint(_LEGAL, name="risk_step_legal"),
        sa.ForeignKeyConstraint(["risk_id"], ["risk_signal.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("risk_id", "number", name="risk_step_once"),
    )
