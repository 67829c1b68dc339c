"""Standards as other programs read them: judged by those programs, on the standards' own samples."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from frictionless import Resource, Schema
from jsonschema import Draft202012Validator
from lxml import etree

from exchange_schemas.errors import Misdeclared
from exchange_schemas.formats import FORMAT_CHECKER
from exchange_schemas.standard import Standard
from publisher.schema_formats import json_schema, table_schema, xsd
from publisher.schema_formats.length import length
from publisher.schema_formats.xsd_pattern import xsd_pattern
from tests.publisher.schema_cases import CATALOGUE, STANDARDS, invalid, valid

every_standard = pytest.mark.parametrize("standard", STANDARDS, ids=lambda one: one.dataset)

# What a JSON Schema can judge by itself, and the hub rejects.
OF_SCHEMA = {
    "required", "code_unknown", "too_short", "length", "range", "pattern", "format", "check_digit",
    "forbidden",
}  # fmt: skip


@every_standard
def test_a_json_schema_takes_good_records_and_no_bad_ones(standard: Standard) -> None:
    schema = json.loads(json_schema.document(standard))
    assert "$ref" not in json.dumps(schema)
    Draft202012Validator.check_schema(schema)
    judge = Draft202012Validator(schema, format_checker=FORMAT_CHECKER)
    samples = valid(standard)
    assert [error.message for one in samples for error in judge.iter_errors(one)] == []
    listed = {n for n, f in standard.fields.items() if f.codelist and "enum" not in str(f.schema)}
    for issues, record in invalid(standard):
        of_schema = [
            issue
            for code, _, name in (issue.partition(":") for issue in issues)
            if code in OF_SCHEMA and name not in listed
            for issue in [f"{code}:{name}"]
        ]
        assert not of_schema or not judge.is_valid(record), of_schema
    assert not judge.is_valid({})
    assert all(not judge.is_valid({**one, "no_such_field": "1"}) for one in samples[:1])


def cell(value: Any) -> str:
    """A value as a release's records.csv has it."""
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def table_errors(standard: Standard, records: list[dict[str, Any]], folder: Path) -> list[str]:
    path = folder / "records.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(standard.fields)
        rows.writerows([cell(one.get(name)) for name in standard.fields] for one in records)
    schema = Schema.from_descriptor(json.loads(table_schema.document(standard)))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        report = Resource(path=path.name, schema=schema).validate()
    return [
        f"{told[0]} {told[1]} {told[2]}" for told in report.flatten(["type", "fieldName", "note"])
    ]


@every_standard
def test_a_table_schema_takes_the_samples(standard: Standard, tmp_path: Path) -> None:
    assert table_errors(standard, valid(standard), tmp_path) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("doc_no", None), ("subject_type", "robot"), ("decided_on", "2025-02-30"), ("doc_no", "长" * 129),
     ("fine_wan", "五")],
)  # fmt: skip
def test_a_table_schema_refuses(name: str, value: str | None, tmp_path: Path) -> None:
    standard = CATALOGUE.get("administrative_penalty")
    errors = table_errors(standard, [{**valid(standard)[0], name: value}], tmp_path)
    assert errors and all(name in error for error in errors)


def as_xml(standard: Standard, records: list[dict[str, Any]]) -> Any:
    root = ElementTree.Element("records")
    for record in records:
        element = ElementTree.SubElement(root, "record")
        for name in standard.fields:
            value = record.get(name)
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    text = ("false", "true")[one] if isinstance(one, bool) else str(one)
                    ElementTree.SubElement(element, name).text = text
    return etree.fromstring(ElementTree.tostring(root))


def xml_schema(standard: Standard) -> Any:
    return etree.XMLSchema(etree.fromstring(xsd.document(standard)))


@every_standard
def test_an_xml_schema_takes_the_samples_and_no_broken_ones(standard: Standard) -> None:
    schema = xml_schema(standard)
    records = valid(standard)
    assert schema.validate(as_xml(standard, records)), schema.error_log
    for record in records[:1]:
        for field in standard.fields.values():
            if field.required:
                without = {n: v for n, v in record.items() if n != field.name}
                assert not schema.validate(as_xml(standard, [without])), field.name
    broken = as_xml(standard, records[:1] or [{}])
    broken[0].append(etree.Element("no_such_field"))
    assert not schema.validate(broken)


@pytest.mark.parametrize(
    ("name", "value"),
    [("uscc", "91440902MA000001"), ("subject_type", "robot"), ("decided_on", "2025-02-30"),
     ("decided_on", "2025-02-03Z"), ("doc_no", "长" * 129), ("doc_no", ""), ("fine_wan", "0.1234567"),
     ("fine_wan", "-1"), ("long_term", "1"), ("penalty_kinds", ["罚金"]),
     ("party_home_province", "44090")],
)  # fmt: skip
def test_an_xml_schema_refuses(name: str, value: Any) -> None:
    standard = CATALOGUE.get("administrative_penalty")
    schema = xml_schema(standard)
    assert schema.validate(as_xml(standard, valid(standard)[:1]))
    assert not schema.validate(as_xml(standard, [{**valid(standard)[0], name: value}]))


def test_an_xml_schema_speaks_chinese() -> None:
    told = xsd.document(CATALOGUE.get("administrative_penalty")).decode()
    assert "行政处罚决定书文号（CF_WSH）" in told
    assert "natural＝自然人" in told


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^[0-9]{6}$", "[0-9]{6}"),
        ("^(?:a|b)c$", "(a|b)c"),
        ("^a$|^b", r"a|b[\s\S]*"),
        ("a", r"[\s\S]*a[\s\S]*"),
        (r"^[$^|]\$$", r"[$^|]\$"),
        (r"^a\.b$", r"a\.b"),
    ],
)
def test_patterns_of_xml_schema(pattern: str, expected: str) -> None:
    assert xsd_pattern(pattern) == expected


@pytest.mark.parametrize("pattern", ["^(?=a)b$", "^(?P<n>a)$", r"^\bword$", r"^(a)\1$", "^a^b$"])
def test_patterns_that_xml_schema_has_no_word_for(pattern: str) -> None:
    with pytest.raises(Misdeclared) as found:
        xsd_pattern(pattern)
    assert found.value.issue.code == "pattern_not_xsd"


@pytest.mark.parametrize(
    ("dataset", "name", "expected"),
    [
        ("administrative_penalty", "fine_wan", "18，小数6位"),
        ("administrative_penalty", "doc_no", "128"),
        ("administrative_penalty", "decided_on", "10"),
        ("administrative_penalty", "uscc", "18"),
        ("administrative_penalty", "party_home_province", "6"),
        ("administrative_penalty", "long_term", "1"),
        ("entity_annual_report", "report_year", "4"),
    ],
)
def test_lengths(dataset: str, name: str, expected: str) -> None:
    assert length(CATALOGUE.get(dataset).fields[name]) == expected
