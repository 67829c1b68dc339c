"""The row formats of a release at full size, each measurement in a process of its own.

python -m tests.bench.formats (polars|ours|each|workbook) SOURCE.parquet FOLDER → JSON: seconds by step, peak
python -m tests.bench.formats source SOURCE.parquet RECORDS writes what is read
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from exchange_schemas.batch import LINE
from exchange_schemas.canonical import canonical_frame
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.signs import signs_of_columns
from exchange_schemas.standard import Field, Standard
from publisher.columns import RECORD_ID, release_columns
from publisher.contents import SLICE
from publisher.formats import ROW_FORMATS, workbook
from publisher.formats.block import Block
from publisher.formats.row_file import RowFormat
from publisher.writing import PART, write_formats
from tests.bench.memory import peak_megabytes
from tests.bench.records import BAD_EVERY, penalty_rows

DATASET = "administrative_penalty"
WORKBOOK_RECORDS = 100_000

Figures = dict[str, Any]


def write_source(path: Path, records: int) -> None:
    """A view of penalties, with ids and salts, as Parquet: what both sides read."""
    standard = load_catalogue().get(DATASET)
    good = pl.col(LINE) % BAD_EVERY != 0
    rows = penalty_rows(standard, records * 102 // 100).filter(good).head(records).drop(LINE)
    number = pl.int_range(pl.len())
    salt = number.hash(seed=1), number.hash(seed=2)
    rows.select(
        pl.format("{}", number.hash()).alias(RECORD_ID),
        *(name for name in standard.fields_for("public") if rows[name].null_count() < records),
        pl.format("{}{}", *(one.cast(pl.String).str.zfill(20).str.head(16) for one in salt)).alias(
            "salt"
        ),
    ).write_parquet(path, row_group_size=SLICE)


def polars_alone(source: Path, folder: Path) -> Figures:
    """The baseline: Polars reads the source and writes CSV, JSON Lines and Parquet."""
    rows, lists = pl.scan_parquet(source), pl.col(pl.List(pl.String))
    steps = {
        # Polars' CSV has no lists.
        "csv": lambda: rows.with_columns(lists.list.join("；")).sink_csv(folder / "o.csv"),
        "jsonl": lambda: rows.sink_ndjson(folder / "o.jsonl"),
        "parquet": lambda: rows.sink_parquet(folder / "o.parquet", compression="zstd"),
    }
    return _timed(steps)


def ours(source: Path, folder: Path) -> Figures:
    """Five text files, two Parquet files, digests and commitments."""
    standard, fields = _declared(source)
    step = {"all": lambda: write_formats(folder, standard, fields, _slices(source))}
    return _timed(step) | {
        "bytes": sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    }


def each(source: Path, folder: Path) -> Figures:
    """Processor seconds that each format takes for a million rows: to bytes, nothing written."""
    _, fields = _declared(source)
    parts = [part for one in _slices(source) for part in one.iter_slices(PART)][:20]
    signs = [signs_of_columns(part) for part in parts]
    lines = [canonical_frame(part, found) for part, found in zip(parts, signs, strict=True)]
    made = list(zip(parts, lines, signs, strict=True))
    told: dict[str, Callable[[], object]] = {
        "signs": lambda: [signs_of_columns(part) for part in parts],
        "lines": lambda: [canonical_frame(part, found) for part, _, found in made],
        **{form.NAME: partial(_blocks, form, fields, made) for form in ROW_FORMATS},
    }
    records = sum(part.height for part in parts)
    found = _timed(told)
    steps = {name: round(taken * 1e6 / records, 2) for name, taken in found["cpu_steps"].items()}
    return {**found, "steps": steps}


def _blocks(form: RowFormat, fields: dict[str, Field], made: list[Any]) -> list[Block]:
    return [form.block(part, fields, lines, signs) for part, lines, signs in made]


def book(source: Path, folder: Path) -> Figures:
    """records.xlsx of a part of the source."""
    standard, fields = _declared(source)
    slices = (
        part for _, part in zip(range(WORKBOOK_RECORDS // SLICE), _slices(source), strict=False)
    )
    return _timed({"xlsx": lambda: workbook.write(folder / "o.xlsx", standard, fields, slices)})


def _declared(source: Path) -> tuple[Standard, dict[str, Field]]:
    """Standard and columns of the source; of a file of other columns, all are texts of no standard."""
    standard, schema = load_catalogue().get(DATASET), pl.read_parquet_schema(source)
    if RECORD_ID in schema:
        known = release_columns(standard, pl.DataFrame(schema=schema))
        return standard, {name: known[name] for name in schema}
    texts = {n: Field(n, n, n, "string", "public", False, False, {}) for n in schema}
    return standard, texts


def _slices(source: Path) -> Iterator[pl.DataFrame]:
    height = pl.scan_parquet(source).select(pl.len()).collect().item()
    for first in range(0, height, SLICE):
        yield pl.scan_parquet(source).slice(first, SLICE).collect()


def _timed(steps: dict[str, Callable[[], object]]) -> Figures:
    seconds, cpu = {}, {}
    for name, step in steps.items():
        start, busy = time.perf_counter(), time.process_time()
        step()
        seconds[name] = round(time.perf_counter() - start, 3)
        cpu[name] = round(time.process_time() - busy, 3)
    return {
        "seconds": round(sum(seconds.values()), 3), "cpu": round(sum(cpu.values()), 2),
        "steps": seconds, "cpu_steps": cpu, "peak_mb": round(peak_megabytes()),
    }  # fmt: skip


def main() -> None:
    name, source = sys.argv[1], Path(sys.argv[2])
    if name == "source":  # in a process of its own: a child's peak begins with its parent's
        print(json.dumps(_timed({name: lambda: write_source(source, int(sys.argv[3]))})))
        return
    folder = Path(sys.argv[3])
    folder.mkdir(parents=True)
    parts = {"polars": polars_alone, "ours": ours, "each": each, "workbook": book}
    try:
        print(json.dumps(parts[name](source, folder)))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
