"""The table of converters from a field of ours to a text of the province."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from exchange_schemas.standard import Field

Options = Mapping[str, Any]

DATE_FORM = "yyyy/MM/dd"
#: What a date's form may be made of → what it means to Polars.
DATE_PARTS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
YUAN_IN_WAN = 10_000
_DIGITS, _SCALE = 38, 10  # of an amount while it is computed


class Made(NamedTuple):
    """`value` (String), and where (Boolean, no nulls) something was given that can't be written."""

    value: pl.Expr
    failed: pl.Expr | None = None


@dataclass(frozen=True, slots=True)
class Converter:
    """`build` gets the fields' columns, in order, and the options; `kinds` are the kinds of field that
    it takes, `code` the issue of what it can't write. `several`: it takes all columns, not the first
    that isn't empty."""

    build: Callable[[Sequence[pl.Expr], Options], Made]
    kinds: tuple[str, ...]
    options: frozenset[str]
    code: str = ""
    needs: frozenset[str] = field(default_factory=frozenset)
    several: str = ""  # the option that asks for it


def text(cells: Sequence[pl.Expr], _options: Options) -> Made:
    """As it is."""
    return Made(cells[0].cast(pl.String))


def codes(cells: Sequence[pl.Expr], options: Options) -> Made:
    """The province's word of `table` for ours.

    For one that isn't there `otherwise` says: fail (default), keep it, or null.
    """
    given = cells[0].cast(pl.String)
    value = _word(given, options)
    if options.get("otherwise", "fail") != "fail":
        return Made(value)
    return Made(value, given.is_not_null() & value.is_null())


def join(cells: Sequence[pl.Expr], options: Options) -> Made:
    """The elements of a list, each once, with `separator` between them, through `table` if it is there."""
    listed, separator = cells[0], options.get("separator", ";")
    fails = pl.lit(value=False)
    if "table" in options:
        listed = listed.list.eval(_word(pl.element(), options))
        if options.get("otherwise", "fail") == "fail":
            fails = listed.list.eval(pl.element().is_null()).list.any().fill_null(value=False)
        listed = listed.list.drop_nulls().list.unique(maintain_order=True)
    inside = cells[0].list.eval(pl.element().str.contains(separator, literal=True)).list.any()
    joined = listed.list.join(separator)
    return Made(joined, fails | inside.fill_null(value=False))


def _word(given: pl.Expr, options: Options) -> pl.Expr:
    keep = given if options.get("otherwise") == "keep" else pl.lit(None, pl.String)
    return given.replace_strict(dict(options["table"]), default=keep, return_dtype=pl.String)


def date(cells: Sequence[pl.Expr], options: Options) -> Made:
    """A day (or the day and time of a moment) in `form`."""
    given = cells[0]
    day = given.str.head(10).str.to_date("%Y-%m-%d", strict=False)
    clock = given.str.slice(11, 8).fill_null("").replace({"": "00:00:00"})
    moment = (day.dt.to_string("%Y-%m-%d") + "T" + clock).str.to_datetime(
        "%Y-%m-%dT%H:%M:%S", strict=False
    )
    value = moment.dt.to_string(polars_form(options.get("form", DATE_FORM)))
    return Made(value, given.is_not_null() & value.is_null())


def polars_form(form: str) -> str:
    """`yyyy/MM/dd` as Polars writes it."""
    for name, meaning in DATE_PARTS.items():
        form = form.replace(name, meaning)
    return form


def amount(cells: Sequence[pl.Expr], options: Options) -> Made:
    """An amount of money in `unit` (wan, 万元; or yuan) with at most `decimals`; `given` is the unit of
    the field. With `sum` all fields are added up. Nothing is rounded: what has more decimals fails."""
    exact = [cell.cast(pl.Decimal(_DIGITS, _SCALE), strict=False) for cell in cells]
    odd = pl.any_horizontal(
        cell.is_not_null() & number.is_null() for cell, number in zip(cells, exact, strict=True)
    )
    there = pl.any_horizontal(cell.is_not_null() for cell in cells)
    total = exact[0]
    if len(exact) > 1:
        total = pl.sum_horizontal(number.fill_null(0) for number in exact)
    total = pl.when(there).then(total)
    if options.get("unit", "wan") != options.get("given", "wan"):
        factor = pl.lit(YUAN_IN_WAN).cast(pl.Decimal(_DIGITS, 0))
        total = total * factor if options.get("unit") == "yuan" else total / factor
    places = int(options.get("decimals", 6))
    written = total.cast(pl.Decimal(_DIGITS, _SCALE)).cast(pl.String)
    plain = written.str.strip_chars_end("0").str.strip_chars_end(".")
    lost = plain.str.extract(r"\.([0-9]+)$").str.len_chars().fill_null(0) > places
    value = pl.when(plain == "").then(pl.lit("0")).otherwise(plain)
    return Made(value, (odd | lost).fill_null(value=False))


_LIST = ("list",)
_CODED = frozenset({"table", "otherwise"})

CONVERTERS: Mapping[str, Converter] = {
    "text": Converter(
        text, ("string", "integer", "decimal", "date", "datetime"), frozenset()
    ),
    "codes": Converter(
        codes, ("string", "integer", "boolean"), _CODED, "province_code", frozenset({"table"})
    ),
    "join": Converter(join, _LIST, _CODED | {"separator"}, "province_code"),
    "date": Converter(date, ("date", "datetime"), frozenset({"form"}), "province_date"),
    "amount": Converter(
        amount, ("decimal", "integer"), frozenset({"unit", "given", "decimals", "sum"}),
        "province_amount", several="sum",
    ),
}  # fmt: skip


def fits(converter: Converter, one: Field) -> bool:
    """Whether the converter can take the field."""
    return one.kind in converter.kinds
