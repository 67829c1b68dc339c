"""Schema 0001, frozen: consumers' keys, grants and webhooks."""

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
    UniqueConstraint,
    text,
)

from hub.migrations.first.schema import SCHEMA

Table(
    "consumer_hint",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("webhook_id", Integer(), nullable=False),
    Column("name", String(length=36), nullable=False),
    Column("view", String(length=96), nullable=False),
    Column("after_seq", BigInteger(), nullable=False),
    Column("size", BigInteger(), nullable=False),
    Column("state", String(length=16), nullable=False),
    Column("tries", Integer(), server_default="0", nullable=False),
    Column("next_at", String(length=32), nullable=False),
    Column("created_at", String(length=32), nullable=False),
    Column("ended_at", String(length=32)),
    Column("answer", String(length=64)),
    CheckConstraint(
        "state IN ('due', 'sent', 'given_up', 'needless')", name="consumer_hint_state"
    ),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("name"),
    UniqueConstraint("webhook_id", "view", "size", name="consumer_hint_once"),
    Index("consumer_hint_due", "state", "next_at"),
)

Table(
    "nonce_floor",
    SCHEMA,
    Column("id", Integer(), autoincrement=False, nullable=False),
    Column("until", BigInteger(), nullable=False),
    PrimaryKeyConstraint("id"),
)

Table(
    "request_nonce",
    SCHEMA,
    Column("keyid", String(length=32), nullable=False),
    Column("nonce", String(length=128), nullable=False),
    Column("until", BigInteger(), nullable=False),
    PrimaryKeyConstraint("keyid", "nonce"),
    Index("ix_request_nonce_until", "until"),
)

Table(
    "consumer_grant",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("consumer_id", Integer(), nullable=False),
    Column("dataset", String(length=64), nullable=False),
    Column("share_type", String(length=16), nullable=False),
    Column("audience", String(length=16), nullable=False),
    Column("association", String(length=18)),
    Column("fields", Text()),
    Column("purpose", Text(), nullable=False),
    Column("legal_basis", Text(), nullable=False),
    Column("valid_from", String(length=10), nullable=False),
    Column("valid_until", String(length=10)),
    Column("rate", Integer()),
    Column("receipts_within_hours", Integer()),
    Column("state", String(length=16), nullable=False),
    Column("applied_at", String(length=32), nullable=False),
    Column("applied_by", String(length=128), nullable=False),
    Column("review_by", String(length=10)),
    Column("decide_by", String(length=10)),
    Column("decided_at", String(length=32)),
    Column("decided_by", String(length=64)),
    Column("reason", Text()),
    Column("decision_basis", Text()),
    CheckConstraint(
        "state IN ('applied', 'granted', 'refused', 'revoked')", name="consumer_grant_state"
    ),
    ForeignKeyConstraint(["consumer_id"], ["consumer.id"]),
    PrimaryKeyConstraint("id"),
    Index(
        "consumer_grant_one_applied",
        "consumer_id",
        "dataset",
        unique=True,
        sqlite_where=text("state = 'applied'"),
        postgresql_where=text("state = 'applied'"),
    ),
    Index(
        "consumer_grant_one_granted",
        "consumer_id",
        "dataset",
        unique=True,
        sqlite_where=text("state = 'granted'"),
        postgresql_where=text("state = 'granted'"),
    ),
)

Table(
    "consumer_key",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("consumer_id", Integer(), nullable=False),
    Column("kind", String(length=16), nullable=False),
    Column("keyid", String(length=32), nullable=False),
    Column("public_key", Text()),
    Column("key_hash", String(length=64)),
    Column("valid_from", String(length=32), nullable=False),
    Column("valid_until", String(length=32)),
    Column("created_at", String(length=32), nullable=False),
    Column("revoked_at", String(length=32)),
    CheckConstraint(
        "(kind = 'bearer' AND key_hash IS NOT NULL) OR (kind = 'hmac' AND key_hash IS NULL AND public_key IS NULL) OR (kind IN ('ed25519', 'sm2') AND public_key IS NOT NULL)",
        name="consumer_key_secret",
    ),
    CheckConstraint("kind IN ('bearer', 'hmac', 'ed25519', 'sm2')", name="consumer_key_kind"),
    ForeignKeyConstraint(["consumer_id"], ["consumer.id"]),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("keyid"),
    Index("ix_consumer_key_consumer_id", "consumer_id"),
)

Table(
    "consumer_webhook",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("consumer_id", Integer(), nullable=False),
    Column("dataset", String(length=64), nullable=False),
    Column("url", String(length=1000), nullable=False),
    Column("state", String(length=16), nullable=False),
    Column("told_size", BigInteger(), nullable=False),
    Column("created_at", String(length=32), nullable=False),
    Column("stopped_at", String(length=32)),
    CheckConstraint("state IN ('active', 'stopped')", name="consumer_webhook_state"),
    ForeignKeyConstraint(["consumer_id"], ["consumer.id"]),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("consumer_id", "dataset", name="consumer_webhook_once"),
)

Table(
    "consumer_event",
    SCHEMA,
    Column("id", Integer(), nullable=False),
    Column("consumer_id", Integer(), nullable=False),
    Column("grant_id", Integer()),
    Column("keyid", String(length=32)),
    Column("act", String(length=32), nullable=False),
    Column("actor", String(length=128), nullable=False),
    Column("reason", Text()),
    Column("details", Text(), nullable=False),
    Column("at", String(length=32), nullable=False),
    ForeignKeyConstraint(["consumer_id"], ["consumer.id"]),
    ForeignKeyConstraint(["grant_id"], ["consumer_grant.id"]),
    PrimaryKeyConstraint("id"),
    Index("ix_consumer_event_consumer_id", "consumer_id"),
)
