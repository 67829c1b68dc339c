"""Every table of a site."""

from __future__ import annotations

from hub import (
    state_guard,
    tables_of_copies,
    tables_of_filings,
    tables_of_leaders,
    tables_of_reports,
    tables_of_review,
    tables_of_runs,
    tables_of_subscriptions,
    tables_of_terms,
)
from hub.accounts import tables as accounts
from hub.analysis import tables as analysis
from hub.audit import tables as audit
from hub.complaints import tables as complaints
from hub.consumers import tables_of_webhooks
from hub.credit import tables as credit
from hub.exchange import tables as exchange
from hub.exchange import tables_of_receipts
from hub.grants import tables as grants
from hub.monitoring import tables as monitoring
from hub.outbound import tables as targets
from hub.prices import tables as prices
from hub.risks import tables as risks
from hub.subjects import tables as subjects
from hub.tables import metadata
from hub.trace import tables as trace
from hub.transfers import tables as transfers

# importing them adds theirs to `metadata`
MODULES = (
    tables_of_review,
    tables_of_runs,
    tables_of_filings,
    tables_of_leaders,
    tables_of_reports,
    tables_of_subscriptions,
    tables_of_copies,
    exchange,
    grants,
    tables_of_receipts,
    tables_of_webhooks,
    tables_of_terms,
    transfers,
    complaints,
    targets,
    monitoring,
    accounts,
    audit,
    analysis,
    credit,
    prices,
    risks,
    trace,
    subjects,
)
ALL = metadata
state_guard.guard(tables_of_review.disclosure)
