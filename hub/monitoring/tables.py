"""The tables of monitoring: seconds of runs by stage, certificates that are watched, alerts and their messages."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from hub.tables import metadata

#: What became of a message: a claimed one is in somebody's hands until `next_at`.
MESSAGES = (DUE, CLAIMED, SENT, GIVEN_UP) = ("due", "claimed", "sent", "given_up")

# Sums since the site began. They stand here because whoever shows them isn't who did the run.
stage_total = Table(
    "stage_total",
    metadata,
    Column("feed", String(128), primary_key=True),
    Column("stage", String(16), primary_key=True),
    Column("runs", BigInteger, nullable=False),
    Column("milliseconds", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
)

watched_certificate = Table(
    "watched_certificate",
    metadata,
    Column("address", String(255), primary_key=True),  # host:port
    Column("ends_at", String(32)),  # null: it couldn't be asked for
    Column(
        "failure", String(64)
    ),  # the kind of the error, where it wasn't accepted or not reached
    Column("asked_at", String(32), nullable=False),
)

# One row for each fault; it stays when the fault is over, and begins anew when it comes back.
alert = Table(
    "alert",
    metadata,
    Column("part", String(32), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("code", String(40), nullable=False),
    Column("value", Text),
    Column("params", Text, nullable=False),  # JSON: the words of the issue
    # How much was wrong when it was told last, in the part's own measure.
    Column("told_size", Float, nullable=False),
    Column("began_at", String(32), nullable=False),
    Column("told_at", String(32), nullable=False),
    Column("gone_at", String(32)),  # since when the fault isn't seen; it may come back at once
    Column("over_at", String(32)),
)

# What is to be told, once for each way: written in the transaction that changed the alerts.
alert_message = Table(
    "alert_message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(36), nullable=False, unique=True),  # by which a receiver knows it again
    Column("way", String(300), nullable=False),  # webhook · wecom · dingtalk · mail:<address>
    Column("content", Text, nullable=False),  # JSON list of {event, part, name, code, …}
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", String(32), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Column(
        "answer", String(64)
    ),  # the last one in a word: 200, errcode 45009, source_unreachable …
    CheckConstraint(f"state IN {MESSAGES}", name="alert_message_state"),
    Index("alert_message_due", "state", "next_at"),
)
