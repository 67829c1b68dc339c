"""What does each kind of job: named here, and imported when the first of its kind is done, so that a command
that does one of them is quick."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from sqlalchemy import Engine

from hub.jobs import Lease
from hub.progress import Progress
from hub.site import Site

Do = Callable[[Site, Engine, Lease, Progress], dict[str, Any]]

#: kind → module and function that does it; it finishes the job in the transaction of its last commit.
PLACES = {
    "feed_run": "hub.feed_work:run",
    "feed_part": "hub.part_work:do_job",
    "correction": "hub.feed_work:correct",
    "filings": "hub.intake_work:filings",
    "subscriptions": "hub.intake_work:subscriptions",
    "publish": "hub.release_work:publish",
    "sweep": "hub.release_work:sweep",
    "workbooks": "hub.release_work:workbooks",
    "ckan": "hub.ckan_publishing:do_job",
    "exchange": "hub.exchange.keeping:do_job",
    "receipts": "hub.exchange.receipt_alarms:do_job",
    "consumer_hints": "hub.consumers.hints:do_job",
    "between": "hub.between_work:do_job",
    "deliver": "hub.outbound.job:do_job",
    "provincial_returns": "hub.outbound.return_work:do_job",
    "alerts": "hub.monitoring.alert_job:do_job",
    "analysis": "hub.analysis.work:do_job",
    "credit_mail": "hub.credit.mailing:do_job",
    "credit_what_if": "hub.credit.what_if_job:do_job",
    "risks": "hub.risks.work:do_job",
    "impact": "hub.impact_job:find_impact",
}


def find(kind: str) -> Do:
    """What does jobs of a kind. Raises KeyError for one that this program doesn't know."""
    module, function = PLACES[kind].split(":")
    found: Do = getattr(import_module(module), function)
    return found
