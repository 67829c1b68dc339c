"""Held runs: what the breaker kept from the ledger, until a person lets it in or throws it away."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.instant import utc_now
from hub.tables import feed, run
from hub.tables_of_runs import held

RELEASED, DISCARDED = "released", "discarded"


@dataclass(frozen=True, slots=True)
class HeldRun:
    """`differences` (see `difference`) say what the run would change, dataset by dataset."""

    run_id: int
    feed: str
    sha256: str
    source: str
    started_at: str
    differences: list[dict[str, Any]]
    verdict: str | None = None
    actor: str | None = None
    reason: str | None = None


def hold(connection: Connection, run_id: int, differences: list[dict[str, Any]]) -> None:
    """Note that a run waits for a person."""
    content = json.dumps(differences, ensure_ascii=False)
    connection.execute(insert(held).values(run_id=run_id, difference=content))


def waiting(connection: Connection) -> list[HeldRun]:
    """The held runs that nobody has decided on, oldest first."""
    return [one for one in _runs(connection) if one.verdict is None]


def find_held(connection: Connection, run_id: int) -> HeldRun:
    """A held run that waits; raises Refused: held_unknown, held_decided, held_overtaken."""
    found = find_waiting(connection, run_id)
    mine = select(run.c.feed_id).where(run.c.id == run_id).scalar_subquery()
    later = select(func.max(run.c.id)).where(
        run.c.feed_id == mine, run.c.id > run_id, run.c.state == "committed",
        run.c.kind != "correction",
    )  # fmt: skip
    overtaken = connection.scalar(later)
    if overtaken is not None:
        raise Refused(Issue("held_overtaken", value=str(run_id), params={"later": str(overtaken)}))
    return found


def find_waiting(connection: Connection, run_id: int) -> HeldRun:
    """As `find_held`, also where a later run has overtaken it."""
    found = next(iter(_runs(connection, run_id)), None)
    if found is None:
        raise Refused(Issue("held_unknown", value=str(run_id)))
    if found.verdict is not None:
        words = {"verdict": found.verdict, "actor": str(found.actor)}
        raise Refused(Issue("held_decided", value=str(run_id), params=words))
    return found


def decide(connection: Connection, run_id: int, verdict: str, actor: str, reason: str) -> None:
    """Note the verdict; raises Refused: held_own, held_decided where somebody was quicker."""
    check_decider(connection, run_id, actor)
    values = {"verdict": verdict, "actor": actor, "reason": reason, "decided_at": utc_now()}
    undecided = (held.c.run_id == run_id) & held.c.verdict.is_(None)
    if connection.execute(update(held).where(undecided).values(values)).rowcount == 0:
        words = {"verdict": "?", "actor": "?"}
        raise Refused(Issue("held_decided", value=str(run_id), params=words))


def check_decider(connection: Connection, run_id: int, actor: str) -> None:
    """Raises Refused (held_own) where that person handed in the run's rows."""
    if connection.scalar(select(run.c.actor).where(run.c.id == run_id)) == actor:
        raise Refused(Issue("held_own", value=actor))


def _runs(connection: Connection, run_id: int | None = None) -> list[HeldRun]:
    query = (
        select(held, run.c.sha256, run.c.source, run.c.started_at, feed.c.name)
        .join(run, run.c.id == held.c.run_id)
        .join(feed, feed.c.id == run.c.feed_id)
        .order_by(held.c.run_id)
    )
    if run_id is not None:
        query = query.where(held.c.run_id == run_id)
    return [
        HeldRun(
            row["run_id"], row["name"], row["sha256"], row["source"], row["started_at"],
            json.loads(row["difference"]), row["verdict"], row["actor"], row["reason"],
        )
        for row in connection.execute(query).mappings()
    ]  # fmt: skip
