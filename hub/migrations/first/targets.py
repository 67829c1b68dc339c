"""Schema 0001, frozen: deliveries to the province."""

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
    "provincial_cursor",
    SCHEMA,
    Column("dataset", String(length=64), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    PrimaryKeyConstraint("dataset"),
)

Table(
    "target_delivery",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("target", String(length=64), nullable=False),
    Column("batch", String(length=36), nullable=False),
    Column("first_seq", BigInteger(), nullable=False),
    Column("last_seq", BigInteger(), nullable=False),
    Column("entries", Integer(), nullable=False),
    Column("state", String(length=16), nullable=False),
    Column("attempts", Integer(), server_default="0", nullable=False),
    Column("sha256", String(length=64), nullable=False),
    Column("name", String(length=200)),
    Column("content", LargeBinary()),
    Column("taken", Integer(), server_default="0", nullable=False),
    Column("refused", Integer(), server_default="0", nullable=False),
    Column("prepared_at", String(length=32), nullable=False),
    Column("tried_at", String(length=32)),
    Column("answered_at", String(length=32)),
    CheckConstraint(
        "(state = 'answered') = (content IS NULL)", name="target_delivery_kept_until_answered"
    ),
    CheckConstraint(
        "state IN ('prepared', 'unknown', 'sent', 'answered')", name="target_delivery_state"
    ),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("target", "batch", name="target_delivery_once"),
    Index("target_delivery_by_state", "target", "state"),
)

Table(
    "target_entry",
    SCHEMA,
    Column("target", String(length=64), nullable=False),
    Column("seq", BigInteger(), autoincrement=False, nullable=False),
    Column("key", Text(), nullable=False),
    Column("state", String(length=16), nullable=False),
    Column("operation", String(length=1)),
    Column("code", String(length=64)),
    Column("reason", Text()),
    Column("issues", Text()),
    Column("fingerprint", String(length=64)),
    Column("at", String(length=32), nullable=False),
    CheckConstraint("state IN ('waiting', 'quarantined', 'refused')", name="target_entry_state"),
    PrimaryKeyConstraint("target", "seq"),
    Index("target_entry_by_key", "target", "key"),
    Index("target_entry_by_state", "target", "state", "seq"),
)

Table(
    "target_record",
    SCHEMA,
    Column("target", String(length=64), nullable=False),
    Column("key", Text(), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    Column("held", Integer(), nullable=False),
    Column("digest", String(length=64), nullable=False),
    Column("identity", Text(), nullable=False),
    PrimaryKeyConstraint("target", "key"),
)

Table(
    "target_return_file",
    SCHEMA,
    Column("target", String(length=64), nullable=False),
    Column("name", String(length=255), nullable=False),
    Column("sha256", String(length=64), nullable=False),
    Column("taken", Integer(), nullable=False),
    Column("refused", Integer(), nullable=False),
    Column("unmatched", Integer(), nullable=False),
    Column("at", String(length=32), nullable=False),
    PrimaryKeyConstraint("target", "name", "sha256"),
)

Table(
    "target_state",
    SCHEMA,
    Column("target", String(length=64), nullable=False),
    Column("site", String(length=128), nullable=False),
    Column("dataset", String(length=64), nullable=False),
    Column("known_by", String(length=16)),
    Column("cursor", BigInteger(), nullable=False),
    Column("generation", Integer(), server_default="0", nullable=False),
    Column("failures", Integer(), server_default="0", nullable=False),
    Column("failure", String(length=32)),
    Column("not_before", String(length=32)),
    Column("asked_at", String(length=32)),
    Column("sent_at", String(length=32)),
    PrimaryKeyConstraint("target"),
)

Table(
    "provincial_task",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("return_id", Text(), nullable=False),
    Column("seq", BigInteger(), nullable=False),
    Column("kind", String(length=16), nullable=False),
    Column("dataset", String(length=64), nullable=False),
    Column("document", String(length=256)),
    Column("record_id", String(length=16)),
    Column("record_key", Text()),
    Column("department", String(length=64)),
    Column("corrections", Text(), nullable=False),
    Column("decision", String(length=32), nullable=False),
    Column("decided_on", String(length=10)),
    Column("basis", String(length=256)),
    Column("filing_id", Integer()),
    Column("state", String(length=16), nullable=False),
    Column("opened_at", String(length=32), nullable=False),
    Column("closed_by", String(length=64)),
    Column("closed_at", String(length=32)),
    Column("note", Text()),
    CheckConstraint(
        "kind IN ('correction', 'repair_result', 'list_entry')", name="provincial_task_kind"
    ),
    CheckConstraint("state <> 'done' OR closed_by IS NOT NULL", name="provincial_task_closed"),
    CheckConstraint("state IN ('open', 'case', 'done')", name="provincial_task_state"),
    ForeignKeyConstraint(["filing_id"], ["filing.id"]),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("seq", name="provincial_task_once"),
    Index("provincial_task_by_state", "state", "id"),
)
