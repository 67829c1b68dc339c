"""What follows an act, once it is noted: the hub's own upkeep, which a crash may leave to the next one."""

from __future__ import annotations

import logging

from hub import answers
from hub.audit.acting import nobody_acts
from hub.web.console.console import Console

logger = logging.getLogger(__name__)


def hint(console: Console, job: int | None) -> None:
    """Tell a worker of a job that an act left; without a broker workers find it by themselves."""
    if job is None or console.site.broker_url is None:
        return
    from hub.tasks import enqueue  # Celery takes its time, and most sites have no broker

    enqueue(console.site, job)


def tell_parties(console: Console) -> None:
    """Write the portal's answer files that are behind. The decision stands where that has to wait."""
    try:
        with nobody_acts():
            answers.tell(console.site, console.engine)
    except OSError as error:
        logger.warning("answers: %s", type(error).__name__)
