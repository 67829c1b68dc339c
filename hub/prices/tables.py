"""The table of what people decided on price alerts: each decision is a row of its own and stays."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, String, Table, Text, UniqueConstraint

from hub.step_guard import guard_history, one_of
from hub.tables import metadata

RELEASE, KEEP = DECISIONS = ("发布", "不发布")  # code list release_decisions

price_decision = Table(
    "price_decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert_no", String(64), nullable=False),
    Column("number", Integer, nullable=False),  # of the alert's decisions; the last one counts
    Column("decision", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("release_text", Text),  # what the public reads
    Column("decided_for", String(64), nullable=False),  # the department
    Column("decided_by", String(160), nullable=False),
    Column("decided_on", String(10), nullable=False),  # the day where the departments are
    Column("decided_at", String(32), nullable=False),
    UniqueConstraint("alert_no", "number", name="price_decision_once"),
    CheckConstraint(f"decision IN ({one_of(DECISIONS)})", name="price_decision_known"),
    CheckConstraint(
        "(decision = '发布') = (release_text IS NOT NULL)", name="price_decision_release_text"
    ),
)
guard_history(price_decision)
