"""Compiles a record's JSON Schema to column expressions: one per field and rule.

The keywords of JSON Schema 2020-12 that are known here and in `keywords` become Polars expressions.
Others are listed as unknown, and `validate` asks the `jsonschema` row validator as well. A null
field is an absent property, so no rule but `required` fails on it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from exchange_schemas.code_rules import code_findings, invalid_on, record_day
from exchange_schemas.keywords import (
    Expected,
    findings,
    says_nothing,
    unknown_keywords,
)
from exchange_schemas.standard import Dtype


@dataclass(frozen=True, slots=True)
class Rule:
    """`failed` is a Boolean column, true where a row breaks the rule, never null.

    `field` is the one that the issue is told of ("" where a rule is about the record as a whole),
    `others` are fields that would do as well. `code` is a kind of issue, `params` its words;
    `expected` computes the right check digit. `beyond` marks what JSON Schema itself doesn't judge
    (code lists, expected values): it doesn't count in conditions. `as_of` are the fields that give the
    day on which a code must be valid. `suspect` is that of `Finding`.
    `told` are words of the message that differ from row to row. `once`: the rows have one issue
    together, at the first of them.
    """

    field: str
    code: str
    failed: pl.Expr
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    expected: Expected | None = None
    others: tuple[str, ...] = ()
    beyond: bool = False
    as_of: tuple[str, ...] = ()
    suspect: pl.Expr | None = None
    told: Mapping[str, pl.Expr] = dataclasses.field(default_factory=dict)
    once: bool = False


WHOLE = Rule("", "schema", pl.lit(value=True), {"expected": "false"})


def compile_rules(
    schema: Any, dtypes: Mapping[str, Dtype], as_of: tuple[str, ...] = ()
) -> tuple[list[Rule], frozenset[str]]:
    """The rules of a record's schema, and the keywords that are left to the row validator.

    `as_of` are the fields that give the record's date. Rules that would be told in the same words are
    one. Raises Misdeclared (codelist_unknown, codelist_invalid).
    """
    compiler = Compiler(dtypes, as_of)
    merged: dict[object, Rule] = {}
    for rule in compiler.rules(schema):
        words = (rule.field, rule.code, rule.others, tuple(rule.params.items()), rule.expected)
        if words in merged:
            rule = _either(merged[words], rule)  # noqa: PLW2901
        merged[words] = rule
    return list(merged.values()), frozenset(compiler.unknown)


def _either(one: Rule, other: Rule) -> Rule:
    suspects = (
        None if one.suspect is None or other.suspect is None else one.suspect | other.suspect
    )
    return replace(other, failed=one.failed | other.failed, suspect=suspects)


@dataclass(slots=True)
class Compiler:
    """Compiles schemas for frames with the columns `dtypes`; `unknown` grows while rules are made."""

    dtypes: Mapping[str, Dtype]
    as_of: tuple[str, ...] = ()
    unknown: set[str] = dataclasses.field(default_factory=set)

    def rules(self, schema: Any) -> Iterator[Rule]:
        """The rules of a schema for a record."""
        if isinstance(schema, bool):
            if not schema:
                yield WHOLE
            return
        for keyword, told in schema.items():
            if keyword in RECORD_KEYWORDS:
                yield from RECORD_KEYWORDS[keyword](self, schema, told)
            elif keyword not in _SILENT and not says_nothing(keyword):
                self.unknown.add(keyword)

    def holds(self, schema: Any) -> pl.Expr:
        """True where a record satisfies `schema`."""
        failed = [rule.failed for rule in self.rules(schema) if not rule.beyond]
        return ~pl.any_horizontal(failed) if failed else pl.lit(value=True)

    def type(self, _schema: Any, told: Any) -> Iterator[Rule]:
        if "object" not in ([told] if isinstance(told, str) else told):
            yield replace(WHOLE, params={"expected": "type"})

    def properties(self, _schema: Any, told: Any) -> Iterator[Rule]:
        for name, schema in told.items():
            if name in self.dtypes:
                yield from self._property(name, schema)

    def additional_properties(self, schema: Any, told: Any) -> Iterator[Rule]:
        if "patternProperties" in schema:
            self.unknown.add("additionalProperties")
            return
        for name in self.dtypes.keys() - schema.get("properties", {}).keys():
            yield from self._property(name, told)

    def _property(self, name: str, schema: Any) -> Iterator[Rule]:
        value, dtype = pl.col(name), self.dtypes[name]
        self.unknown |= unknown_keywords(schema, dtype)
        formed = pl.lit(value=True)
        for found in findings(value, schema, dtype):
            failed = found.failed.fill_null(value=False)
            formed &= ~failed
            yield Rule(
                name, found.code, failed, found.params, found.expected, suspect=found.suspect
            )
        if isinstance(schema, Mapping):
            yield from self._beyond(name, schema, formed)

    def _beyond(self, name: str, schema: Mapping[str, Any], formed: pl.Expr) -> Iterator[Rule]:
        value = pl.col(name)
        if schema.get("x-expected"):
            yield Rule(name, "expected", value.is_null(), beyond=True)
        if "x-codelist" in schema:
            yield from self._codes(name, schema, formed)

    def _codes(self, name: str, schema: Mapping[str, Any], formed: pl.Expr) -> Iterator[Rule]:
        value, dtype = pl.col(name), self.dtypes[name]
        for found in code_findings(value, schema, dtype, formed):
            failed = found.failed.fill_null(value=False)
            yield Rule(name, found.code, failed, found.params, beyond=True)
        as_of = tuple(schema.get("x-as-of", self.as_of))
        day = record_day(as_of, self.dtypes)
        invalid = None if day is None else invalid_on(day, value, schema, dtype)
        if invalid is not None:
            yield Rule(name, "code_not_valid", invalid, beyond=True, as_of=as_of)

    def required(self, _schema: Any, told: Any) -> Iterator[Rule]:
        for name in told:
            absent = pl.col(name).is_null() if name in self.dtypes else pl.lit(value=True)
            yield Rule(name, "required", absent)

    def dependent_required(self, _schema: Any, told: Any) -> Iterator[Rule]:
        for name, names in told.items():
            if name in self.dtypes:
                yield from _guarded(pl.col(name).is_not_null(), self.required({}, names))

    def all_of(self, _schema: Any, told: Any) -> Iterator[Rule]:
        for part in told:
            yield from self.rules(part)

    def any_of(self, _schema: Any, told: Any) -> Iterator[Rule]:
        whole = self._judge(told)
        if whole is None:
            return
        failed = ~pl.any_horizontal(whole)
        names = [next(iter(part["required"])) for part in told if _asks_for_a_field(part)]
        if len(names) < len(told):
            yield replace(WHOLE, failed=failed, params={"expected": "anyOf"})
        else:
            yield Rule(names[0], "required", failed, others=tuple(names[1:]))

    def one_of(self, _schema: Any, told: Any) -> Iterator[Rule]:
        whole = self._judge(told)
        if whole is not None:
            holding = pl.sum_horizontal([one.cast(pl.UInt32) for one in whole])
            yield replace(WHOLE, failed=holding != 1, params={"expected": "oneOf"})

    def not_(self, _schema: Any, told: Any) -> Iterator[Rule]:
        whole = self._judge([told])
        if whole is not None:
            yield replace(WHOLE, failed=whole[0], params={"expected": "not"})

    def if_(self, schema: Any, told: Any) -> Iterator[Rule]:
        whole = self._judge([told])
        if whole is not None:
            yield from _guarded(whole[0], self.rules(schema.get("then", True)))
            yield from _guarded(~whole[0], self.rules(schema.get("else", True)))

    def _judge(self, schemas: list[Any]) -> list[pl.Expr] | None:
        """Where each holds; None where some keyword isn't compiled, so that nobody can say."""
        inner = Compiler(self.dtypes)
        whole = [inner.holds(schema) for schema in schemas]
        self.unknown |= inner.unknown
        return None if inner.unknown else whole


def _asks_for_a_field(schema: Any) -> bool:
    return (
        isinstance(schema, Mapping) and [*schema] == ["required"] and len(schema["required"]) == 1
    )


def _guarded(condition: pl.Expr, rules: Iterator[Rule]) -> Iterator[Rule]:
    for rule in rules:
        yield replace(rule, failed=condition & rule.failed)


RECORD_KEYWORDS: dict[str, Callable[[Compiler, Any, Any], Iterator[Rule]]] = {
    "type": Compiler.type,
    "properties": Compiler.properties,
    "additionalProperties": Compiler.additional_properties,
    "required": Compiler.required,
    "dependentRequired": Compiler.dependent_required,
    "allOf": Compiler.all_of,
    "anyOf": Compiler.any_of,
    "oneOf": Compiler.one_of,
    "not": Compiler.not_,
    "if": Compiler.if_,
}

_SILENT = frozenset({"then", "else"})  # said with `if`
