"""The departments are told what isn't delivered of their records: as notices of their feeds."""

from __future__ import annotations

import json

import polars as pl
from sqlalchemy import Connection, insert, select

from exchange_schemas.issue import Issue
from hub.bulk import select_frame
from hub.instant import utc_now
from hub.outbound.desk import Desk
from hub.tables import dataset, run
from hub.tables_of_runs import notice

_RUNS = {"first": pl.Int64, "run_id": pl.Int64, "feed_id": pl.Int64}


def tell_held(connection: Connection, desk: Desk, seqs: pl.Series) -> None:
    """A notice (target_held) for each feed whose records can't be written.

    What the province refuses is told by its receipts (`hub.exchange.refusals`).
    """
    if desk.view.audience == "public" or seqs.is_empty():
        return  # numbers of releases are no run's; the review shows those records
    whose = _feeds(connection, desk.target.dataset, seqs)
    for feed_id, count in whose.group_by("feed_id").len().sort("feed_id").iter_rows():
        words = {"dataset": desk.target.dataset, "found": str(count)}
        told = Issue("target_held", value=desk.target.name, params=words)
        row = {
            "feed_id": feed_id,
            "code": told.code,
            "value": told.value,
            "params": json.dumps(dict(told.params), ensure_ascii=False),
            "created_at": utc_now(),
        }
        connection.execute(insert(notice).values(row))


def _feeds(connection: Connection, name: str, seqs: pl.Series) -> pl.DataFrame:
    """The feed that each of the revisions came with."""
    query = (
        select(run.c.first_seq, run.c.id, run.c.feed_id)
        .join(dataset, dataset.c.id == run.c.dataset_id)
        .where(dataset.c.name == name, run.c.first_seq.is_not(None))
        .order_by(run.c.first_seq)
    )
    runs = select_frame(connection, query, _RUNS)
    wanted = seqs.sort().alias("seq").to_frame()
    return wanted.join_asof(runs.set_sorted("first"), left_on="seq", right_on="first")
