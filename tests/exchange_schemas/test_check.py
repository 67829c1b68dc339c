"""The check of a standard's folder finds each thing that can be wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_schemas.check import check_standard
from tests.exchange_schemas.conftest import FIXTURES, edit


@pytest.mark.parametrize("name", ["licence", "lapsed_licence"])
def test_a_good_folder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_standard(FIXTURES / "trade" / name) == []
    monkeypatch.chdir(FIXTURES / "trade")
    assert check_standard(Path(name)) == []


@pytest.mark.parametrize(
    "name", ["standard.yml", "CHANGELOG.md", "samples/valid.jsonl", "samples/invalid.jsonl"]
)
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (issue,) = check_standard(folder)
    assert issue.code == "standard_file_missing"
    assert issue.value == str(folder / name)


def test_a_missing_version(folder: Path) -> None:
    (folder / "v1.schema.json").unlink()
    (issue,) = check_standard(folder)
    assert issue.code == "standard_invalid"


BREAKS = [
    ('"maximum": 5', '"maximum": "5"', "standard_invalid", None),
    ('"minItems"', '"minItem"', "keyword_unknown", "minItem"),
    ('"x-expected"', '"x-expect"', "keyword_unknown", "x-expect"),
    ('"minLength": 2, ', '"minLenght": 2, ', "keyword_unknown", "minLenght"),
    ('"format": "date"', '"format": "day"', "format_unknown", "day"),
    ('"divisions"', '"division"', "codelist_unknown", "division"),
    ('{"kind": ["person"]}', '{"sort": ["person"]}', "field_unknown", "sort"),
    ('"minItems": 1', '"minItems": 1, "maxContains": 2', "schema_uncompiled", "maxContains"),
]


@pytest.mark.parametrize(("old", "new", "code", "value"), BREAKS)
def test_a_mistake_in_a_schema(
    folder: Path, old: str, new: str, code: str, value: str | None
) -> None:
    edit(folder / "v2.schema.json", old, new)
    (issue,) = check_standard(folder)
    assert (issue.code, issue.value) == (code, value)


@pytest.mark.parametrize(
    ("old", "new"),
    [("[licence_no]]", "[number]]"), ("name: holder", "name: owner")],
)
def test_a_field_that_the_declaration_names(folder: Path, old: str, new: str) -> None:
    edit(folder / "standard.yml", old, new)
    assert {issue.code for issue in check_standard(folder)} == {"field_unknown"}


def test_what_is_derived_is_a_field(folder: Path) -> None:
    derived = folder.parent / "lapsed_licence"
    edit(derived / "standard.yml", "{licence_no: licence_no}", "{number: licence_no}")
    (issue,) = check_standard(derived)
    assert (issue.code, issue.value) == ("field_unknown", "number")


def test_samples_that_differ(folder: Path) -> None:
    edit(folder / "samples" / "valid.jsonl", "AB0001", "A0001")
    edit(folder / "samples" / "invalid.jsonl", '"check_digit:uscc"', '"format:uscc"')
    valid, invalid = check_standard(folder)
    assert (
        valid.message("en") == "licence valid.jsonl 1: expected issues -, found pattern:licence_no"
    )
    assert (
        invalid.message()
        == "licence invalid.jsonl 1：应有问题 format:uscc，实际为 check_digit:uscc"
    )


@pytest.mark.parametrize("line", ["{", "[]", '{"record": {}}', '{"record": [], "issues": []}'])
def test_samples_that_cannot_be_read(folder: Path, line: str) -> None:
    (folder / "samples" / "invalid.jsonl").write_text(line + "\n", encoding="utf-8")
    (issue,) = check_standard(folder)
    assert issue.code == "standard_invalid"
    assert issue.params["place"] == "invalid.jsonl"
