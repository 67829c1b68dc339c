"""Deliveries, disclosures and what became of them, with days that a test chooses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, insert, select, update

from hub import ledger, runs
from hub.bulk import insert_frame
from hub.decisions import Decision, Reason, decide, open_decision
from hub.tables import issue_count, quarantine, run
from hub.tables_of_review import decision, disclosure

DIGEST = b"\1" * 32
HANDS = {
    "review": {"reviewed_by": "rui"},
    "approve": {"approved_by": "ai", "approved_digest": DIGEST, "approved_seq": 1},
}


def delivery(
    connection: Connection,
    dataset: str,
    department: str | None,
    at: str,
    accepted: int,
    rejected: Sequence[tuple[str, str]] = (),
    **more: Any,
) -> int:
    """A committed run; `rejected` has code and field of the one issue of each rejected row."""
    counts = {"read": accepted + len(rejected), "accepted": accepted, "rejected": len(rejected)}
    words = {
        "feed_id": runs.feed_id(connection, "feed"),
        "dataset_id": ledger.dataset_id(connection, dataset),
        "standard_version": "1",
        "department": department,
        "source": "delivery.csv",
        "sha256": "",
        "state": "committed",
        "started_at": at,
        **counts,
        **more,
    }
    number = runs.begin(connection, words)
    for code, field in dict.fromkeys(rejected):
        row = {
            "run_id": number,
            "code": code,
            "field": field,
            "count": rejected.count((code, field)),
        }
        connection.execute(insert(issue_count).values(row))
    rows = [{"run_id": number, "line": n + 2, "content": "{}"} for n in range(len(rejected))]
    if rows:
        connection.execute(insert(quarantine), rows)
    return number


def waiting(
    connection: Connection, dataset: str, rows: Sequence[tuple[str, str, str | None]], **more: Any
) -> None:
    """Disclosures that wait for a reviewer: record id, department, publish_by."""
    number = ledger.dataset_id(connection, dataset)
    names = {"record_id": pl.String, "department": pl.String, "publish_by": pl.String}
    asked = open_decision(connection, Decision(number, "ask", "law"))
    frame = pl.DataFrame(list(rows), names, orient="row").with_columns(
        pl.col("record_id").alias("key"),
        pl.lit("pending").alias("state"),
        pl.lit(DIGEST).alias("view_digest"),
        *(pl.lit(value).alias(name) for name, value in more.items()),
    )
    insert_frame(connection, disclosure, frame, dataset_id=number, seq=1, decision_id=asked)


def act(
    connection: Connection,
    dataset: str,
    name: str,
    chosen: Sequence[str],
    at: str,
    reason: str | None = None,
    **values: Any,
) -> None:
    """One act on the chosen records, as if it had been done at the time `at`."""
    number = ledger.dataset_id(connection, dataset)
    why = reason and Reason(reason)
    done = decide(
        connection,
        Decision(number, name, "law", "ai", why or None),
        disclosure.c.record_id.in_(chosen),
        {**HANDS.get(name, {}), **values},
    )
    assert done == len(chosen)
    last = select(decision.c.id).order_by(decision.c.id.desc()).limit(1).scalar_subquery()
    connection.execute(update(decision).where(decision.c.id == last).values(decided_at=at))


def publish(connection: Connection, dataset: str, chosen: Sequence[str], day: str) -> None:
    """Review, approve and publish the chosen records on a day."""
    at = f"{day}T04:00:00.000Z"
    act(connection, dataset, "review", chosen, at)
    act(connection, dataset, "approve", chosen, at)
    act(connection, dataset, "publish", chosen, at, published_on=day)


def run_of(connection: Connection) -> int:
    """The last run's number."""
    return int(connection.scalar(select(run.c.id).order_by(run.c.id.desc()).limit(1)) or 0)
