"""What is computed from the records: when each analysis ran, and what people decided on its results."""

from __future__ import annotations

from hub.migrations.supervision import analysis, complaints, credit, prices, risks, subjects, trace

revision = "0003"
down_revision = "0002"

PARTS = (analysis, complaints)
PARTS = (analysis, credit)
PARTS = (analysis, prices)
PARTS = (analysis, risks)
PARTS = (analysis, trace)
PARTS = (analysis, subjects)


def upgrade() -> None:
    """New tables only; each part of supervision has its own."""
    for part in PARTS:
        part.add()
