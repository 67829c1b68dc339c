"""What a field's code list asks of its values, as column expressions.

`code_findings` looks codes up; `invalid_on` compares a code's days with the record's date. A column
has few different codes, so each of them is judged once. A value may be longer than the listed code
that it belongs to: a division has codes of 9 and 12 digits for its towns and villages, and lists
have rows whose column `subcodes` says "yes" for such codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from exchange_schemas.code_list import CodeList, Gap, gaps
from exchange_schemas.codes import load_codes
from exchange_schemas.divisions import unlisted_division, unlisted_elsewhere
from exchange_schemas.keywords import Finding
from exchange_schemas.standard import Dtype

DIVISION, DIVISION_DIGITS = "division-code", 6
SUBCODES = "subcodes"

Schema = Mapping[str, Any]
Judge = Callable[[str], bool]


def code_findings(
    value: pl.Expr, schema: Schema, dtype: Dtype, formed: pl.Expr
) -> Iterator[Finding]:
    """Codes that aren't in the field's list. An `enum` names the list's codes itself.

    `formed` is true where the value breaks no other rule: what lacks the form isn't looked up.
    Raises Misdeclared (codelist_unknown, codelist_invalid).
    """
    items = schema.get("items", {}) if isinstance(dtype, pl.List) else schema
    if items.keys() & {"enum", "const"}:
        return
    codes, words = load_codes(schema["x-codelist"]), {"expected": schema["x-codelist"]}
    if schema.get("format") == DIVISION:
        # These look at the form themselves, once for each code: that is quicker.
        yield Finding("code_unknown", _each(value, dtype, unlisted_division(codes)), words)
        yield Finding("division_unlisted", _each(value, dtype, unlisted_elsewhere(codes)))
    else:
        listed = lister(codes, schema)
        unlisted = _each(value, dtype, lambda code: listed(code) not in codes.codes)
        yield Finding("code_unknown", formed & unlisted, words)


def _each(value: pl.Expr, dtype: Dtype, judge: Judge) -> pl.Expr:
    """True where `judge` says so of a value, or of an item of a list."""

    def wrong(values: pl.Series) -> pl.Series:
        return _holding(values, [code for code in _distinct(values) if judge(code)])

    return _texts(value, dtype).map_batches(wrong, return_dtype=pl.Boolean, is_elementwise=True)


def _texts(value: pl.Expr, dtype: Dtype) -> pl.Expr:
    return value if isinstance(dtype, pl.List) else value.cast(pl.String)


def _distinct(values: pl.Series) -> list[str]:
    """The different codes of a column, or of its lists."""
    items = values.explode() if isinstance(values.dtype, pl.List) else values
    return items.unique().drop_nulls().to_list()


def _holding(values: pl.Series, codes: list[str]) -> pl.Series:
    """True where a value is one of `codes`, or a list has one of them; null or false elsewhere."""
    if not codes:
        return pl.repeat(value=False, n=len(values), eager=True)
    if isinstance(values.dtype, pl.List):
        return values.list.eval(pl.element().is_in(codes)).list.any()
    return values.is_in(codes)


def lister(codes: CodeList, schema: Schema) -> Callable[[str], str]:
    """Gives the code of the list that a value belongs to: itself, or the code it begins with."""
    if schema.get("format") == DIVISION:
        return lambda text: text[:DIVISION_DIGITS]
    opened = {name for name, code in codes.codes.items() if SUBCODES in code.more}
    lengths = sorted({len(name) for name in opened}, reverse=True)

    def listed(text: str) -> str:
        begins = (text[:length] for length in lengths if text not in codes.codes)
        return next((name for name in begins if name in opened), text)

    return listed


def record_day(names: Sequence[str], dtypes: Mapping[str, Dtype]) -> pl.Expr | None:
    """The record's date (ISO day, perhaps with a time): the first of the fields that isn't empty.

    None: the record has none of the fields.
    """
    days = [pl.col(name) for name in names if name in dtypes]
    return pl.coalesce(days) if days else None


def invalid_on(day: pl.Expr, value: pl.Expr, schema: Schema, dtype: Dtype) -> pl.Expr | None:
    """True where a listed code, or one of a list of codes, isn't valid on the record's date.

    None where all codes of the list are always valid, so that such lists cost nothing.
    Raises Misdeclared (codelist_unknown, codelist_invalid).
    """
    codes = load_codes(schema["x-codelist"])
    by_gap: dict[Gap, set[str]] = {}
    for name, rows in codes.periods.items():
        for gap in gaps(rows):
            by_gap.setdefault(gap, set()).add(name)
    if not by_gap:
        return None
    judge = partial(_invalid, by_gap, lister(codes, schema))
    columns = [day, _texts(value, dtype)]
    return pl.map_batches(columns, judge, return_dtype=pl.Boolean, is_elementwise=True)


def _invalid(
    by_gap: Mapping[Gap, set[str]], listed: Callable[[str], str], columns: Sequence[pl.Series]
) -> pl.Series:
    """Only rows with a code that isn't always valid in the days of the column are looked at."""
    days, values = columns
    out = pl.repeat(value=False, n=len(days), eager=True)
    begin, end = days.min(), days.max()
    near = {gap: names for gap, names in by_gap.items() if _meets(gap, begin, end)}
    if not near:
        return out
    distinct = {code: listed(code) for code in _distinct(values)}
    suspects = {
        gap: found
        for gap, names in near.items()
        if (found := [code for code, name in distinct.items() if name in names])
    }
    if not suspects:
        return out
    rows = _holding(values, [code for found in suspects.values() for code in found]).arg_true()
    told = pl.DataFrame({"row": rows, "day": days.gather(rows), "code": values.gather(rows)})
    if isinstance(values.dtype, pl.List):
        told = told.explode("code")
    failed = [_in_gap(gap) & pl.col("code").is_in(found) for gap, found in suspects.items()]
    return out.scatter(told.filter(pl.any_horizontal(failed))["row"].unique(), values=True)


def _meets(gap: Gap, begin: Any, end: Any) -> bool:
    """Whether some day from `begin` to `end` (None: there is no day) may lie in the gap."""
    first, behind = gap
    if begin is None:
        return False
    return (first is None or first <= end) and (behind is None or begin < behind)


def _in_gap(gap: Gap) -> pl.Expr:
    first, behind = gap
    begun = pl.lit(value=True) if first is None else pl.col("day") >= first
    return begun if behind is None else begun & (pl.col("day") < behind)
