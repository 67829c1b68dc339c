"""The jobs of the exchange: what does each kind, and when one is queued."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine

from exchange_schemas.catalogue import Catalogue
from hub import between_work
from hub.consumers import hints as consumer_hints
from hub.exchange import receipt_alarms
from hub.jobs import Lease
from hub.outbound import job as delivering
from hub.outbound import return_work
from hub.progress import Progress
from hub.site import Site

KINDS: dict[str, Callable[[Site, Engine, Lease, Progress], dict[str, Any]]] = {
    receipt_alarms.KIND: receipt_alarms.do_job,
    consumer_hints.KIND: consumer_hints.do_job,
    between_work.KIND: between_work.do_job,
    delivering.KIND: delivering.do_job,
    return_work.KIND: return_work.do_job,
}


def enqueue(connection: Connection, catalogue: Catalogue) -> list[int]:
    """Queue what is due; returns the new jobs."""
    return [
        *receipt_alarms.enqueue(connection),
        *consumer_hints.enqueue(connection, catalogue),
        *between_work.enqueue(connection),
        *return_work.enqueue(connection),
    ]
