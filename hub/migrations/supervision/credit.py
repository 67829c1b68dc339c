"""Versions of the credit indicators, appeals, and who is told of warnings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def add() -> None:
    """The tables of `hub.credit.tables`."""
    _versions()
    _appeals()
    _steps()
    _watches()


def _versions() -> None:
    op.create_table(
        "credit_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("holds_from", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.String(length=32), nullable=False),
        sa.Column("activated_by", sa.String(length=64)),
        sa.Column("activated_at", sa.String(length=32)),
        sa.Column("refused_by", sa.String(length=64)),
        sa.Column("refused_at", sa.String(length=32)),
        sa.Column("refused_reason", sa.Text()),
        sa.CheckConstraint(
            "activated_by IS NULL OR activated_by <> proposed_by", name="credit_version_two_people"
        ),
        sa.CheckConstraint(
            "activated_by IS NULL OR refused_by IS NULL", name="credit_version_once"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("credit_version_by_day", "credit_version", ["holds_from"])


def _appeals() -> None:
    op.create_table(
        "credit_appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("indicator", sa.String(length=40), nullable=False),
        sa.Column("claimant", sa.String(length=200), nullable=False),
        sa.Column("disputed", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("received_on", sa.String(length=10), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("due_basis", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("excluded_from", sa.String(length=10)),
        sa.Column("excluded_until", sa.String(length=10)),
        sa.CheckConstraint(
            "state IN ('open', 'upheld', 'excluded', 'corrected')", name="credit_appeal_state"
        ),
        sa.CheckConstraint(
            "(state = 'excluded') = (excluded_from IS NOT NULL)", name="credit_appeal_excluded"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("credit_appeal_by_subject", "credit_appeal", ["subject"])
    op.create_index("credit_appeal_by_state", "credit_appeal", ["state", "due_on"])


_LEGAL = (
    "(act = 'take' AND number = 1 AND state_before IS NULL AND state IN ('open')) OR (number > 1 AND ("
    "(act = 'uphold' AND state_before = 'open' AND state = 'upheld') OR "
    "(act = 'exclude' AND state_before = 'open' AND state = 'excluded') OR "
    "(act = 'correct' AND state_before = 'open' AND state = 'corrected') OR "
    "(act = 'undo' AND state_before = 'upheld' AND state = 'open') OR "
    "(act = 'undo' AND state_before = 'excluded' AND state = 'open') OR "
    "(act = 'undo' AND state_before = 'corrected' AND state = 'open')))"
)


def _steps() -> None:
    op.create_table(
        "credit_appeal_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("state_before", sa.String(length=16)),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.String(length=10)),
        sa.CheckConstraint(_LEGAL, name="credit_appeal_step_legal"),
        sa.ForeignKeyConstraint(["appeal_id"], ["credit_appeal.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("appeal_id", "number", name="credit_appeal_step_once"),
    )


def _watches() -> None:
    op.create_table(
        "credit_watch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("levels", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("divisions", sa.Text(), nullable=False),
        sa.Column("industries", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=200)),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("read_seq", sa.BigInteger(), nullable=False),
        sa.Column("mailed_seq", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("credit_watch_by_person", "credit_watch", ["person"])
