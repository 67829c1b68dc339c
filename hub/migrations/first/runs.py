"""Schema 0001, frozen: runs that are held, corrected, drifting."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from hub.migrations.first.schema import SCHEMA

Table(
    "correction",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("feed_id", Integer(), nullable=False),
    Column("rejected_run_id", Integer(), nullable=False),
    Column("line", BigInteger(), nullable=False),
    Column("before", Text(), nullable=False),
    Column("after", Text(), nullable=False),
    Column("key", Text()),
    Column("run_id", Integer(), nullable=False),
    Column("actor", String(length=64), nullable=False),
    Column("corrected_at", String(length=32), nullable=False),
    ForeignKeyConstraint(["feed_id"], ["feed.id"]),
    ForeignKeyConstraint(["rejected_run_id"], ["run.id"]),
    ForeignKeyConstraint(["run_id"], ["run.id"]),
    PrimaryKeyConstraint("id"),
    Index("correction_by_feed", "feed_id", "id"),
)

Table(
    "held",
    SCHEMA,
    Column("run_id", Integer(), nullable=False),
    Column("difference", Text(), nullable=False),
    Column("verdict", String(length=16)),
    Column("actor", String(length=64)),
    Column("reason", Text()),
    Column("decided_at", String(length=32)),
    CheckConstraint("verdict IN ('released','discarded')", name="held_verdict"),
    CheckConstraint(
        "verdict IS NULL OR (actor IS NOT NULL AND reason IS NOT NULL)", name="held_decided"
    ),
    ForeignKeyConstraint(["run_id"], ["run.id"]),
    PrimaryKeyConstraint("run_id"),
)

Table(
    "notice",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("feed_id", Integer(), nullable=False),
    Column("run_id", Integer()),
    Column("code", String(length=32), nullable=False),
    Column("value", Text()),
    Column("params", Text(), nullable=False),
    Column("created_at", String(length=32), nullable=False),
    Column("sent_to", Text()),
    ForeignKeyConstraint(["feed_id"], ["feed.id"]),
    ForeignKeyConstraint(["run_id"], ["run.id"]),
    PrimaryKeyConstraint("id"),
    Index("notice_by_feed", "feed_id", "id"),
)

Table(
    "profile",
    SCHEMA,
    Column("feed_id", Integer(), nullable=False),
    Column("run_id", Integer(), nullable=False),
    Column("content", Text(), nullable=False),
    ForeignKeyConstraint(["feed_id"], ["feed.id"]),
    ForeignKeyConstraint(["run_id"], ["run.id"]),
    PrimaryKeyConstraint("feed_id"),
)
