"""The comparison of the compiler with the validator meets everything that is compiled, both ways."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy
from jsonschema import Draft202012Validator

from exchange_schemas import hostile
from exchange_schemas.compiler import RECORD_KEYWORDS
from exchange_schemas.consistency import CHECKS
from exchange_schemas.formats import FORMAT_CHECKER, FORMATS
from exchange_schemas.keywords import KEYWORDS
from tests.exchange_schemas.schemas import COMPOSED, FIELDS, NEARLY, Record, Schema, with_records
from tests.source_tree import ROOT

ROUNDS = 6

Seen = tuple[str, str, bool]  # where, keyword or format, whether the value has it


def _passes(schema: Any, value: Any) -> bool:
    return Draft202012Validator(schema, format_checker=FORMAT_CHECKER).is_valid(value)


def _of_value(schema: Any, value: Any) -> Iterator[Seen]:
    """What a value's schema says, and the schema of a list's items."""
    for keyword, told in schema.items() if isinstance(schema, dict) else ():
        passes = _passes({keyword: told}, value)
        yield "value", keyword, passes
        if keyword == "format":
            yield "format", told, passes
        if keyword == "items" and isinstance(value, list):
            for item in value:
                yield from (("item", name, passes) for _, name, passes in _of_value(told, item))


def _of_record(schema: Schema, record: Record) -> Iterator[Seen]:
    for keyword, told in schema.items():
        branches = {name: schema[name] for name in ("then", "else") if name in schema}
        both = branches if keyword == "if" else {}
        yield "record", keyword, _passes({keyword: told, **both}, record)
    for name, told in schema.get("properties", {}).items():
        if name in record:
            yield from _of_value(told, record[name])


def _met(cases: SearchStrategy[tuple[Schema, list[Record]]], number: int) -> Counter[Seen]:
    seen: Counter[Seen] = Counter()

    @seed(number)
    @settings(
        max_examples=900,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def meet(case: tuple[Schema, list[Record]]) -> None:
        schema, records = case
        for record in records[:4]:
            seen.update(_of_record(schema, record))

    meet()
    return seen


def test_every_keyword_and_format_is_met_both_ways() -> None:
    wanted = [("record", keyword) for keyword in RECORD_KEYWORDS]
    wanted += [("value", keyword) for keyword in KEYWORDS]
    wanted += [("format", name) for name in FORMATS]
    wanted += [
        ("item", keyword)
        for keyword in ("type", "enum", "const", "minLength", "maxLength", "pattern", "format")
    ]
    missed = {(*one, passes) for one in wanted for passes in (True, False)}
    # Rare meetings, such as a credit code that is right, may take a second round.
    for number in range(ROUNDS):
        for cases in (FIELDS, COMPOSED):
            missed -= _met(cases.flatmap(with_records), number).keys()
        if not missed:
            break
    assert not missed, missed


def test_values_near_to_every_format_are_known() -> None:
    for name in FORMATS:
        accepted = {FORMAT_CHECKER.conforms(value, name) for value in NEARLY[name]}
        assert accepted == {True, False}, name


def test_the_guide_lists_every_keyword_where_it_is_judged() -> None:
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    assert [name for name in CHECKS if f"{{check: {name}," not in text] == []
    rows = re.findall(
        r"^\| (`[a-z$][^|]*) \| (compiled|row validator|refused)", text, re.MULTILINE
    )
    told = {
        keyword: how for names, how in rows for keyword in re.findall(r"`([$A-Za-z]+)`", names)
    }
    with_others = {"then", "else", "minContains", "maxContains"}
    compiled = {*KEYWORDS, *RECORD_KEYWORDS, "then", "else"}
    refused = {"$id", "$schema", *hostile.REFERRING}
    judged = {*Draft202012Validator.VALIDATORS, *with_others, *refused}
    assert told == {
        keyword: "compiled" if keyword in compiled else "refused" if keyword in refused else "row validator"
        for keyword in judged
    }  # fmt: skip
