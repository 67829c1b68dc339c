"""The official test suite of JSON Schema, as far as its values can stand in a flat record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exchange_schemas.formats import FORMATS
from exchange_schemas.standard import Field, Standard
from exchange_schemas.validate import check, uncompiled
from tests.exchange_schemas.conftest import batch_of

# Schemas of a standard refer to nothing, so these have no meaning in a part of one.
_REFERRING = ("$ref", "$dynamicRef", "$id", "$anchor")
# Python's own engine, which judges names by patterns, doesn't know this.
_PYTHON = re.compile(r"patternProperties.*\\\\p")

Case = tuple[str, Any, Any, bool]  # what it shows, schema, value, whether the value is valid


@pytest.fixture(scope="module")
def suite(shared: Path) -> Path:
    return shared / "data" / "json-schema" / "suite_draft2020-12"


def _cases(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*.json")):
        for group in json.loads(path.read_text(encoding="utf-8")):
            text = json.dumps(group["schema"])
            if any(f'"{name}"' in text for name in _REFERRING) or _PYTHON.search(text):
                continue
            for test in group["tests"]:
                shows = f"{path.name}: {group['description']}: {test['description']}"
                yield shows, group["schema"], test["data"], test["valid"]


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


def _compare(licence: Standard, cases: list[Case]) -> tuple[list[str], int]:
    """The cases with another verdict than the suite's, and how many cases are compiled whole."""
    different, compiled = [], 0
    for shows, schema, record, valid in cases:
        standard = _standard(licence, schema, record)
        compiled += not uncompiled(standard)
        if check(standard, batch_of(standard, record)).rows.is_empty() is valid:
            different.append(shows)
    return different, compiled


def test_values(suite: Path, licence: Standard) -> None:
    cases = [
        (shows, {"properties": {"v": schema}}, {"v": value}, valid)
        for shows, schema, value, valid in _cases(suite)
        if _kind(value)
    ]
    different, compiled = _compare(licence, cases)
    # in a standard a format is a rule and not a remark
    assert all("is only an annotation by default" in shows for shows in different), different
    assert compiled > 250


def test_records(suite: Path, licence: Standard) -> None:
    cases = [
        case
        for case in _cases(suite)
        if isinstance(case[2], dict) and all(map(_kind, case[2].values()))
    ]
    different, compiled = _compare(licence, cases)
    assert different == []
    assert compiled >= 100


# RFC 3339 allows these; a standard asks for one way of writing.
_NARROWER = ("leap second", "case-insensitive")


@pytest.mark.parametrize("name", ["date", "date-time"])
def test_formats(suite: Path, name: str) -> None:
    (group,) = json.loads((suite / f"optional/format/{name}.json").read_text(encoding="utf-8"))
    for test in group["tests"]:
        narrower = test["valid"] and any(word in test["description"] for word in _NARROWER)
        accepted = FORMATS[name].accepts(test["data"])
        assert accepted is (test["valid"] and not narrower), test["description"]
