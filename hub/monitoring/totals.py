"""What runs took, added up by feed and stage: the metrics of a run outlive the process that did it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from hub.database import write
from hub.monitoring.tables import stage_total

logger = logging.getLogger(__name__)


def add_run(
    engine: Engine, feed: str, seconds: Mapping[str, float], rows: Mapping[str, int]
) -> None:
    """Add one run's seconds and rows by stage; a database that is busy costs the figures, never the run."""
    try:
        with write(engine) as connection:
            for stage, spent in seconds.items():
                _add(connection, feed, stage, round(spent * 1000), rows.get(stage, 0))
    except (OperationalError, IntegrityError) as error:
        logger.warning("seconds of a run not kept: %s", error)


def _add(connection: Connection, feed: str, stage: str, milliseconds: int, rows: int) -> None:
    has = stage_total.c
    mine = (has.feed == feed) & (has.stage == stage)
    more = {
        "runs": has.runs + 1,
        "milliseconds": has.milliseconds + milliseconds,
        "rows": has.rows + rows,
    }
    if connection.execute(update(stage_total).where(mine).values(more)).rowcount == 0:
        first = {"feed": feed, "stage": stage, "runs": 1, "milliseconds": milliseconds}
        connection.execute(insert(stage_total).values(**first, rows=rows))


def totals(connection: Connection) -> list[tuple[str, str, int, int, int]]:
    """feed, stage, runs, milliseconds, rows."""
    query = select(stage_total).order_by(stage_total.c.feed, stage_total.c.stage)
    return [(r.feed, r.stage, r.runs, r.milliseconds, r.rows) for r in connection.execute(query)]
