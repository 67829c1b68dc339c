"""The table of nil reports: departments that said that they had nothing for a period."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from hub.tables import metadata

# A department's word that it had nothing for a dataset in a month. One that was withdrawn stays, with
# the person and the time, and may be stated again.
nil_report = Table(
    "nil_report",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    Column("department", String(64), nullable=False),
    Column("period", String(7), nullable=False),  # YYYY-MM
    Column("actor", String(64), nullable=False),
    Column("reported_at", String(32), nullable=False),
    Column("note", Text),
    Column("withdrawn_by", String(64)),
    Column("withdrawn_at", String(32)),
    CheckConstraint(
        "(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="nil_report_withdrawn"
    ),
)
Index(
    "nil_report_stands_once",
    nil_report.c.dataset_id,
    nil_report.c.department,
    nil_report.c.period,
    unique=True,
    sqlite_where=nil_report.c.withdrawn_at.is_(None),
    postgresql_where=nil_report.c.withdrawn_at.is_(None),
)
