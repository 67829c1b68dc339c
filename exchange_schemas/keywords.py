"""JSON Schema keywords that judge one value, as column expressions.

Each function of `KEYWORDS` takes the value's expression, what the schema says and the column's type,
and gives `Finding`s: a Boolean that is true where the value breaks the rule, and null or false where
it doesn't or there is no value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from exchange_schemas.formats import FORMATS
from exchange_schemas.patterns import linear_pattern
from exchange_schemas.standard import Dtype

SHOWN = 200  # characters of a code list or constant that a message shows

Expected = Callable[[pl.Series], pl.Series]


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is a kind of issue, `params` its words; `expected` computes the right check digit.

    `suspect` is quick to compute and true at least wherever `failed` is: then `failed` is computed
    for the suspects only, which are few in good data.
    """

    code: str
    failed: pl.Expr
    params: Mapping[str, str] = field(default_factory=dict)
    expected: Expected | None = None
    suspect: pl.Expr | None = None


def _type(value: pl.Expr, told: Any, dtype: Dtype) -> Iterable[Finding]:
    names = {told} if isinstance(told, str) else set(told)
    if not names & _types_of(dtype):
        yield Finding("type", value.is_not_null(), {"expected": "/".join(sorted(names))})


def _types_of(dtype: Dtype) -> set[str]:
    if isinstance(dtype, pl.List):
        return {"array"}
    if dtype == pl.Int64:
        return {"integer", "number"}
    return {"boolean"} if dtype == pl.Boolean else {"string"}


def _enum(value: pl.Expr, told: Any, dtype: Dtype) -> Iterable[Finding]:
    shown = "、".join(str(item) for item in told if item is not None)[:SHOWN]
    yield Finding("code_unknown", _equals_none(value, told, dtype), {"expected": shown})


def _const(value: pl.Expr, told: Any, dtype: Dtype) -> Iterable[Finding]:
    shown = json.dumps(told, ensure_ascii=False)[:SHOWN]
    yield Finding("schema", _equals_none(value, [told], dtype), {"expected": f"= {shown}"})


def _equals_none(value: pl.Expr, allowed: list[Any], dtype: Dtype) -> pl.Expr:
    same = _of_type(allowed, dtype)
    return ~value.is_in(same) if same else value.is_not_null()


def _of_type(items: list[Any], dtype: Dtype) -> list[Any]:
    """Items that a column's value can be equal to; JSON's 1.0 is the integer 1, and true isn't."""
    if dtype == pl.Boolean:
        return [item for item in items if isinstance(item, bool)]
    if dtype == pl.Int64:
        numbers = [n for n in items if isinstance(n, int | float) and not isinstance(n, bool)]
        return [int(number) for number in numbers if number == int(number)]
    return [item for item in items if isinstance(item, str)]


