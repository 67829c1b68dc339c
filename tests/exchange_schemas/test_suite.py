"""The official test suite of JSON Schema, as far as its values can stand in a flat record.

Both ways of judging run it: `check`, compiled as far as a schema is, and the row validator alone.
docs/validation.md says how many of its cases that are, and why not the others.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exchange_schemas.formats import FORMATS
from exchange_schemas.hostile import hostile
from exchange_schemas.row_validator import row_validator
from exchange_schemas.standard import Field, Standard
from exchange_schemas.validate import check, uncompiled
from tests.exchange_schemas.conftest import batch_of
from tests.source_tree import ROOT

# Schemas of a standard refer to nothing, so these have no meaning in a part of one.
_REFERRING = ("$ref", "$dynamicRef", "$id", "$anchor", "$dynamicAnchor", "$vocabulary")
# Python's own engine, which judges names by patterns, has other classes or doesn't know them.
_PYTHON = re.compile(r"patternProperties.*\\\\[pdw]")

#: Of the optional files those about keywords that are judged here. The others: other drafts, and
#: what a schema means that refers to another. The files of formats are counted with `test_formats`.
OPTIONAL = ("bignum", "ecmascript-regex", "float-overflow", "non-bmp-regex")

Case = tuple[str, Any, Any, bool]  # what it shows, schema, value, whether the value is valid


@pytest.fixture(scope="module")
def suite(shared: Path) -> Path:
    return shared / "data" / "json-schema" / "suite_draft2020-12"


def _files(suite: Path) -> list[Path]:
    return [*sorted(suite.glob("*.json")), *(suite / f"optional/{name}.json" for name in OPTIONAL)]


def _all_cases(suite: Path) -> Iterator[Case]:
    for path in _files(suite):
        for group in json.loads(path.read_text(encoding="utf-8")):
            for test in group["tests"]:
                shows = f"{path.name}: {group['description']}: {test['description']}"
                yield shows, _plain(group["schema"]), test["data"], test["valid"]


def _plain(schema: Any) -> Any:
    """Without `$schema`, which only the outermost schema of a standard has."""
    is_object = isinstance(schema, dict)
    return {n: told for n, told in schema.items() if n != "$schema"} if is_object else schema


def _skipped(schema: Any, value: Any) -> str | None:
    """Why a case doesn't apply here; None where it does."""
    text = json.dumps(schema)
    if any(f'"{name}"' in text for name in _REFERRING):
        return "refers"
    refused = {issue.code for issue in hostile(schema, "")}
    if _PYTHON.search(text) or "pattern_unreadable" in refused:
        return "pattern"
    if _kind(value) or _is_flat(value):
        return None
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return "number"
    return "nested"


def _is_flat(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_kind, value.values()))


def _kind(value: Any) -> str | None:
    """The kind of field that can hold the value; None where no field can."""
    if isinstance(value, list):
        return "list" if all(isinstance(item, str) for item in value) else None
    if isinstance(value, float):
        return None
    kinds = {bool: "boolean", int: "integer", str: "string"}
    fits = not isinstance(value, int) or abs(value) < 2**63
    return kinds.get(type(value)) if fits else None


def _field(name: str, kind: str) -> Field:
    return Field(name, name, name, kind, "public", required=False, expected=False, schema={})


def _standard(licence: Standard, schema: Any, record: dict[str, Any]) -> Standard:
    kinds = {"filler": "string"} | {name: _kind(value) or "" for name, value in record.items()}
    return replace(licence, schema=schema, fields={n: _field(n, k) for n, k in kinds.items()})


def _values(suite: Path) -> Iterator[Case]:
    """The cases about one value, with the value as the field of a record."""
    for shows, schema, value, valid in _all_cases(suite):
        if _skipped(schema, value) is None and _kind(value):
            yield shows, {"properties": {"v": schema}}, {"v": value}, valid


def _records(suite: Path) -> Iterator[Case]:
    for shows, schema, value, valid in _all_cases(suite):
        if _skipped(schema, value) is None and _is_flat(value):
            yield shows, schema, value, valid


def _compare(licence: Standard, cases: Iterator[Case]) -> tuple[list[str], int, int]:
    """The cases with another verdict than the suite's, how many there are, and how many of them
    are compiled whole."""
    different, total, compiled = [], 0, 0
    for shows, schema, record, valid in cases:
        total += 1
        standard = _standard(licence, schema, record)
        compiled += not uncompiled(standard)
        if check(standard, batch_of(standard, record)).rows.is_empty() is valid:
            different.append(f"compiled: {shows}")
        if _row_validator_accepts(standard, record) is not valid:
            different.append(f"row validator: {shows}")
    return different, total, compiled


def _row_validator_accepts(standard: Standard, record: dict[str, Any]) -> bool:
    accepted: bool = row_validator(standard).is_valid(record)
    return accepted


def _documented() -> dict[str, int]:
    """The counts of docs/validation.md by the first word of their rows."""
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+)[^|]*\| *([0-9,]+) *\|$", text, re.MULTILINE)
    return {name: int(count.replace(",", "")) for name, count in rows}


def test_values(suite: Path, licence: Standard) -> None:
    different, total, compiled = _compare(licence, _values(suite))
    # in a standard a format is a rule and not a remark
    assert all("is only an annotation by default" in shows for shows in different), different
    told = _documented()
    assert (total, compiled) == (told["values"], told["values_compiled"])


def test_records(suite: Path, licence: Standard) -> None:
    different, total, compiled = _compare(licence, _records(suite))
    assert different == []
    told = _documented()
    assert (total, compiled) == (told["records"], told["records_compiled"])


def test_what_is_left_out_is_counted(suite: Path) -> None:
    cases = list(_all_cases(suite))
    left = Counter(_skipped(schema, value) for _, schema, value, _ in cases)
    told = _documented()
    assert {reason: count for reason, count in left.items() if reason} == {
        reason: told[reason] for reason in ("refers", "pattern", "null", "number", "nested")
    }
    assert len(cases) == told["cases"]


# RFC 3339 allows these; a standard asks for one way of writing.
_NARROWER = ("leap second", "case-insensitive")


@pytest.mark.parametrize("name", ["date", "date-time"])
def test_formats(suite: Path, name: str) -> None:
    (group,) = json.loads((suite / f"optional/format/{name}.json").read_text(encoding="utf-8"))
    for test in group["tests"]:
        narrower = test["valid"] and any(word in test["description"] for word in _NARROWER)
        accepted = FORMATS[name].accepts(test["data"])
        assert accepted is (test["valid"] and not narrower), test["description"]
