"""The compiled rules and the JSON Schema validator give the same verdict."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.compiler import compile_rules
from exchange_schemas.issue import issues_of
from exchange_schemas.row_validator import row_validator
from exchange_schemas.standard import Standard
from exchange_schemas.validate import check, uncompiled
from tests.exchange_schemas.conftest import FIXTURES, batch_of
from tests.exchange_schemas.schemas import (
    COMPOSED,
    FIELDS,
    NAMED,
    TEXT,
    TYPES,
    Record,
    Schema,
    field_of,
    with_records,
)

LICENCE = load_catalogue(FIXTURES).get("licence")


def _standard(schema: Schema) -> Standard:
    return replace(LICENCE, schema=schema, fields={name: field_of(name) for name in TYPES})


def _fields(standard: Standard, record: Record) -> set[str]:
    """The fields that the validator's errors are about."""
    return {str(error.path[0]) for error in row_validator(standard).iter_errors(record)}


def _verdicts(standard: Standard, records: list[Record]) -> list[bool]:
    accepted = set(check(standard, batch_of(standard, *records)).rows["_line"])
    return [line in accepted for line in range(2, len(records) + 2)]


@settings(max_examples=250, deadline=None)
@given((FIELDS | COMPOSED).flatmap(with_records))
def test_the_verdict_is_the_validators(case: tuple[Schema, list[Record]]) -> None:
    schema, records = case
    standard = _standard(schema)
    validator = row_validator(standard)
    assert _verdicts(standard, records) == [validator.is_valid(record) for record in records]


@settings(max_examples=250, deadline=None)
@given((FIELDS | NAMED).flatmap(with_records))
def test_the_same_fields_are_named(case: tuple[Schema, list[Record]]) -> None:
    schema, records = case
    standard = _standard(schema)
    issues = issues_of(check(standard, batch_of(standard, *records)).issues)
    for line, record in enumerate(records, 2):
        named = {issue.field for issue in issues if issue.line == line}
        assert named == _fields(standard, record)


LICENCES = st.fixed_dictionaries({}, optional={
    "holder": TEXT | st.just("茂名甲公司"),
    "kind": st.sampled_from(["company", "person", "other"]),
    "uscc": st.sampled_from(["91440902MA0000015X", "91440902MA0000015Y", "", "x"]),
    "reg_no": st.sampled_from(["440900000000008", "440900000000009", "44090000000000"]),
    "cert_no": st.sampled_from(["440902199001010011", "440902199001010012", "1"]),
    "licence_no": st.sampled_from(["AB0001", "AB001", "AB0001\u3000"]),
    "granted_on": st.dates().map(str) | st.sampled_from(["2024-02-30", "20240101"]),
    "division": st.sampled_from(["330203", "4409"]),
    "currency": st.sampled_from(["CNY", "cny"]),
    "fee": st.decimals(0, 9, places=2).map(str) | TEXT,
    "years": st.integers(-1, 7),
    "lapsed": st.booleans(),
    "goods": st.lists(TEXT, max_size=4),
})  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(LICENCES, min_size=1, max_size=8))
def test_a_standard_with_blocks_and_conditions(records: list[Record]) -> None:
    assert not uncompiled(LICENCE)
    validator = row_validator(LICENCE)
    assert _verdicts(LICENCE, records) == [validator.is_valid(record) for record in records]


def test_rules_in_the_same_words_are_one() -> None:
    schema = {
        "required": ["a"],
        "allOf": [
            {"required": ["a", "b"]},
            {"if": {"required": ["n"]}, "then": {"required": ["b"]}},
        ],
    }
    rules, unknown = compile_rules(schema, _standard(schema).dtypes)
    assert [(rule.field, rule.code) for rule in rules] == [("a", "required"), ("b", "required")]
    assert not unknown


def test_what_is_not_compiled_is_listed() -> None:
    told: dict[str, Schema] = {
        "multipleOf": {"properties": {"n": {"multipleOf": 2}}},
        "enum": {"properties": {"l": {"enum": [["a"]]}}},
        "pattern": {"properties": {"l": {"items": {"pattern": "(?=a)"}}}},
        "patternProperties": {"patternProperties": {"^a": False}},
        "minProperties": {"allOf": [{"not": {"minProperties": 2}}]},
        "prefixItems": {"if": {"properties": {"l": {"prefixItems": [True]}}}, "then": False},
    }
    for keyword, schema in told.items():
        rules, unknown = compile_rules(schema, _standard(schema).dtypes)
        assert (rules, unknown) == ([], {keyword})
