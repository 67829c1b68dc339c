"""Schema 0001, frozen as it was when revisions began; nothing here follows today's tables."""

from __future__ import annotations

from hub.migrations.first import (
    complaints,
    consumers,
    filings,
    ledger,
    review,
    runs,
    streams,
    targets,
    transfers,
)
from hub.migrations.first.schema import SCHEMA

# importing them adds theirs to `SCHEMA`
MODULES = (ledger, runs, review, filings, consumers, streams, transfers, complaints, targets)

__all__ = ["MODULES", "SCHEMA"]
