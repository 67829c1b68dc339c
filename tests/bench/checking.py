"""Checking records against a standard: ours, `jsonschema` and `jsonschema-rs`.

python -m tests.bench.checking make FILE      writes the records
python -m tests.bench.checking WAY FILE       checks them and prints JSON

Every way tells in words what is wrong with every bad record, by the same resolved schema (that of
administrative_penalty). Validators are built before the clock starts, and single records are
dictionaries already. The ways:

large        `check`, 100,000 rows at a time
small        `check`, 20,000 rows at a time, as they come out of a delivery
checks       the latter, with the standard's own checks across fields, which JSON Schema can't say
jsonschema   patterns and all formats in plain Python; on a sample
rs           jsonschema-rs with the formats that it knows, date and date-time; it doesn't see six of
             the standards' formats, so it does less than the others
rs-formats   jsonschema-rs with the others as functions in plain Python
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import jsonschema_rs
import polars as pl
from jsonschema import Draft202012Validator, FormatChecker

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.issue import issues_of
from exchange_schemas.standard import Standard
from exchange_schemas.validate import check
from tests.bench.memory import peak_megabytes
from tests.bench.plain_formats import PLAIN_FORMATS
from tests.bench.records import penalty_rows

ROWS, SAMPLE = 1_000_000, 10_000
SMALL, LARGE = 20_000, 100_000  # rows in memory at one time

Record = dict[str, Any]
Judge = Callable[[Record], list[str]]
Told = tuple[float, int, int]  # seconds, bad records, issues in words


def in_columns(standard: Standard, parts: Iterator[pl.DataFrame]) -> Told:
    """`check`, with the message of every issue."""
    check(standard, Batch(pl.DataFrame(schema={LINE: pl.Int64, **standard.dtypes}).clear(1)))
    seconds, bad, told = 0.0, 0, 0
    for part in parts:
        start = time.perf_counter()
        checked = check(standard, Batch(part))
        messages = [issue.message() for issue in issues_of(checked.issues)]
        seconds += time.perf_counter() - start
        bad += part.height - checked.rows.height
        told += len(messages)
    return seconds, bad, told


def one_by_one(judge: Judge, parts: Iterator[pl.DataFrame]) -> Told:
    """A validator of single records; making the dictionaries isn't timed."""
    judge({})
    seconds, bad, told = 0.0, 0, 0
    for part in parts:
        records = _records(part)
        start = time.perf_counter()
        messages = [found for record in records if (found := judge(record))]
        seconds += time.perf_counter() - start
        bad += len(messages)
        told += sum(map(len, messages))
    return seconds, bad, told


def _records(rows: pl.DataFrame) -> list[Record]:
    found = rows.drop(LINE).to_dicts()
    return [{n: v for n, v in row.items() if v is not None} for row in found]


def _parts(file: str, rows: int, size: int) -> Iterator[pl.DataFrame]:
    for first in range(0, rows, size):
        yield pl.scan_parquet(file).slice(first, min(size, rows)).collect().rechunk()


def with_jsonschema(standard: Standard) -> Judge:
    formats = FormatChecker(formats=("date",))
    for name, accepts in PLAIN_FORMATS.items():
        formats.checkers[name] = (accepts, ())
    validator = Draft202012Validator(dict(standard.schema), format_checker=formats)
    return lambda record: [error.message for error in validator.iter_errors(record)]


def with_rs(standard: Standard, formats: Any = None) -> Judge:
    """Asking first whether a record is valid is quicker than iterating over no errors."""
    validator = jsonschema_rs.Draft202012Validator(
        dict(standard.schema), formats=formats, validate_formats=True
    )

    def judge(record: Record) -> list[str]:
        if validator.is_valid(record):
            return []
        return [error.message for error in validator.iter_errors(record)]

    return judge


def run(way: str, file: str) -> dict[str, Any]:
    """The figures of one way."""
    standard = load_catalogue().get("administrative_penalty")
    if way != "checks":
        standard = replace(standard, checks=())
    rows = SAMPLE if way == "jsonschema" else ROWS
    parts = _parts(file, rows, LARGE if way == "large" else SMALL)
    if way in ("large", "small", "checks"):
        told = in_columns(standard, parts)
    elif way == "jsonschema":
        told = one_by_one(with_jsonschema(standard), parts)
    else:
        formats = PLAIN_FORMATS if way == "rs-formats" else None
        told = one_by_one(with_rs(standard, formats), parts)
    seconds, bad, issues = told
    return {
        "rows": rows,
        "seconds": seconds,
        "bad": bad,
        "issues": issues,
        "peak_mb": round(peak_megabytes()),
    }


def make(file: str) -> dict[str, Any]:
    """Write the records, of which one in a hundred is bad."""
    standard = load_catalogue().get("administrative_penalty")
    rows = penalty_rows(standard, ROWS)
    rows.write_parquet(file, row_group_size=SMALL)
    return {"rows": rows.height}


if __name__ == "__main__":
    chosen, target = sys.argv[1:]
    print(json.dumps(make(target) if chosen == "make" else run(chosen, target)))
