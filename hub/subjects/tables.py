"""The tables of what people decided on subjects. Nothing in them is changed or deleted."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from hub.tables import metadata

SAME, DIFFER = "same", "differ"

# Two nodes (hub.subjects.nodes) are one subject, or aren't.
subject_decision = Table(
    "subject_decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("act", String(8), nullable=False),
    Column("one", String(64), nullable=False),  # the smaller of the two
    Column("other", String(64), nullable=False),
    Column("evidence", Text, nullable=False),  # JSON: score and reasons that were shown
    Column("why", Text, nullable=False),
    Column("decided_by", String(64), nullable=False),
    Column("decided_at", String(32), nullable=False),
    CheckConstraint("act IN ('same', 'differ')", name="subject_decision_act"),
    CheckConstraint("one <> other", name="subject_decision_pair"),
)
Index("subject_decision_one", subject_decision.c.one)
Index("subject_decision_other", subject_decision.c.other)

# A decision that counts no more.
subject_undoing = Table(
    "subject_undoing",
    metadata,
    Column("decision_id", Integer, ForeignKey("subject_decision.id"), primary_key=True),
    Column("why", Text, nullable=False),
    Column("decided_by", String(64), nullable=False),
    Column("decided_at", String(32), nullable=False),
)
