"""All that is seen of the hub at one moment: what the status, the metrics and the alerts are made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from hub.monitoring import (
    schema,
    seen_consumers,
    seen_disclosures,
    seen_feeds,
    seen_jobs,
    seen_machine,
    seen_targets,
)
from hub.monitoring.bounded import bounded
from hub.monitoring.looking import Looking
from hub.monitoring.schema import SchemaSeen
from hub.monitoring.seen_consumers import ConsumersSeen
from hub.monitoring.seen_disclosures import DisclosuresSeen
from hub.monitoring.seen_feeds import FeedSeen
from hub.monitoring.seen_jobs import JobsSeen
from hub.monitoring.seen_machine import MachineSeen
from hub.monitoring.seen_targets import TargetSeen
from hub.monitoring.totals import totals
from hub.site import Site

EACH, ALL = 2.0, 6.0  # seconds that one part, and all of them, may take

#: part → what sees it.
PARTS: dict[str, Callable[[Looking], Any]] = {
    "schema": schema.see,
    "jobs": seen_jobs.see,
    "feeds": seen_feeds.see,
    "machine": seen_machine.see,
    "targets": seen_targets.see,
    "stages": lambda at: totals(at.connection),
    "consumers": seen_consumers.see,
    "disclosures": seen_disclosures.see,
}


@dataclass(slots=True)
class Facts:
    """A part that couldn't be seen is None, and `failed` says why. `seconds`: what each part took."""

    at: datetime
    failed: dict[str, Issue]
    seconds: dict[str, float]
    schema: SchemaSeen | None = None
    jobs: JobsSeen | None = None
    feeds: list[FeedSeen] | None = None
    machine: MachineSeen | None = None
    targets: list[TargetSeen] | None = None
    stages: list[tuple[str, str, int, int, int]] | None = None
    consumers: ConsumersSeen | None = None
    disclosures: DisclosuresSeen | None = None


def gather(site: Site, engine: Engine, catalogue: Catalogue, now: datetime | None = None) -> Facts:
    """Look at every part, each in its own transaction and in its own time: one that can't be seen hides
    no other."""
    facts = Facts(now or datetime.now(UTC), {}, {})
    end = time.monotonic() + ALL
    for name, see in PARTS.items():
        begin = time.monotonic()
        try:
            with bounded(engine, max(0.05, min(EACH, end - begin))) as connection:
                found = see(Looking(site, connection, catalogue, facts.at))
            setattr(facts, name, found)
        except HubError as error:
            facts.failed[name] = error.issue
        except (SQLAlchemyError, OSError) as error:
            cause = type(getattr(error, "orig", None) or error).__name__
            words = {"reason": cause}
            facts.failed[name] = Issue("watch_unseen", value=name, params=words)
        facts.seconds[name] = time.monotonic() - begin
    return facts
