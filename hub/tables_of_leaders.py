"""The table of who leads."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from hub.tables import metadata

leader = Table(
    "leader",
    metadata,
    Column("duty", String(32), primary_key=True),
    Column("holder", String(255), nullable=False),
    # Raised by every other holder; what is done as leader compares it.
    Column("fence", Integer, nullable=False),
    Column("lease_until", String(32), nullable=False),  # "": anybody may take it
)
