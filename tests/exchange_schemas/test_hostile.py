"""Schemas that could hurt whoever reads them are refused, each with its kind of issue."""

from __future__ import annotations

import json
import shutil
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from referencing.exceptions import Unresolvable

from exchange_schemas import hostile as limits
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.check import check_standard
from exchange_schemas.hostile import hostile, hostile_files
from exchange_schemas.row_validator import row_validator
from exchange_schemas.standard import Standard
from tests.exchange_schemas.conftest import FIXTURES

Schema = dict[str, Any]


def nested(depth: int) -> Schema:
    return {"not": nested(depth - 1)} if depth else {}


def of(schema: Schema) -> Schema:
    """As a field's schema."""
    return {"properties": {"f": schema}}


FOUND = [
    (of({"pattern": "^(a+)+$"}), "pattern_explosive", "^(a+)+$"),
    ({"patternProperties": {"(a|a)*": True}}, "pattern_explosive", "(a|a)*"),
    (of({"pattern": "("}), "pattern_unreadable", "("),
    (of({"pattern": "a" * 501}), "pattern_long", "501"),
    (of({"$ref": "#/properties/g"}), "reference_refused", "#/properties/g"),
    (of({"$ref": "block:subject"}), "reference_refused", "block:subject"),
    ({"allOf": [{"$ref": "block:subject", "required": ["a"]}]}, "reference_refused", "block:subject"),
    ({"allOf": [{"$ref": "https://example.org/s"}]}, "reference_refused", "https://example.org/s"),
    (of({"$dynamicRef": "#f"}), "reference_refused", "#f"),
    (of({"items": {"$anchor": "x"}}), "reference_refused", "x"),
    ({"$id": "https://example.org/s"}, "schema_foreign", "https://example.org/s"),
    (of({"$id": "urn:exchange:other:1"}), "schema_foreign", "urn:exchange:other:1"),
    ({"$schema": "http://json-schema.org/draft-07/schema#"}, "schema_foreign", None),
    (of({"uniqueItems": True}), "unique_unbounded", "-"),
    (of({"uniqueItems": True, "maxItems": 1_001}), "unique_unbounded", "1001"),
    (of({"enum": [str(n) for n in range(501)]}), "enum_long", "501"),
    (of(nested(12)), "schema_deep", "13"),
    ({"properties": {str(n): {} for n in range(3_000)}}, "schema_wide", None),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "code", "value"), FOUND)
def test_each_danger_is_named(schema: Schema, code: str, value: str | None) -> None:
    (issue,) = hostile(schema, "s v1")
    assert issue.code == code
    assert value is None or issue.value == value
    assert issue.message("zh_CN").startswith("s v1")
    assert "{" not in issue.message("en").replace('{"$ref": "block:NAME"}', "")


def test_what_is_usual_passes() -> None:
    schema = {
        "$schema": limits.DIALECT,
        "$id": "urn:exchange:licence:1",
        "allOf": [{"$ref": "block:subject"}, nested(10)],
        "properties": {
            "l": {"uniqueItems": True, "maxItems": 20, "items": {"pattern": "^[^;]*$"}}
        },
    }
    assert list(hostile(schema, "s")) == []


@pytest.mark.parametrize("dataset", load_catalogue().datasets())
def test_no_standard_of_ours_is_hostile(dataset: str) -> None:
    catalogue = load_catalogue()
    for version in catalogue.get(dataset).versions:
        assert list(hostile(catalogue.get(dataset, version).schema, dataset)) == []
        path = catalogue.folders[dataset] / f"v{version}.schema.json"
        assert list(hostile_files(path, catalogue.root / "blocks")) == []


@pytest.fixture
def standards(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES, tmp_path / "standards")
    return tmp_path / "standards"


def block(standards: Path, name: str, *others: str) -> None:
    schema = {"allOf": [{"$ref": f"block:{other}"} for other in others]}
    (standards / "blocks" / f"{name}.schema.json").write_text(json.dumps(schema), "utf-8")


def only(standards: Path) -> tuple[str, str | None]:
    """What the check of the folder says first, and alone: nothing is loaded after it."""
    (issue,) = check_standard(standards / "trade" / "licence")
    return issue.code, issue.value


def test_blocks_in_circles(standards: Path) -> None:
    block(standards, "holder", "a")
    block(standards, "a", "holder")
    assert only(standards) == ("block_circular", "holder")


def test_blocks_too_deep(standards: Path) -> None:
    for name, other in zip("abcd", "bcde", strict=True):
        block(standards, name, other)
    block(standards, "holder", "a")
    assert only(standards) == ("block_deep", "holder → a → b → c → d")


def test_blocks_that_multiply(standards: Path) -> None:
    block(standards, "holder", *["a"] * 6)
    block(standards, "a", *["b"] * 6)
    block(standards, "b")
    assert only(standards) == ("block_many", "33")


def test_a_file_too_large(standards: Path) -> None:
    path = standards / "trade" / "licence" / "v2.schema.json"
    size = path.stat().st_size
    path.write_text(path.read_text("utf-8") + " " * limits.MOST_BYTES, "utf-8")
    assert only(standards) == ("schema_large", str(size + limits.MOST_BYTES))


def test_a_file_too_deep_to_be_read(standards: Path) -> None:
    path = standards / "trade" / "licence" / "v2.schema.json"
    path.write_text('{"not":' * 20_000 + "{}" + "}" * 20_000, "utf-8")
    assert only(standards)[0] == "schema_deep"


def test_a_schema_too_deep_for_validators(standards: Path) -> None:
    path = standards / "trade" / "licence" / "v2.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["years"]["not"] = nested(150)
    path.write_text(json.dumps(schema), "utf-8")
    assert only(standards)[0] == "schema_deep"


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_a_remote_reference_is_never_fetched(
    licence: Standard, keyword: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    schema = {"properties": {"holder": {keyword: "https://example.org/schema.json"}}}
    validator = row_validator(replace(licence, schema=schema))
    with pytest.raises(Unresolvable):
        list(validator.iter_errors({"holder": "茂名甲公司"}))
