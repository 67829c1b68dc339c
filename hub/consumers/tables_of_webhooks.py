"""The tables of consumers' webhooks: where each wants to be told of new entries, and what it was told."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from hub.tables import metadata

ACTIVE, STOPPED = "active", "stopped"
#: What became of a hint; a newer one makes an unsent one needless.
HINTS = (DUE, SENT, GIVEN_UP, NEEDLESS) = ("due", "sent", "given_up", "needless")

consumer_webhook = Table(
    "consumer_webhook",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("consumer_id", ForeignKey("consumer.id"), nullable=False),
    Column("dataset", String(64), nullable=False),
    Column("url", String(1000), nullable=False),
    Column("state", String(16), nullable=False),
    Column("told_size", BigInteger, nullable=False),  # entries of the stream at the last hint
    Column("created_at", String(32), nullable=False),
    Column("stopped_at", String(32)),  # since when nothing is sent, because nothing arrived
    UniqueConstraint("consumer_id", "dataset", name="consumer_webhook_once"),
    CheckConstraint(f"state IN ('{ACTIVE}', '{STOPPED}')", name="consumer_webhook_state"),
)

consumer_hint = Table(
    "consumer_hint",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("webhook_id", Integer, nullable=False),
    Column("name", String(36), nullable=False, unique=True),  # by which a receiver knows it again
    Column("view", String(96), nullable=False),
    Column("after_seq", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", String(32), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Column("answer", String(64)),  # the last one in a word: 204, 503, source_unreachable …
    UniqueConstraint("webhook_id", "view", "size", name="consumer_hint_once"),
    CheckConstraint(f"state IN {HINTS}", name="consumer_hint_state"),
    Index("consumer_hint_due", "state", "next_at"),
)
