"""The tables of what people and the hub make of runs: held, corrected, drifting, told."""

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
    Text,
)

from hub.tables import metadata

# A held run: what it would have changed (`difference`), and who let it in or threw it away.
held = Table(
    "held",
    metadata,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("difference", Text, nullable=False),  # JSON
    Column("verdict", String(16)),  # null: waiting · released · discarded
    Column("actor", String(64)),
    Column("reason", Text),
    Column("decided_at", String(32)),
    CheckConstraint("verdict IN ('released','discarded')", name="held_verdict"),
    CheckConstraint(
        "verdict IS NULL OR (actor IS NOT NULL AND reason IS NOT NULL)", name="held_decided"
    ),
)

# What a feed's deliveries look like, to tell when they begin to look otherwise (`drift`).
profile = Table(
    "profile",
    metadata,
    Column("feed_id", ForeignKey("feed.id"), primary_key=True),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("content", Text, nullable=False),  # JSON
)

# Rejected rows that a person corrected: as they came, as they became, by whom and when.
correction = Table(
    "correction",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("feed.id"), nullable=False),
    Column("rejected_run_id", ForeignKey("run.id"), nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("before", Text, nullable=False),  # JSON object: source column → cell as it came
    Column("after", Text, nullable=False),  # … as corrected
    Column("key", Text),  # of the record that it became; null: it was rejected again
    Column("run_id", ForeignKey("run.id"), nullable=False),  # the run that took it
    Column("actor", String(64), nullable=False),
    Column("corrected_at", String(32), nullable=False),
    Index("correction_by_feed", "feed_id", "id"),
)

# What owners of feeds are told: a held run, drift, an overdue feed.
notice = Table(
    "notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("feed.id"), nullable=False),
    Column("run_id", ForeignKey("run.id")),
    Column("code", String(32), nullable=False),
    Column("value", Text),
    Column("params", Text, nullable=False),  # JSON
    Column("created_at", String(32), nullable=False),
    Column("sent_to", Text),  # address that it was mailed to; null: it only stands here
    Index("notice_by_feed", "feed_id", "id"),
)
