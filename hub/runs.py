"""Runs: what each execution of a feed read, took and rejected, kept with its issues."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, func, insert, select, update

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


def history(connection: Connection, feed_number: int, dataset_number: int, last: int) -> list[int]:
    """How many rows the last runs read that pulled the feed and were committed, newest first."""
    query = (
        select(run.c.read)
        .where(*_pulled(feed_number, dataset_number))
        .order_by(run.c.id.desc())
        .limit(last)
    )
    return [int(count) for count in connection.scalars(query)]


def cursor(connection: Connection, feed_number: int) -> str | None:
    """Where the feed's next pull goes on from: what its last committed run left."""
    query = (
        select(run.c.cursor)
        .where(run.c.feed_id == feed_number, run.c.state == "committed", run.c.cursor.is_not(None))
        .order_by(run.c.id.desc())
        .limit(1)
    )
    return connection.scalar(query)


def _pulled(feed_number: int, dataset_number: int) -> tuple[ColumnElement[bool], ...]:
    """Committed runs that took a whole delivery, not rows that a person corrected."""
    return (
        run.c.feed_id == feed_number,
        run.c.dataset_id == dataset_number,
        run.c.state == "committed",
        run.c.kind != "correction",
    )


def last_run(connection: Connection, feed_number: int, dataset_number: int) -> int | None:
    """The feed's last committed run into a dataset, or the one that it repeated."""
    query = (
        select(func.coalesce(run.c.same_as, run.c.id))
        .where(*_pulled(feed_number, dataset_number))
        .order_by(run.c.id.desc())
    )
    found = connection.scalar(query.limit(1))
    return None if found is None else int(found)


def rejected_in(connection: Connection, run_id: int | None) -> pl.Series:
    """Contents (JSON) of the rows that a run rejected."""
    query = select(quarantine.c.content).where(quarantine.c.run_id == run_id)
    return select_frame(connection, query, {"content": pl.String})["content"]
