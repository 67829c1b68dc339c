"""The `jsonschema` validator of one record: for what isn't compiled, and to check the compiler."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import polars as pl
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry

from exchange_schemas.batch import LINE
from exchange_schemas.explain import SHOWN
from exchange_schemas.formats import FORMAT_CHECKER
from exchange_schemas.issue import Issue, issues_frame
from exchange_schemas.keywords import is_linear
from exchange_schemas.standard import Standard


def _pattern(
    validator: Any, pattern: str, value: object, _schema: Any
) -> Iterator[ValidationError]:
    """`pattern` in the engine of the columns, which has other classes than Python's and linear time."""
    if validator.is_type(value, "string") and not _found(pattern, str(value)):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _found(pattern: str, text: str) -> bool:
    if is_linear(pattern):
        return bool(pl.Series([text]).str.contains(pattern).item())
    return re.search(pattern, text) is not None


_VALIDATOR = extend(Draft202012Validator, {"pattern": _pattern})


def row_validator(standard: Standard) -> Validator:
    """A standard's validator. Its registry is empty, so that no reference is fetched."""
    validator: Validator = _VALIDATOR(
        dict(standard.schema), registry=Registry(), format_checker=FORMAT_CHECKER
    )
    return validator


def judge_rows(
    standard: Standard, rows: pl.DataFrame, told: Mapping[int, set[str]], keywords: Collection[str]
) -> pl.DataFrame:
    """Issues (`ISSUE_COLUMNS`, code schema) of what the compiled rules didn't tell.

    `told` has the fields that compiled rules named already, by line; `keywords` aren't compiled.
    """
    validator = row_validator(standard)
    issues: list[Issue] = []
    for record in rows.select(LINE, *standard.dtypes).iter_rows(named=True):
        line = record.pop(LINE)
        present = {name: value for name, value in record.items() if value is not None}
        for error in validator.iter_errors(present):
            name = str(error.path[0]) if error.path else ""
            if (
                error.validator in keywords
                or line not in told
                or (name and name not in told[line])
            ):
                issues.append(_issue(line, name, error))
    return issues_frame(issues)


def _issue(line: int, name: str, error: ValidationError) -> Issue:
    shown = json.dumps(error.instance, ensure_ascii=False)[:SHOWN] if name else None
    return Issue("schema", line, name or None, shown, params={"expected": str(error.validator)})
