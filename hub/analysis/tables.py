"""The table of what was computed when."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from hub.tables import metadata

# One row for each analysis that was ever computed to its end.
analysis_state = Table(
    "analysis_state",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("day", String(10), nullable=False),  # for which it was computed
    Column("seqs", Text, nullable=False),  # JSON: dataset → the ledger's last number that was read
    Column("counts", Text, nullable=False),  # JSON: dataset of results → {added, changed, …}
    Column("milliseconds", Integer, nullable=False),
    Column("ended_at", String(32), nullable=False),
)
