"""The tables of subscriptions: who wants to be told of what, and what each was told.

An address is kept for sending and for nothing else. It goes with the row when its owner leaves, and
when nobody confirmed it in time (个人信息保护法 arts. 6, 19 and 47); what was sent keeps no address.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.tables import metadata

STATES = (WAITING, CONFIRMED, STOPPED) = ("waiting", "confirmed", "stopped")
#: What is sent, the most urgent first.
KINDS = (WITHDRAWN, ASK, MINE, PUBLISHED) = ("withdrawn", "ask", "mine", "published")
SENDING = (DUE, SENT, GIVEN_UP) = ("due", "sent", "given_up")


def _one_of(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


subscription = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(32), nullable=False, unique=True),  # random; stands in signed links
    Column("way", String(16), nullable=False),
    Column("address", String(254), nullable=False),
    Column("topic", Text, nullable=False),  # publisher.subscribing.Topic as JSON
    Column("language", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("confirmed_at", String(32)),
    Column("stopped_at", String(32)),  # since when nothing is sent, because nothing arrived
    CheckConstraint("way IN ('email', 'webhook')", name="subscription_way"),
    CheckConstraint(f"state IN ({_one_of(STATES)})", name="subscription_state"),
    UniqueConstraint("way", "address", "topic", name="subscription_once"),
)

# Records that a subscription of a search or a company was told of, or that matched when it began:
# once such a record is withdrawn nothing is left to tell whom it concerned.
subscription_match = Table(
    "subscription_match",
    metadata,
    Column("subscription_id", ForeignKey("subscription.id"), primary_key=True),
    Column("dataset", String(64), primary_key=True),
    Column("record_id", String(64), primary_key=True),
    Index("subscription_match_by_record", "dataset", "record_id"),
)

# Up to which release of a dataset everybody was told.
subscription_release = Table(
    "subscription_release",
    metadata,
    Column("dataset", String(64), primary_key=True),
    Column("release", Integer, nullable=False),
)

# One thing that one subscriber is told, once. `records` is a JSON list of record ids; null: all of
# the release, whose delta says which.
subscription_event = Table(
    "subscription_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "name", String(36), nullable=False, unique=True
    ),  # UUID by which a receiver knows it again
    Column("subscription_id", ForeignKey("subscription.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("dataset", String(64), nullable=False, server_default=""),
    Column("release", Integer, nullable=False, server_default="0"),
    Column("records", Text),
    Column("urgency", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", String(32), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("ended_at", String(32)),  # when it was received, or given up
    Column("answer", String(64)),  # the last answer in a word: 200, 503, source_unreachable …
    CheckConstraint(f"kind IN ({_one_of(KINDS)})", name="subscription_event_kind"),
    CheckConstraint(f"state IN ({_one_of(SENDING)})", name="subscription_event_state"),
    UniqueConstraint(
        "subscription_id", "kind", "dataset", "release", name="subscription_event_once"
    ),
    Index("subscription_event_due", "state", "next_at", "urgency"),
)
