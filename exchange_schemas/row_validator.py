"""The `jsonschema` validator of one record: for what isn't compiled, and to check the compiler."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
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
from exchange_schemas.patterns import linear_pattern
from exchange_schemas.standard import Standard


def _pattern(
    validator: Any, pattern: str, value: object, _schema: Any
) -> Iterator[ValidationError]:
    """`pattern` in the engine of the columns, which has other classes than Python's and linear time."""
    if validator.is_type(value, "string") and not _found(pattern, str(value)):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _found(pattern: str, text: str) -> bool:
    linear = linear_pattern(pattern)
    if linear is not None:
        return bool(pl.Series([text]).str.contains(linear).item())
    return re.search(pattern, text) is not None


def _required(
    validator: Any, names: Iterable[str], record: Any, _schema: Any
) -> Iterator[ValidationError]:
    """`required` with the path of the field that is missing, which `jsonschema` doesn't tell."""
    for name in names:
        if validator.is_type(record, "object") and name not in record:
            yield ValidationError(f"{name!r} is a required property", path=[name])


def _dependent_required(
    validator: Any, told: Mapping[str, list[str]], record: Any, schema: Any
) -> Iterator[ValidationError]:
    for name, names in told.items():
        if validator.is_type(record, "object") and name in record:
            yield from _required(validator, names, record, schema)


def _properties(
    validator: Any, told: Mapping[str, Any], record: Any, _schema: Any
) -> Iterator[ValidationError]:
    """`properties` with the path of a field that must not be there."""
    for name, schema in told.items():
        if not validator.is_type(record, "object") or name not in record:
            continue
        if schema is False:
            yield ValidationError(
                f"{name!r} must not be given", path=[name], instance=record[name]
            )
        else:
            yield from validator.descend(record[name], schema, path=name, schema_path=name)


def _additional_properties(
    validator: Any, told: Any, record: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if told is False and "patternProperties" not in schema and validator.is_type(record, "object"):
        others = record.keys() - schema.get("properties", {}).keys()
        yield from _properties(validator, dict.fromkeys(sorted(others), False), record, schema)
    else:
        original = Draft202012Validator.VALIDATORS["additionalProperties"]
        yield from original(validator, told, record, schema)


_REQUIRING = {"required": _required, "dependentRequired": _dependent_required}
_FORBIDDING = {"properties": _properties, "additionalProperties": _additional_properties}
_VALIDATOR = extend(Draft202012Validator, {"pattern": _pattern, **_REQUIRING, **_FORBIDDING})


def row_validator(standard: Standard) -> Validator:
    """A standard's validator. Its registry is empty, so that no reference is fetched."""
    validator: Validator = _VALIDATOR(
        standard.schema, registry=Registry(), format_checker=FORMAT_CHECKER
    )
    return validator


def judge_rows(
    standard: Standard, rows: pl.DataFrame, told: Mapping[int, set[str]], keywords: Collection[str]
) -> pl.DataFrame:
    """Issues (`ISSUE_COLUMNS`, code schema, required or forbidden) of what the compiled rules didn't tell.

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
    if error.validator in _REQUIRING:
        return Issue("required", line, name)
    shown = json.dumps(error.instance, ensure_ascii=False)[:SHOWN] if name else None
    if name and error.validator in _FORBIDDING:
        return Issue("forbidden", line, name, shown)
    return Issue("schema", line, name or None, shown, params={"expected": str(error.validator)})
