"""The tables of terms under way, and of who was told: for case transfers and for complaints alike."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.tables import metadata

TRANSFER, COMPLAINT = "transfer", "complaint"  # the matters

# One term under way: begun by a step of a matter, and ended by another, or lapsed.
step_due = Table(
    "step_due",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("matter", String(16), nullable=False),
    Column("matter_id", Integer, nullable=False),
    Column("step_number", Integer, nullable=False),  # of the step that began it
    Column("term", String(32), nullable=False),  # StepTerm.step
    Column("rule", String(64), nullable=False),  # id@version
    Column("owed_by", String(16), nullable=False),  # a side
    Column("right_only", Integer, nullable=False, server_default="0"),
    Column("begun_at", String(32), nullable=False),
    Column("due_at", String(32), nullable=False),  # over from this instant on
    Column("extended_at", String(32)),
    Column("met_at", String(32)),  # null: nobody did it yet
    Column("reminded_at", String(32)),
    Column("escalated_at", String(32)),
    UniqueConstraint("matter", "matter_id", "step_number", "term", name="step_due_once"),
    CheckConstraint("matter IN ('transfer', 'complaint')", name="step_due_matter"),
    Index("step_due_open", "matter", "met_at", "due_at"),
)

# What somebody is to be told: numbers and words of the procedure, nothing of a case or a person.
step_notice = Table(
    "step_notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("matter", String(16), nullable=False),
    Column("matter_id", Integer, nullable=False),
    Column("party", String(160), nullable=False),  # a department's code, or consumer:ID
    Column("role", String(16), nullable=False),  # desk · head · supervisor
    Column("code", String(32), nullable=False),
    Column("value", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("sent_to", String(254)),
    CheckConstraint("matter IN ('transfer', 'complaint')", name="step_notice_matter"),
    Index("step_notice_by_party", "party", "id"),
    Index("step_notice_unsent", "sent_to", "id"),
)
