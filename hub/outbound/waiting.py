"""When a target is to be worked at: something is new, or open, or an answer is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, exists, select

from exchange_schemas.errors import HubError
from hub import jobs
from hub.exchange import stream
from hub.exchange.views import View
from hub.outbound import outbox
from hub.outbound.tables import QUARANTINED, SENT, WAITING, target_entry
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
    if stream.has_grown(connection, view, state["cursor"]):
        return True
    has = target_entry.c
    stale = (has.state == QUARANTINED) & (has.fingerprint != target.fingerprint)
    if outbox.numbers(connection, target.name, outbox.TO_TRY) or _any(connection, target, stale):
        return True
    if target.way in LATER and outbox.numbers(connection, target.name, (SENT,)):
        since = state["asked_at"]
        return since is None or since <= _text(now - timedelta(minutes=target.ask_every))
    if outbox.numbers(connection, target.name, (SENT,)):
        return False
    return _any(connection, target, has.state == WAITING)


def _any(connection: Connection, target: Target, those: ColumnElement[bool]) -> bool:
    mine = target_entry.c.target == target.name
    return bool(connection.scalar(select(exists().where(mine, those))))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
