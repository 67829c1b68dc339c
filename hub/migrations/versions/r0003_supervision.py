"""What is computed from the records: when each analysis ran, and what people decided on its results."""

from __future__ import annotations

from hub.migrations.supervision import analysis

revision = "0003"
down_revision = "0002"

PARTS = (analysis,)


def upgrade() -> None:
    """New tables only; each part of supervision has its own."""
    for part in PARTS:
        part.add()
