"""Lines of NDJSON: how an entry is written, and how lines are taken apart again.

A line is `{"seq":…,"operation":…,"key":…,"digest":…,"recorded_at":…,"standard":…,"salt":…,
"record":{…}}` in just this order, and the record's canonical JSON stands in it byte for byte. Of an
erased entry there is `{"seq":…,"operation":"erased","was":…,"recorded_at":…,"standard":…,
"commitment":…}` and nothing else.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

#: An entry as columns: what a line says, and null where it doesn't.
ENTRY = {
    "seq": pl.Int64,
    "operation": pl.String,  # upsert · delete · erased
    "was": pl.String,  # of an erased entry: upsert · delete
    "key": pl.String,
    "digest": pl.String,  # hex
    "recorded_at": pl.String,
    "standard": pl.String,  # dataset@version
    "salt": pl.String,  # 32 hex digits
    "commitment": pl.String,  # of an erased entry: 64 hex digits
    "record": pl.String,  # canonical JSON
}
_ENVELOPE = pl.Struct({name: dtype for name, dtype in ENTRY.items() if name != "record"})
_RECORD = ',"record":'  # a quote inside a string is escaped, so this never stands in one


def line(erased: bool = True, more: tuple[str, ...] = ()) -> pl.Expr:
    """`line` of a frame with `ENTRY`'s columns; `erased` says whether some of them are erased.

    `more` are columns of JSON texts that stand before the record where they aren't null.
    """
    parts: list[str | pl.Expr] = [
        _own("digest", ',"digest":"', '"', otherwise=',"digest":null'),
        pl.lit(',"recorded_at":"'), "recorded_at", pl.lit('","standard":"'), "standard",
        pl.lit('"'), _own("salt", ',"salt":"', '"'),
        *(_own(name, f',"{name}":', "") for name in more),
        _own("record", _RECORD, ""), pl.lit("}"),
    ]  # fmt: skip
    whole = pl.concat_str(_head("operation"), pl.lit(',"key":'), _quoted("key"), *parts)
    return (
        pl.when(_is_erased()).then(_without_content(more)).otherwise(whole) if erased else whole
    ).alias("line")


def texts_of(lines: bytes) -> pl.Series:
    """Lines of NDJSON as String values, each with its line feed; the text isn't copied."""
    ends = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == ord("\n")) + 1
    starts = np.concatenate([[0], ends]).astype(np.int64)
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(lines)]
    texts = pa.Array.from_buffers(pa.large_string(), len(ends), buffers)
    return pl.Series("line", pl.from_arrow(texts))


def columns(lines: bytes) -> pl.DataFrame:
    """Lines of NDJSON taken apart into `ENTRY`'s columns; raises polars' ComputeError where one is no
    JSON."""
    cut = texts_of(lines).str.splitn(_RECORD, 2).struct.unnest()
    closed = pl.concat_str("field_0", pl.lit("}"))
    if cut["field_1"].null_count():  # deletes and erased entries have no record
        closed = pl.when(pl.col("field_1").is_null()).then("field_0").otherwise(closed)
    told = cut.select(closed.str.json_decode(_ENVELOPE).alias("told")).unnest("told")
    record = cut["field_1"].str.strip_suffix("}\n").alias("record")
    return told.with_columns(record).select(list(ENTRY))


def without_content(entries: pl.DataFrame) -> pl.DataFrame:
    """Entries with a `commitment` each as erased ones; those that are already stay as they are."""
    gone = pl.lit(None, pl.String)
    return entries.with_columns(
        pl.coalesce("was", "operation").alias("was"),
        pl.lit("erased").alias("operation"),
        gone.alias("key"), gone.alias("digest"), gone.alias("salt"), gone.alias("record"),
    )  # fmt: skip


def _head(operation: str) -> pl.Expr:
    return pl.concat_str(
        pl.lit('{"seq":'), "seq", pl.lit(',"operation":"'), operation, pl.lit('"')
    )


def _is_erased() -> pl.Expr:
    return pl.col("operation") == "erased"


def _without_content(more: tuple[str, ...]) -> pl.Expr:
    return pl.concat_str(
        _head("operation"), pl.lit(',"was":"'), "was",
        pl.lit('","recorded_at":"'), "recorded_at", pl.lit('","standard":"'), "standard",
        pl.lit('"'), _own("commitment", ',"commitment":"', '"'),
        *(_own(name, f',"{name}":', "") for name in more), pl.lit("}"),
    )  # fmt: skip


def _own(name: str, before: str, after: str, otherwise: str = "") -> pl.Expr:
    text = pl.concat_str(pl.lit(before), name, pl.lit(after))
    return pl.when(pl.col(name).is_null()).then(pl.lit(otherwise)).otherwise(text)


def _quoted(name: str) -> pl.Expr:
    """A JSON string: what `{"key":"…"}` has behind the colon."""
    encoded = pl.struct(name).struct.json_encode()
    return encoded.str.slice(len(name) + 4).str.head(-1)
