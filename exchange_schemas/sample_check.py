"""Checks a standard's samples: records that must pass, and records that must raise named issues."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.standard import Dtype, Standard
from exchange_schemas.validate import check

#: As of when samples are judged: they stay right while the years pass.
SAMPLE_DAY = date(2026, 11, 23)

#: Not about a record: told once for all that are later than the calendar of working days.
ABOUT_THE_CALENDAR = ("calendar_ends",)

Sample = tuple[Mapping[str, Any], set[str]]  # a record, and the issues that it must raise


def check_valid(standard: Standard, path: Path) -> Iterator[Issue]:
    """Every line of `path` is a record without any issue."""
    yield from _check(standard, path, lambda line: (line, set()))


def check_invalid(standard: Standard, path: Path) -> Iterator[Issue]:
    """Every line of `path` is {"record": …, "issues": ["code:field", …]}, which must be its issues."""
    yield from _check(standard, path, lambda line: (line["record"], set(line["issues"])))


def check_key(standard: Standard, path: Path) -> Iterator[Issue]:
    """A record that lacks all of a key part's fields must be rejected, or it has no key.

    Tried on every valid sample, because what a standard requires may depend on other fields.
    """
    try:
        records = [record for record, _ in read_samples(path)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return  # said by `check_valid`
    for part in standard.key:
        keyless = [{n: v for n, v in r.items() if n not in part} for r in records]
        codes = [
            {issue.split(":")[0] for issue in found} for found in samples_issues(standard, keyless)
        ]
        if not all(any(KINDS[code].severity == "error" for code in found) for found in codes):
            yield Issue("key_optional", value="|".join(part), params={"place": standard.dataset})


def read_samples(path: Path) -> Iterator[Sample]:
    """The samples of a file of either kind; raises OSError, ValueError, KeyError, TypeError."""
    for line in path.read_text("utf-8").splitlines():
        told = json.loads(line)
        yield (told["record"], set(told["issues"])) if "record" in told else (told, set())


def _check(standard: Standard, path: Path, take: Any) -> Iterator[Issue]:
    try:
        samples = [take(json.loads(line)) for line in path.read_text("utf-8").splitlines()]
        found = samples_issues(standard, [record for record, _ in samples])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        words = {"place": path.name, "reason": f"{type(error).__name__}: {error}"}
        yield Issue("standard_invalid", params=words)
        return
    for line, ((_, expected), raised) in enumerate(zip(samples, found, strict=True), 1):
        if expected != raised:
            words = {
                "place": f"{standard.dataset} {path.name} {line}",
                "expected": _list(expected),
            }
            yield Issue("sample_differs", value=_list(raised), params=words)


def _list(issues: set[str]) -> str:
    return ", ".join(sorted(issues)) or "-"


def samples_issues(standard: Standard, records: Sequence[Mapping[str, Any]]) -> list[set[str]]:
    """The issues of every record as "code:field"."""
    found = [_misfits(standard, record) for record in records]
    rows = [
        {**{n: r.get(n) if _fits(r.get(n), t) else None for n, t in standard.dtypes.items()}}
        for r in records
    ]
    frame = pl.DataFrame(rows, schema=standard.dtypes).with_row_index(LINE)
    issues = check(
        standard, Batch(frame.with_columns(pl.col(LINE).cast(pl.Int64))), today=SAMPLE_DAY
    ).issues
    for issue in issues_of(issues):
        raised = f"{issue.code}:{issue.field or ''}"
        if issue.code in ABOUT_THE_CALENDAR:
            continue
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
