"""Every table of a site."""

from __future__ import annotations

from hub import (
    state_guard,
    tables_of_complaints,
    tables_of_consumer_webhooks,
    tables_of_copies,
    tables_of_exchange,
    tables_of_filings,
    tables_of_grants,
    tables_of_receipts,
    tables_of_reports,
    tables_of_review,
    tables_of_runs,
    tables_of_subscriptions,
    tables_of_targets,
    tables_of_terms,
    tables_of_transfers,
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
    tables_of_exchange,
    tables_of_grants,
    tables_of_receipts,
    tables_of_consumer_webhooks,
    tables_of_terms,
    tables_of_transfers,
    tables_of_complaints,
    tables_of_targets,
)
ALL = metadata
state_guard.guard(tables_of_review.disclosure)
