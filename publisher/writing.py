"""Writes the records of a release in all row formats and in Parquet, in one pass over them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from exchange_schemas.record import digest_expr
from exchange_schemas.signs import signs_of_columns
from exchange_schemas.standard import Field, Standard
from publisher.contents import COMMITMENT, INTERNAL, ROWS
from publisher.disk import sha256
from publisher.formats import ROW_FORMATS, json_lines, parquet
from publisher.formats.block import Block
from publisher.formats.parquet_stream import ParquetStream
from publisher.formats.row_file import RowFile

__all__ = ["LENGTHS", "ROW_FORMATS", "Prepared", "prepare", "write_contents", "write_formats"]

#: The column of rows.parquet with the bytes of each row in a file.
LENGTHS = {
    "records.csv": "_csv",
    "records-excel.csv": "_excel",
    "records.jsonl": "_jsonl",
    "records.json": "_json",
    "records.xml": "_xml",
}

PART = 5_000  # rows made into text at a time, to bound memory
MAKERS = os.cpu_count() or 2

Files = dict[str, tuple[int, str]]  # name → bytes, hex SHA-256


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows in every row format (`blocks`, by name of the file), and as rows.parquet has them: the
    release's columns, `_commitment` and the lengths."""

    rows: pl.DataFrame
    blocks: Mapping[str, Block]


def prepare(fields: Mapping[str, Field], rows: pl.DataFrame) -> Prepared:
    """The rows, whose columns are `fields` with raw values, in every row format."""
    signs = signs_of_columns(rows)
    lines = json_lines.texts(rows, fields, signs)
    blocks = {form.NAME: form.block(rows, fields, lines, signs) for form in ROW_FORMATS}
    commitments = lines.to_frame("line").select(digest_expr(pl.col("line")))
    lengths = [block.lengths.alias(LENGTHS[name]) for name, block in blocks.items()]
    kept = rows.select(list(fields)).with_columns(
        commitments.to_series().alias(COMMITMENT), *lengths
    )
    return Prepared(kept, blocks)


def write_formats(
    folder: Path, standard: Standard, fields: Mapping[str, Field], slices: Iterable[pl.DataFrame]
) -> Files:
    """Write the row formats, records.parquet and internal/rows.parquet into `folder`.

    `slices` are the records in order, their columns `fields` with raw values. Returns bytes and hex
    SHA-256 of each public file. Memory doesn't grow with the number of rows. Raises OSError, or
    polars.exceptions.ComputeError when the disk is full.
    """
    with ExitStack() as stack:
        files = [
            stack.enter_context(RowFile(folder, form, form.head(standard, fields)))
            for form in ROW_FORMATS
        ]

        # Hashing and writing let other threads run, so files are written beside each other.
        writers = stack.enter_context(ThreadPoolExecutor(MAKERS, "files"))

        def texts_written() -> Iterator[pl.DataFrame]:
            for part in _prepared(fields, slices):
                written = [writers.submit(file.append, part.blocks[file.name]) for file in files]
                yield part.rows
                for one in written:
                    one.result()

        parquets = write_contents(folder, fields, texts_written())
        return {file.name: file.finish() for file in files} | parquets


def write_contents(
    folder: Path, fields: Mapping[str, Field], slices: Iterable[pl.DataFrame]
) -> Files:
    """Write records.parquet and internal/rows.parquet only; the slices are as `Prepared.rows`."""
    rows, path = folder / INTERNAL / ROWS, folder / parquet.NAME
    rows.parent.mkdir(exist_ok=True)
    wider = False  # an amount has more places than was thought
    with (
        ParquetStream(rows, _schema(fields), {"compression": "lz4"}) as raw,
        ParquetStream(path, parquet.schema(fields), parquet.COMPRESSION) as typed,
    ):
        for part in slices:
            raw.put(part)
            told = None if wider else parquet.typed(part, fields)
            if told is None:
                wider = True
            else:
                typed.put(told)
    if wider:  # how many places there are is known only now
        parquet.write_typed(pl.scan_parquet(rows), fields, path)
    return {parquet.NAME: (path.stat().st_size, sha256(path))}


def _prepared(fields: Mapping[str, Field], slices: Iterable[pl.DataFrame]) -> Iterator[Prepared]:
    """The slices in order, in small parts: the next ones are being made while one is written."""
    waiting: deque[Future[Prepared]] = deque()
    with ThreadPoolExecutor(MAKERS, "formats") as pool:
        for rows in (part for one in slices for part in one.iter_slices(PART)):
            waiting.append(pool.submit(prepare, fields, rows))
            if len(waiting) > MAKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _schema(fields: Mapping[str, Field]) -> pl.Schema:
    """The columns of rows.parquet."""
    raw = {name: field.dtype for name, field in fields.items()}
    return pl.Schema({**raw, COMMITMENT: pl.Binary, **dict.fromkeys(LENGTHS.values(), pl.UInt32)})
