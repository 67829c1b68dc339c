"""Parquet to batches: every value as exact text."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from adapters.artefact import Artefact
from adapters.csv_header import name_columns
from adapters.feed import Feed
from adapters.reader import Reader
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

ROWS, CELLS = 20_000, 1_000_000  # of a batch: whichever comes first


def read_parquet(feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    """The file's rows as raw batches; `_line` is a row's place, from 1.

    Dates and times are ISO 8601, decimals exact, bytes hexadecimal (but text in the columns that the
    feed names as `text`), lists and structs JSON, true and false words. Raises SourceUnreadable: format_invalid, column_duplicate.
    """
    try:
        file = pq.ParquetFile(artefact.path)
        as_text = frozenset(feed.format.get("text", ()))
        columns = name_columns(file.schema_arrow.names, 1, artefact.name)
        place = 1
        yield Batch(pl.DataFrame(schema={LINE: pl.Int64, **dict.fromkeys(columns, pl.String)}))
        for rows in file.iter_batches(max(1, min(ROWS, CELLS // (len(columns) + 1)))):
            frame = pl.DataFrame(_readable(rows, as_text)).rename(
                dict(zip(rows.schema.names, columns, strict=True))
            )
            texts = frame.select(_text(name, dtype) for name, dtype in frame.schema.items())
            line = pl.int_range(place, place + frame.height, dtype=pl.Int64, eager=True)
            yield Batch(texts.insert_column(0, line.alias(LINE)))
            place += frame.height
    except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as error:
        words = {
            "format": "parquet",
            "reason": str(error).splitlines()[0][:200],
            "reason_zh": "文件已损坏或不是 Parquet",
        }
        raise SourceUnreadable(
            Issue("format_invalid", file=artefact.name, params=words)
        ) from error


def _readable(rows: pa.RecordBatch, as_text: frozenset[str]) -> pa.RecordBatch:
    """The rows with those columns cast that Polars has no type for, or that are text in truth.

    Old writers (Impala, Hive) leave it out that bytes are text.
    """
    columns = []
    for name, column in zip(rows.schema.names, rows.columns, strict=True):
        kind = column.type
        if name in as_text or pa.types.is_decimal256(kind):
            columns.append(column.cast(pa.string()))
        elif pa.types.is_map(kind):
            pair = pa.struct([("key", kind.key_type), ("value", kind.item_type)])
            columns.append(column.cast(pa.list_(pair)))
        else:
            columns.append(column)
    return pa.RecordBatch.from_arrays(columns, names=rows.schema.names)


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return column.cast(pl.String)
    if isinstance(dtype, pl.Binary):
        return column.bin.encode("hex")
    if isinstance(dtype, pl.Datetime):
        plain = column.dt.to_string("%Y-%m-%dT%H:%M:%S%.f")
        return plain + column.dt.to_string("%:z") if dtype.time_zone else plain
    if isinstance(dtype, pl.List | pl.Array | pl.Struct):
        as_json = pl.struct(column.alias("v")).struct.json_encode()
        # {"v":…} without the wrapping that lets one function encode any kind
        return pl.when(column.is_not_null()).then(as_json.str.slice(5).str.head(-1)).alias(name)
    if isinstance(dtype, pl.Float32 | pl.Float64):
        text = column.cast(pl.String).str.replace(r"\.0$", "")
        return text.map_batches(_without_exponents, pl.String)
    return column.cast(pl.String)


def _without_exponents(texts: pl.Series) -> pl.Series:
    """10000000000000000000000 for 1e+22."""
    if not texts.str.contains("e", literal=True).any():
        return texts
    plain = [text if text is None or "e" not in text else f"{Decimal(text):f}" for text in texts]
    return pl.Series(texts.name, plain, pl.String)


_NAMES = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
READER = Reader(read_parquet, {"properties": {"text": _NAMES}}, whole_file=True, hostile=True)
