"""The tables of recalls: what people decided on each, and every step of it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from hub.tables import metadata

recall = Table(
    "recall",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(16), nullable=False),  # of codes/recall_states.csv
    Column("product_name", String(500), nullable=False),
    Column("spec", String(200)),
    Column("batch", String(500)),
    Column("producer_name", String(200)),
    Column("producer_uscc", String(18)),
    Column("recalled_by", String(200)),
    Column("kind", String(16), nullable=False),  # of codes/recall_kinds.csv
    Column("level", String(16), nullable=False),  # of codes/recall_levels.csv
    Column("reason", Text, nullable=False),
    Column("started_on", String(10), nullable=False),
    Column("notified_on", String(10)),  # the operators of the recall list were told
    Column("ended_on", String(10)),
    Column("quantity_sold", String(20)),  # decimals
    Column("quantity_returned", String(20)),
    Column("unit", String(20)),
    Column("authority", String(200)),
    Column("sample_no", String(64)),
    Column("penalty_doc_no", String(128)),
    Column("evidence", Text, nullable=False),  # JSON: dataset:key of the records it follows from
    Index("recall_by_sample", "sample_no"),
)

# Nothing of it is changed or deleted.
recall_step = Table(
    "recall_step",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recall_id", ForeignKey("recall.id"), nullable=False),
    Column("at", String(32), nullable=False),  # UTC
    Column("person", String(64), nullable=False),
    Column("act", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("words", Text, nullable=False),  # JSON: what it set
    Index("recall_step_by_recall", "recall_id", "id"),
)
