"""A run while it is watched: its lines carry its ids, it is a span, and its seconds are added up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from exchange_schemas.errors import HubError
from hub.delivery import Delivery
from hub.monitoring.bound import bind, bound
from hub.monitoring.totals import add_run
from hub.monitoring.traces import span

#: The stages that every row goes through; `append` takes those that differ.
EVERY_ROW = ("read", "normalise", "check")

logger = logging.getLogger(__name__)


@contextmanager
def watched(delivery: Delivery) -> Iterator[None]:
    """The block is the run of `delivery`, whatever comes of it."""
    name, dataset = delivery.feed.name, delivery.standard.dataset
    job = delivery.lease.job_id if delivery.lease else None
    with (
        bound(feed=name, dataset=dataset, run=None),
        span("run", feed=name, dataset=dataset, job=job, kind=delivery.kind),
    ):
        try:
            yield
        except HubError as error:
            logger.warning("run failed: %s", error)
            raise
        else:
            _tell(delivery)
        finally:
            if not delivery.dry:
                add_run(delivery.engine, name, delivery.seconds, _rows(delivery))


def _tell(delivery: Delivery) -> None:
    bind(run=delivery.courses[0].run_id)
    main = delivery.main
    word = "dry run" if delivery.dry else "run held" if delivery.held else "run done"
    seconds = {name: round(spent, 3) for name, spent in delivery.seconds.items()}
    logger.info(
        "%s: %d rows read, %d rejected", word, main.read, main.rejected,
        extra={"seconds": seconds},
    )  # fmt: skip


def _rows(delivery: Delivery) -> dict[str, int]:
    if not delivery.courses:
        return {}
    counts = delivery.result()
    differing = sum(int(counts[name]) for name in ("added", "changed", "gone"))
    return {**dict.fromkeys(EVERY_ROW, delivery.main.read), "append": differing}
