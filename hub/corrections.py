"""Rejected rows that a person corrected: what they were, what they became, who did it and when."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
from sqlalchemy import Connection, insert, select

from hub import runs
from hub.bulk import select_frame
from hub.instant import utc_now
from hub.tables import feed
from hub.tables_of_runs import correction

_COLUMNS = pl.Schema({"content": pl.String, "key": pl.String})


@dataclass(frozen=True, slots=True)
class Correction:
    """One row: `line` is that of the run `rejected_run_id`; `before` and `after` map source columns
    to cells; `key` is the record's, None where it was rejected again."""

    rejected_run_id: int
    line: int
    before: str
    after: Mapping[str, str | None]
    key: str | None = None


def with_keys(rows: Sequence[Correction], accepted: Sequence[pl.DataFrame]) -> list[Correction]:
    """The corrections with the keys of those that were accepted (`_line` from 1, `_key`)."""
    keys = dict(pl.concat(accepted).iter_rows()) if accepted else {}
    return [replace(row, key=keys.get(place)) for place, row in enumerate(rows, 1)]


def keep(
    connection: Connection, feed_name: str, run_id: int, actor: str, rows: Sequence[Correction]
) -> None:
    """Note the corrections that run `run_id` took."""
    told = [
        {
            "feed_id": runs.feed_id(connection, feed_name),
            "rejected_run_id": row.rejected_run_id,
            "line": row.line,
            "before": row.before,
            "after": json.dumps(dict(row.after), ensure_ascii=False),
            "key": row.key,
            "run_id": run_id,
            "actor": actor,
            "corrected_at": utc_now(),
        }
        for row in rows
    ]
    if told:
        connection.execute(insert(correction), told)


def of_feed(connection: Connection, feed_name: str) -> pl.DataFrame:
    """content (the row as it came, JSON) and key of every row that was corrected into a record.

    While the source goes on delivering the wrong row, that record isn't gone.
    """
    query = (
        select(correction.c.before, correction.c.key)
        .join(feed, feed.c.id == correction.c.feed_id)
        .where(feed.c.name == feed_name, correction.c.key.is_not(None))
        .order_by(correction.c.id)
    )
    return select_frame(connection, query, _COLUMNS)