def _min_length(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    few = value.str.len_bytes() <= 4 * max(told - 1, 0)  # a character has four bytes at most
    yield Finding("too_short", value.str.len_chars() < told, {"expected": str(told)}, suspect=few)


def _max_length(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    many = value.str.len_bytes() > told  # bytes needn't be counted
    yield Finding("length", value.str.len_chars() > told, {"expected": str(told)}, suspect=many)


def _pattern(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    pattern = linear_pattern(told)
    if pattern is not None:
        yield Finding("pattern", ~value.str.contains(pattern), {"expected": told})


def _format(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    form = FORMATS.get(told)
    if form is None:
        return
    for code, failed in form.failures(value).items():
        if code == "check_digit":
            yield Finding(code, failed, expected=form.expected)
        else:
            yield Finding(code, failed, {"expected": form.example})


def _minimum(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    yield Finding("range", value < told, {"expected": f">= {told}"})


def _maximum(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    yield Finding("range", value > told, {"expected": f"<= {told}"})


def _above(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    yield Finding("range", value <= told, {"expected": f"> {told}"})


def _below(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    yield Finding("range", value >= told, {"expected": f"< {told}"})


def _min_items(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    yield Finding("schema", value.list.len() < told, {"expected": f"minItems {told}"})


def _max_items(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    yield Finding("schema", value.list.len() > told, {"expected": f"maxItems {told}"})


def _unique_items(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    if told:
        repeated = value.list.n_unique() < value.list.len()
        yield Finding("schema", repeated, {"expected": "uniqueItems"})


def _contains(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    if unknown_keywords(told, pl.String):
        return
    if isinstance(told, Mapping) and isinstance(told.get("const"), str) and len(told) == 1:
        has = value.list.contains(told["const"])
    else:
        has = value.list.eval(holds(pl.element(), told, pl.String)).list.any()
    yield Finding("schema", ~has, {"expected": "contains"})


def _items(value: pl.Expr, told: Any, _dtype: Dtype) -> Iterable[Finding]:
    for found in findings(pl.element(), told, pl.String):
        failed = value.list.eval(found.failed.fill_null(value=False)).list.any()
        yield Finding(found.code, failed, found.params)


def _all_of(value: pl.Expr, told: Any, dtype: Dtype) -> Iterable[Finding]:
    for part in told:
        yield from findings(value, part, dtype)


def _any_of(value: pl.Expr, told: Any, dtype: Dtype) -> Iterable[Finding]:
    if not any(unknown_keywords(part, dtype) for part in told):
        held = pl.any_horizontal([holds(value, part, dtype) for part in told])
        yield Finding("schema", ~held, {"expected": "anyOf"})


def _not(value: pl.Expr, told: Any, dtype: Dtype) -> Iterable[Finding]:
    if not unknown_keywords(told, dtype):
        held = holds(value, told, dtype) & value.is_not_null()
        yield Finding("schema", held, {"expected": "not"})


Keyword = Callable[[pl.Expr, Any, Dtype], Iterable[Finding]]

#: Keywords by the kind of value that they judge; of others they say nothing.
TEXT_KEYWORDS: dict[str, Keyword] = {
    "minLength": _min_length,
    "maxLength": _max_length,
    "pattern": _pattern,
    "format": _format,
}
NUMBER_KEYWORDS: dict[str, Keyword] = {
    "minimum": _minimum,
    "maximum": _maximum,
    "exclusiveMinimum": _above,
    "exclusiveMaximum": _below,
}
LIST_KEYWORDS: dict[str, Keyword] = {
    "minItems": _min_items,
    "maxItems": _max_items,
    "uniqueItems": _unique_items,
    "contains": _contains,
    "items": _items,
}
SCALAR_KEYWORDS: dict[str, Keyword] = {"enum": _enum, "const": _const}
ANY_KEYWORDS: dict[str, Keyword] = {
    "type": _type,
    "allOf": _all_of,
    "anyOf": _any_of,
    "not": _not,
}
KEYWORDS = {
    **TEXT_KEYWORDS,
    **NUMBER_KEYWORDS,
    **LIST_KEYWORDS,
    **SCALAR_KEYWORDS,
    **ANY_KEYWORDS,
}

#: Says nothing about validity.
ANNOTATIONS = frozenset({
    "$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated",
})  # fmt: skip


def findings(value: pl.Expr, schema: Any, dtype: Dtype) -> list[Finding]:
    """What a value's schema asks of it, as far as it is compiled."""
    if isinstance(schema, bool):
        refused = Finding("forbidden", value.is_not_null())
        return [] if schema else [refused]
    judged = {**ANY_KEYWORDS, **_of(dtype)}
    if "minContains" in schema:
        judged.pop("contains", None)  # which then asks for another number than one
    return [
        found
        for keyword, told in schema.items()
        if keyword in judged
        for found in judged[keyword](value, told, dtype)
    ]


def holds(value: pl.Expr, schema: Any, dtype: Dtype) -> pl.Expr:
    """True where a value satisfies `schema` or there is none."""
    failed = [found.failed.fill_null(value=False) for found in findings(value, schema, dtype)]
    return ~pl.any_horizontal(failed) if failed else pl.lit(value=True)


def unknown_keywords(schema: Any, dtype: Dtype) -> set[str]:
    """Keywords of a value's schema that aren't compiled, those of its parts among them."""
    if isinstance(schema, bool):
        return set()
    found = {name for name in schema if name not in KEYWORDS and not says_nothing(name)}
    if isinstance(dtype, pl.List):
        found |= schema.keys() & SCALAR_KEYWORDS.keys()
    if linear_pattern(schema.get("pattern", "")) is None:
        found.add("pattern")
    items = [schema[name] for name in ("items", "contains") if name in schema]
    parts = [*schema.get("allOf", ()), *schema.get("anyOf", ()), schema.get("not", True)]
    return found.union(
        *(unknown_keywords(part, pl.String) for part in items),
        *(unknown_keywords(part, dtype) for part in parts),
    )


def says_nothing(keyword: str) -> bool:
    """Whether a keyword describes and doesn't judge."""
    return keyword in ANNOTATIONS or keyword.startswith("x-")


def _of(dtype: Dtype) -> dict[str, Keyword]:
    if isinstance(dtype, pl.List):
        return LIST_KEYWORDS
    if dtype == pl.Int64:
        return {**NUMBER_KEYWORDS, **SCALAR_KEYWORDS}
    return {**SCALAR_KEYWORDS, **(TEXT_KEYWORDS if dtype == pl.String else {})}
