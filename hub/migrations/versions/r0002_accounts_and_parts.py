"""Accounts and sessions of the console, the audit log, who leads, and on PostgreSQL the ledger in parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.migrations.ledger_in_parts import cut

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """New tables and indexes; rows that are there stay as they are."""
    _alert()
    _alert_message()
    _audit_entry()
    _audit_head()
    _leader()
    _sign_in()
    _stage_total()
    _watched_certificate()
    _account()
    _console_session()
    _indexes()
    cut(op.get_bind())


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text()),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("told_size", sa.Float(), nullable=False),
        sa.Column("began_at", sa.String(length=32), nullable=False),
        sa.Column("told_at", sa.String(length=32), nullable=False),
        sa.Column("gone_at", sa.String(length=32)),
        sa.Column("over_at", sa.String(length=32)),
        sa.PrimaryKeyConstraint("part", "name"),
    )


def _alert_message() -> None:
    op.create_table(
        "alert_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=36), nullable=False),
        sa.Column("way", sa.String(length=300), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32)),
        sa.Column("answer", sa.String(length=64)),
        sa.CheckConstraint(
            "state IN ('due', 'claimed', 'sent', 'given_up')", name="alert_message_state"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index("alert_message_due", "alert_message", ["state", "next_at"])


def _audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=64)),
        sa.Column("act", sa.String(length=96), nullable=False),
        sa.Column(
            "subject",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
        ),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=64)),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("before", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("outcome IN ('done','refused')", name="audit_entry_outcome"),
        sa.PrimaryKeyConstraint("number"),
        sqlite_with_rowid=False,
    )
    op.create_index("audit_entry_by_subject", "audit_entry", ["subject", "number"])
    op.create_index("audit_entry_by_act", "audit_entry", ["act", "number"])
    op.create_index("audit_entry_by_outcome", "audit_entry", ["outcome", "number"])
    op.create_index("audit_entry_by_person", "audit_entry", ["person", "number"])
    op.create_index("audit_entry_by_time", "audit_entry", ["at"])


def _audit_head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("first_before", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name="audit_head_alone"),
        sa.PrimaryKeyConstraint("id"),
    )


def _leader() -> None:
    op.create_table(
        "leader",
        sa.Column("duty", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("duty"),
    )


def _sign_in() -> None:
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sign_in_by_address", "sign_in", ["address", "at"])
    op.create_index("sign_in_by_person", "sign_in", ["person", "at"])


def _stage_total() -> None:
    op.create_table(
        "stage_total",
        sa.Column("feed", sa.String(length=128), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("runs", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "stage"),
    )


def _watched_certificate() -> None:
    op.create_table(
        "watched_certificate",
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("ends_at", sa.String(length=32)),
        sa.Column("failure", sa.String(length=64)),
        sa.Column("asked_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=64)),
        sa.Column("office", sa.String(length=16)),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("password_at", sa.String(length=32)),
        sa.Column("code_secret", sa.Text()),
        sa.Column("code_step", sa.BigInteger()),
        sa.Column("invitation", sa.String(length=64)),
        sa.Column("invited_until", sa.String(length=32)),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("closed_by", sa.String(length=64)),
        sa.Column("closed_at", sa.String(length=32)),
        sa.CheckConstraint("office IN ('system', 'security', 'audit')", name="account_office"),
        sa.CheckConstraint("state IN ('open','closed')", name="account_state"),
        sa.PrimaryKeyConstraint("person"),
        sa.UniqueConstraint("invitation"),
    )


def _console_session() -> None:
    op.create_table(
        "console_session",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("pending", sa.Text()),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("began_at", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.String(length=32), nullable=False),
        sa.Column("ends_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32)),
        sa.Column("ended_by", sa.String(length=32)),
        sa.CheckConstraint("stage IN ('code','enrol','open')", name="console_session_stage"),
        sa.ForeignKeyConstraint(["person"], ["account.person"]),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("console_session_by_person", "console_session", ["person", "ended_at"])


def _indexes() -> None:
    op.drop_index("disclosure_by_state", table_name="disclosure")
    op.create_index(
        "disclosure_by_state",
        "disclosure",
        ["dataset_id", "state", "department", "publish_by", "record_id"],
        postgresql_include=["key"],
    )
    op.create_index("job_by_topic", "job", ["topic", "created_at"])
