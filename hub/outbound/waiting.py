"""When a target is to be worked at: something is new, or open, or an answer is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, exists, select

from exchange_schemas.errors import HubError
from hub import jobs
from hub.exchange.segments import extent
from hub.exchange.views import View
from hub.ledger import head_seq
from hub.outbound import outbox
from hub.outbound.tables import SENT, WAITING, target_entry
from hub.outbound.target import Target
from hub.outbound.ways import LATER


def after_failure(failures: int, error: HubError | None) -> dict[str, Any]:
    """The columns of `target_state` after a round: each failure in a row waits twice as long."""
    if error is None:
        return {"failures": 0, "failure": None, "not_before": None}
    wait = min(jobs.FIRST_WAIT * 2 ** min(failures, 20), jobs.LONGEST_WAIT)
    then = datetime.now(UTC) + timedelta(seconds=wait)
    return {
        "failures": failures + 1,
        "failure": error.issue.code[:32],
        "not_before": _text(then),
    }


def is_due(
    connection: Connection, target: Target, view: View, state: RowMapping, now: datetime
) -> bool:
    """Whether a round would find something to do, and may be tried now."""
    if state["not_before"] is not None and state["not_before"] > _text(now):
        return False
    end = extent(connection, view)[0]
    if view.audience != "public":
        end = head_seq(connection, target.dataset)
    if end > state["cursor"] or outbox.numbers(connection, target.name, outbox.TO_TRY):
        return True
    if target.way in LATER and outbox.numbers(connection, target.name, (SENT,)):
        since = state["asked_at"]
        return since is None or since <= _text(now - timedelta(minutes=target.ask_every))
    if outbox.numbers(connection, target.name, (SENT,)):
        return False
    mine = (target_entry.c.target == target.name) & (target_entry.c.state == WAITING)
    return bool(connection.scalar(select(exists().where(mine))))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
