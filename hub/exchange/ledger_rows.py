"""Revisions of the ledger as columns, many at a time: what streams are made of."""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa
from sqlalchemy import Connection, Select, func, literal_column, select

from hub.bulk import select_frame
from hub.exchange.tables import exchange_erased
from hub.ledger import OPERATIONS, within
from hub.segment import unpack
from hub.tables import dataset, revision, run, segment

#: One row for each revision, in order. `content` is the record's canonical JSON, null for a delete
#: and where it is `erased`.
LEDGER_ROWS = {
    "seq": pl.Int64,
    "operation": pl.String,  # upsert · delete
    "key": pl.String,
    "digest": pl.Binary,
    "recorded_at": pl.String,
    "version": pl.String,
    "content": pl.String,
    "erased": pl.Boolean,
}
_REVISIONS = {
    "seq": pl.Int64,
    "operation": pl.Int64,
    "key": pl.String,
    "digest": pl.Binary,
    "run_id": pl.Int64,
}
_DIGEST = 32  # bytes
_RUNS = {"run_id": pl.Int64, "version": pl.String, "recorded_at": pl.String}


def ledger_rows(connection: Connection, name: str, after: int, limit: int) -> pl.DataFrame:
    """At most `limit` revisions with seq > `after` (`LEDGER_ROWS`), without gaps."""
    number = connection.scalar(select(dataset.c.id).where(dataset.c.name == name)) or 0
    found = _revisions(connection, number, after, limit)
    if found.is_empty():
        return pl.DataFrame(schema=LEDGER_ROWS)
    last = after + found.height
    erased = select(exchange_erased.c.seq).where(
        exchange_erased.c.dataset_id == number, exchange_erased.c.seq.between(after + 1, last)
    )
    gone = pl.Series("seq", list(connection.scalars(erased)), pl.Int64)
    rows = found.join(_runs(connection, found["run_id"]), on="run_id", how="left")
    erased_here = pl.col("seq").is_in(gone.implode()) if len(gone) else pl.lit(value=False)
    content = _contents(connection, number, after, last).replace("", None)  # of a delete
    return rows.with_columns(
        pl.col("operation").replace_strict(OPERATIONS, return_dtype=pl.String),
        pl.when(~erased_here).then(pl.lit(content)).alias("content"),
        erased_here.alias("erased"),
    ).select(list(LEDGER_ROWS))


def _revisions(connection: Connection, number: int, after: int, limit: int) -> pl.DataFrame:
    """Straight from the driver: rows as the database gives them, turned into columns at once."""
    query = (
        select(*(revision.c[name] for name in _REVISIONS))
        .where(revision.c.dataset_id == number, revision.c.seq > after)
        .order_by(revision.c.seq)
        .limit(literal_column(str(int(limit))))
    )
    if connection.dialect.name == "sqlite":
        return _aggregated(connection, query)
    rows = _fetched(connection, query)
    columns: Any = zip(*rows, strict=True) if rows else [[]] * len(_REVISIONS)
    return pl.DataFrame(dict(zip(_REVISIONS, columns, strict=True)), schema=_REVISIONS)


def _aggregated(connection: Connection, query: Select[Any]) -> pl.DataFrame:
    """SQLite puts the columns together itself, each in one value: a third quicker than rows.

    All see the rows in one order; which that is `seq` says, and they are sorted by it.
    """
    rows = query.subquery()
    numbers = ("seq", "operation", "run_id")
    found = connection.execute(
        select(
            *(func.json_group_array(rows.c[name]) for name in numbers),
            func.json_group_array(rows.c.key),
            func.group_concat(func.hex(rows.c.digest), literal_column("''")),
        )
    ).one()
    lists = [pl.List(pl.Int64)] * len(numbers) + [pl.List(pl.String)]
    columns = [
        pl.Series(name, [text]).str.json_decode(kind).explode()
        for name, text, kind in zip((*numbers, "key"), found, lists, strict=False)
    ]
    frame = pl.DataFrame(columns).drop_nulls("seq")
    raw = bytes.fromhex(found[-1] or "")
    digests = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(_DIGEST), frame.height, [None, pa.py_buffer(raw)]
    )
    digest = pl.Series("digest", pl.from_arrow(digests), pl.Binary)
    return frame.with_columns(digest).select(list(_REVISIONS)).sort("seq")


def _fetched(connection: Connection, query: Select[Any]) -> list[Any]:
    text = query.compile(connection, compile_kwargs={"literal_binds": True})
    cursor = connection.connection.cursor()
    try:
        cursor.execute(str(text))
        return list(cursor.fetchall())
    finally:
        cursor.close()


def _runs(connection: Connection, ids: pl.Series) -> pl.DataFrame:
    query = select(run.c.id, run.c.standard_version, run.c.ended_at)
    return select_frame(connection, query.where(run.c.id.between(ids.min(), ids.max())), _RUNS)


def _contents(connection: Connection, number: int, after: int, last: int) -> pl.Series:
    """The lines of after < seq <= last."""
    query = (
        select(segment.c.first_seq, segment.c.content)
        .where(segment.c.dataset_id == number, within(after, last))
        .order_by(segment.c.first_seq)
    )
    found = connection.execute(query).all()
    texts = pl.Series("content", [unpack(row.content) for row in found], pl.Binary)
    lines = texts.cast(pl.String).str.split("\n").explode()
    return lines.slice(after + 1 - found[0].first_seq, last - after)
