"""Checks a standard's samples: records that must pass, and records that must raise named issues."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.standard import Dtype, Standard
from exchange_schemas.validate import check

Sample = tuple[Mapping[str, Any], set[str]]  # a record, and the issues that it must raise


def check_valid(standard: Standard, path: Path) -> Iterator[Issue]:
    """Every line of `path` is a record without any issue."""
    yield from _check(standard, path, lambda line: (line, set()))


def check_invalid(standard: Standard, path: Path) -> Iterator[Issue]:
    """Every line of `path` is {"record": …, "issues": ["code:field", …]}, which must be its issues."""
    yield from _check(standard, path, lambda line: (line["record"], set(line["issues"])))


def _check(standard: Standard, path: Path, take: Any) -> Iterator[Issue]:
    try:
        samples = [take(json.loads(line)) for line in path.read_text("utf-8").splitlines()]
        found = _found(standard, [record for record, _ in samples])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        words = {"place": path.name, "reason": f"{type(error).__name__}: {error}"}
        yield Issue("standard_invalid", params=words)
        return
    for line, ((_, expected), raised) in enumerate(zip(samples, found, strict=True), 1):
        if expected != raised:
            words = {"place": f"{path.name} {line}", "expected": _list(expected)}
            yield Issue("sample_differs", value=_list(raised), params=words)


def _list(issues: set[str]) -> str:
    return ", ".join(sorted(issues)) or "-"


def _found(standard: Standard, records: list[Mapping[str, Any]]) -> list[set[str]]:
    """The issues of every record as "code:field"."""
    found = [_misfits(standard, record) for record in records]
    rows = [
        {**{n: r.get(n) if _fits(r.get(n), t) else None for n, t in standard.dtypes.items()}}
        for r in records
    ]
    frame = pl.DataFrame(rows, schema=standard.dtypes).with_row_index(LINE)
    issues = check(standard, Batch(frame.with_columns(pl.col(LINE).cast(pl.Int64)))).issues
    for issue in issues_of(issues):
        raised = f"{issue.code}:{issue.field or ''}"
        if issue.line is not None and f"type:{issue.field}" not in found[issue.line]:
            found[issue.line].add(raised)
    return found


def _misfits(standard: Standard, record: Mapping[str, Any]) -> set[str]:
    """Fields that the standard doesn't have, and values that no column of theirs can hold."""
    unknown = {f"field_unknown:{name}" for name in record.keys() - standard.fields.keys()}
    dtypes = standard.dtypes
    return unknown | {
        f"type:{name}"
        for name, value in record.items()
        if name in dtypes and not _fits(value, dtypes[name])
    }


def _fits(value: Any, dtype: Dtype) -> bool:
    if value is None:
        return True
    if isinstance(dtype, pl.List):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if dtype == pl.Int64:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool if dtype == pl.Boolean else str)
