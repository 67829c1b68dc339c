"""Schema 0001, frozen: what was delivered, runs, the ledger, consumers and what was given to them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.migrations.first.schema import SCHEMA

Table(
    "activation",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("dataset", String(length=64), nullable=False),
    Column("version_before", String(length=16)),
    Column("version", String(length=16), nullable=False),
    Column("verdict", String(length=16), nullable=False),
    Column("records", BigInteger(), nullable=False),
    Column("failing", BigInteger(), nullable=False),
    Column("activated_by", String(length=64), nullable=False),
    Column("activated_at", String(length=32), nullable=False),
    CheckConstraint("verdict IN ('compatible','readers','breaking')", name="activation_verdict"),
    PrimaryKeyConstraint("id"),
)

Table(
    "consumer",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("name", String(length=128), nullable=False),
    Column("audience", String(length=16), nullable=False),
    Column("association", String(length=18)),
    Column("datasets", Text(), nullable=False),
    Column("key_hash", String(length=64), nullable=False),
    Column("salt", LargeBinary(length=32), nullable=False),
    Column("created_at", String(length=32), nullable=False),
    Column("revoked_at", String(length=32)),
    Column("credit_code", String(length=18)),
    Column("contact", Text()),
    Column("networks", Text()),
    Column("certificates", Text()),
    Column("signed_only", Integer(), server_default="0", nullable=False),
    Column("rate", Integer()),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("name"),
)

Table(
    "dataset",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("name", String(length=64), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    Column("reviewed_seq", BigInteger(), nullable=False),
    Column("published_move", BigInteger()),
    Column("published_release", Integer()),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("name"),
)

Table(
    "feed",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("name", String(length=128), nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("name"),
)

Table(
    "head",
    SCHEMA,
    Column("dataset_id", Integer(), autoincrement=False, nullable=False),
    Column("key", Text(), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    Column("digest", LargeBinary(length=32), nullable=False),
    Column("feed_id", Integer(), nullable=False),
    PrimaryKeyConstraint("dataset_id", "key"),
    sqlite_with_rowid=False,
)

Table(
    "job",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("kind", String(length=32), nullable=False),
    Column("arguments", Text(), nullable=False),
    Column("state", String(length=16), nullable=False),
    Column("attempts", Integer(), nullable=False),
    Column("fence", Integer(), nullable=False),
    Column("lease_until", String(length=32)),
    Column("topic", String(length=160)),
    Column("not_before", String(length=32)),
    Column("created_at", String(length=32), nullable=False),
    Column("ended_at", String(length=32)),
    Column("result", Text()),
    Column("error", Text()),
    CheckConstraint("state IN ('queued','running','done','failed')", name="job_state"),
    PrimaryKeyConstraint("id"),
    Index("job_by_state", "state", "lease_until"),
)

Table(
    "revision",
    SCHEMA,
    Column("dataset_id", Integer(), autoincrement=False, nullable=False),
    Column("seq", BigInteger(), autoincrement=False, nullable=False),
    Column("key", Text(), nullable=False),
    Column("operation", Integer(), nullable=False),
    Column("digest", LargeBinary(length=32), nullable=False),
    Column("run_id", Integer(), nullable=False),
    CheckConstraint("operation IN (1, 2)", name="revision_operation"),
    PrimaryKeyConstraint("dataset_id", "seq"),
    sqlite_with_rowid=False,
)

Table(
    "exchange_log",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("consumer_id", Integer(), nullable=False),
    Column("dataset_id", Integer(), nullable=False),
    Column("after_seq", BigInteger(), nullable=False),
    Column("last_seq", BigInteger(), nullable=False),
    Column("entries", Integer(), nullable=False),
    Column("at", String(length=32), nullable=False),
    Column("view_id", Integer()),
    Column("grant_id", Integer()),
    Column("purpose", Text()),
    Column("kind", String(length=16), server_default="page", nullable=False),
    ForeignKeyConstraint(["consumer_id"], ["consumer.id"]),
    ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
    PrimaryKeyConstraint("id"),
    Index("exchange_log_by_consumer", "consumer_id", "dataset_id", "last_seq"),
    Index("exchange_log_by_dataset", "dataset_id", "last_seq"),
)

Table(
    "run",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("feed_id", Integer(), nullable=False),
    Column("dataset_id", Integer(), nullable=False),
    Column("job_id", Integer()),
    Column("standard_version", String(length=16), nullable=False),
    Column("department", String(length=64)),
    Column("actor", String(length=64)),
    Column("source", Text(), nullable=False),
    Column("sha256", String(length=64), nullable=False),
    Column("state", String(length=16), nullable=False),
    Column("read", BigInteger(), nullable=False),
    Column("accepted", BigInteger(), nullable=False),
    Column("rejected", BigInteger(), nullable=False),
    Column("added", BigInteger(), nullable=False),
    Column("changed", BigInteger(), nullable=False),
    Column("unchanged", BigInteger(), nullable=False),
    Column("gone", BigInteger(), nullable=False),
    Column("declaration", String(length=64)),
    Column("ledger_seq", BigInteger()),
    Column("kind", String(length=16), server_default="pull", nullable=False),
    Column("members", Text()),
    Column("told", Text()),
    Column("fetched_at", String(length=32)),
    Column("cursor", Text()),
    Column("same_as", Integer()),
    Column("first_seq", BigInteger()),
    Column("last_seq", BigInteger()),
    Column("started_at", String(length=32), nullable=False),
    Column("ended_at", String(length=32), nullable=False),
    CheckConstraint("state IN ('committed','held','failed')", name="run_state"),
    CheckConstraint("accepted + rejected = read", name="run_counts_rows"),
    ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
    ForeignKeyConstraint(["feed_id"], ["feed.id"]),
    ForeignKeyConstraint(["job_id"], ["job.id"]),
    ForeignKeyConstraint(["same_as"], ["run.id"]),
    PrimaryKeyConstraint("id"),
    Index("run_by_feed", "feed_id", "id"),
)

Table(
    "segment",
    SCHEMA,
    Column("dataset_id", Integer(), nullable=False),
    Column("first_seq", BigInteger(), autoincrement=False, nullable=False),
    Column("last_seq", BigInteger(), nullable=False),
    Column("content", LargeBinary(), nullable=False),
    ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
    PrimaryKeyConstraint("dataset_id", "first_seq"),
)

Table(
    "issue",
    SCHEMA,
    Column("run_id", Integer(), nullable=False),
    Column("line", BigInteger()),
    Column("field", String(length=128)),
    Column("code", String(length=32), nullable=False),
    Column("value", Text()),
    Column("params", Text(), nullable=False),
    ForeignKeyConstraint(["run_id"], ["run.id"]),
    Index("issue_by_run", "run_id", "line"),
)

Table(
    "issue_count",
    SCHEMA,
    Column("run_id", Integer(), nullable=False),
    Column("code", String(length=32), nullable=False),
    Column("field", String(length=128), nullable=False),
    Column("count", BigInteger(), nullable=False),
    ForeignKeyConstraint(["run_id"], ["run.id"]),
    PrimaryKeyConstraint("run_id", "code", "field"),
)

Table(
    "quarantine",
    SCHEMA,
    Column("run_id", Integer(), nullable=False),
    Column("line", BigInteger(), nullable=False),
    Column("content", Text(), nullable=False),
    ForeignKeyConstraint(["run_id"], ["run.id"]),
    Index("quarantine_by_run", "run_id", "line"),
)
