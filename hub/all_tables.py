"""Every table of a site."""

from __future__ import annotations

from hub import (
    state_guard,
    tables_of_copies,
    tables_of_filings,
    tables_of_reports,
    tables_of_review,
    tables_of_runs,
    tables_of_subscriptions,
)
from hub.tables import metadata

# importing them adds theirs to `metadata`
MODULES = (
    tables_of_review,
    tables_of_runs,
    tables_of_filings,
    tables_of_reports,
    tables_of_subscriptions,
    tables_of_copies,
)
ALL = metadata
state_guard.guard(tables_of_review.disclosure)
