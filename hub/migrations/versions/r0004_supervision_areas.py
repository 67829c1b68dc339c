"""What people decided on the results of analyses, and what they collected: each area has tables of its own."""

from __future__ import annotations

from hub.migrations.supervision import (
    complaints,
    credit,
    prices,
    resumed_tickets,
    risks,
    subjects,
    trace,
)

revision = "0004"
down_revision = "0003"

PARTS = (complaints, resumed_tickets, credit, prices, risks, subjects, trace)


def upgrade() -> None:
    """New tables, and one more move of a ticket."""
    for part in PARTS:
        part.add()
