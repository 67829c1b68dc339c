"""Runs: what each execution of a feed read, took and rejected, kept with its issues."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Connection, func, insert, select, update

from hub.bulk import insert_frame, select_frame
from hub.instant import utc_now
from hub.stream import Stream
from hub.tables import feed, issue, issue_count, quarantine, run


def feed_id(connection: Connection, name: str) -> int:
    """The feed's number, registered on first use."""
    found = connection.scalar(select(feed.c.id).where(feed.c.name == name))
    if found is not None:
        return int(found)
    connection.execute(insert(feed).values(name=name))
    return feed_id(connection, name)


def begin(connection: Connection, words: dict[str, Any]) -> int:
    """A new run; `words` are the columns of `tables.run` that are known. Returns its id."""
    row = {**words, "ended_at": words["started_at"]}
    key = connection.execute(insert(run).values(row)).inserted_primary_key
    return int(key[0]) if key else 0


def counts(stream: Stream) -> dict[str, int]:
    """The counts of one stream, as in `tables.run`."""
    changes = stream.changes
    return {
        "read": stream.read,
        "accepted": stream.accepted,
        "rejected": stream.rejected,
        "added": changes.added,
        "changed": changes.changed,
        "unchanged": changes.unchanged,
        "gone": len(changes.gone),
    }


def complete(connection: Connection, run_id: int, stream: Stream, **words: Any) -> None:
    """Write a run's counts, issues and quarantined rows; `words` are further columns of it."""
    values = {**counts(stream), **words, "ended_at": utc_now()}
    connection.execute(update(run).where(run.c.id == run_id).values(values))
    if words.get("same_as"):
        return  # issues and rows are kept once, with the run that read them
    number = pl.lit(run_id).alias("run_id")
    findings = stream.findings
    insert_frame(connection, issue_count, findings.count_frame.with_columns(number))
    insert_frame(connection, issue, findings.frame.with_columns(number))
    rejects = stream.rejected_rows.drop("key").rename({"_line": "line"})
    insert_frame(connection, quarantine, rejects.with_columns(number))


def last_run(connection: Connection, feed_number: int, dataset_number: int) -> int | None:
    """The feed's last committed run into a dataset, or the one that it repeated."""
    query = (
        select(func.coalesce(run.c.same_as, run.c.id))
        .where(
            run.c.feed_id == feed_number,
            run.c.dataset_id == dataset_number,
            run.c.state == "committed",
        )
        .order_by(run.c.id.desc())
    )
    found = connection.scalar(query.limit(1))
    return None if found is None else int(found)


def rejected_in(connection: Connection, run_id: int | None) -> pl.Series:
    """Contents (JSON) of the rows that a run rejected."""
    query = select(quarantine.c.content).where(quarantine.c.run_id == run_id)
    return select_frame(connection, query, {"content": pl.String})["content"]
