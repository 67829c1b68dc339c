"""Results in the ledger: checked by their standard, compared, appended, with a run that says so.

From there on they are records like any other: reviewed, released, exchanged.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, select

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.record import KEY
from exchange_schemas.standard import Standard
from hub import ledger, runs
from hub.analysis.inputs import Result
from hub.bulk import select_frame
from hub.changes import ChangeSet
from hub.database import write
from hub.exchange.waiting import streams_wait
from hub.heads import HEAD_COLUMNS, Heads, heads_of
from hub.instant import utc_now
from hub.key_hashes import key_hashes
from hub.named import Named, name_rows
from hub.stream import Stream
from hub.tables import head

KIND = "analysis"  # of the run
_KEYS = 10_000  # asked for at one time
_BATCH = 200_000  # rows that are checked at one time


def feed_of(name: str) -> str:
    """Under which name an analysis delivers."""
    return f"analysis_{name}"


def enter(
    engine: Engine, catalogue: Catalogue, name: str, result: Result, job_id: int | None = None
) -> dict[str, Any]:
    """Let the dataset say what an analysis found; returns {run, read, accepted, rejected, added, changed,
    unchanged, gone}. One transaction; doing it again changes nothing."""
    standard = catalogue.get(result.dataset)
    parts = _named(standard, result.rows)
    with write(engine) as connection:
        number = ledger.dataset_id(connection, standard.dataset)
        feed_id = runs.feed_id(connection, feed_of(name))
        run_id = runs.begin(connection, _words(standard, number, feed_id, name, job_id))
        appending = ledger.Appending(connection, number, run_id, feed_id)
        known = _heads(connection, number, feed_id, result, parts)
        stream = Stream(standard, ChangeSet(known, feed_id))
        for part in parts:
            stream.take(part, part.batch.rows)
        stream.changes.gone = _gone(stream, known, result)
        for rows in stream.changes.parts:
            appending.write(rows)
        first, last = appending.finish(stream.changes.gone)
        words: dict[str, Any] = {"ledger_seq": last}
        if last >= first:
            words |= {"first_seq": first, "last_seq": last}
            streams_wait(connection, standard.dataset)
        runs.complete(connection, run_id, stream, **words)
    return {"run": run_id, **runs.counts(stream)}


def _named(standard: Standard, rows: pl.DataFrame) -> list[Named]:
    whole = rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in standard.dtypes.items()
    ).with_row_index(LINE, 1)
    whole = whole.with_columns(pl.col(LINE).cast(pl.Int64))
    return [name_rows(standard, Batch(part)) for part in whole.iter_slices(_BATCH)]


def _heads(
    connection: Connection, number: int, feed_id: int, result: Result, parts: list[Named]
) -> Heads:
    """All that the dataset has; of a part of the results only what these are about."""
    if result.gone is None:
        return ledger.heads(connection, number, feed_id)
    keys = pl.concat([*(part.rows[KEY] for part in parts), result.gone.cast(pl.String)]).unique()
    columns = [head.c.key, head.c.digest, head.c.feed_id]
    found = [pl.DataFrame(schema=HEAD_COLUMNS)]
    for some in keys.to_frame(KEY).iter_slices(_KEYS):
        wanted = head.c.key.in_(some[KEY].to_list())
        query = select(*columns).where(head.c.dataset_id == number, wanted)
        found.append(select_frame(connection, query, HEAD_COLUMNS))
    return heads_of(pl.concat(found), feed_id)


def _gone(stream: Stream, known: Heads, result: Result) -> pl.Series:
    """The keys of this analysis that it says no more. What was rejected is computed all the same, so it
    isn't gone."""
    rejected = stream.rejected_rows["key"].drop_nulls()
    if result.gone is None:
        return stream.changes.missing_from(stream.seen.keys, key_hashes([rejected]))
    mine = pl.concat(
        [frame.filter(pl.col("feed_id") == known.mine)["key"] for frame in known.scan()]
    )
    return mine.filter(mine.is_in(result.gone.cast(pl.String).implode())).rename("key")


def _words(
    standard: Standard, number: int, feed_id: int, name: str, job_id: int | None
) -> dict[str, Any]:
    return {
        "feed_id": feed_id,
        "dataset_id": number,
        "job_id": job_id,
        "standard_version": standard.version,
        "department": standard.department,
        "source": feed_of(name),
        "sha256": "",
        "state": "committed",
        "started_at": utc_now(),
        "kind": KIND,
    }
