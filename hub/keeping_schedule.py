"""The schedule, kept by one process of many: whoever leads queues what is due."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from exchange_schemas.errors import HubError
from hub.leader import SCHEDULE, Term, lead, own_name, resign
from hub.schedule import enqueue_due
from hub.site import Site
from hub.storage import pushing

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class ScheduleKeeper:
    """A process that keeps the schedule while it leads."""

    site: Site
    engine: Engine
    name: str = field(default_factory=own_name)
    term: Term | None = None  # None: another process leads

    def lead(self) -> Term | None:
        """Lead, or go on; None while another one does, and while the database is away."""
        try:
            self.term = lead(self.engine, SCHEDULE, self.name)
        except OperationalError as error:
            logger.warning("schedule: %s", type(error).__name__)
            self.term = None
        return self.term

    def keep(self) -> list[int]:
        """Queue what is due, if this process leads; returns the new jobs. A declaration that can't be
        read stops no other job."""
        return queue_due(self.site, self.engine, self.term) if self.lead() else []

    def stop(self) -> None:
        """Let the next one lead at once."""
        try:
            if self.term is not None:
                resign(self.engine, self.term)
        except OperationalError as error:  # then its lease ends by itself
            logger.warning("schedule: %s", type(error).__name__)


def queue_due(site: Site, engine: Engine, term: Term | None) -> list[int]:
    """Queue what is due under `term`; nothing, and a line in the log, where somebody else leads by now or
    the feeds or the database can't be read."""
    try:
        made = enqueue_due(site, engine, term=term)
        pushing.take_drops(site)
    except (HubError, OperationalError) as error:
        told = error.issue.code if isinstance(error, HubError) else type(error).__name__
        logger.warning("schedule: %s", told)
        return []
    return made
