"""What people decided on the results of analyses, and what they collected: each area has tables of its own."""

from __future__ import annotations

from hub.migrations.supervision import complaints, credit, prices, risks, subjects, trace

revision = "0004"
down_revision = "0003"

PARTS = (complaints, credit, prices, risks, subjects, trace)


def upgrade() -> None:
    """New tables only."""
    for part in PARTS:
        part.add()
