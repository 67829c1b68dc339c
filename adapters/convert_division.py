"""The converter for administrative divisions: from a code, a name, or the address that begins so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

import polars as pl

from adapters.convert_date import day_of
from adapters.converter import TEXT, Converted, Converter, Example, Options, Words
from exchange_schemas.codes import load_codes
from exchange_schemas.days import today
from exchange_schemas.divisions import division_named, unlisted_division, unlisted_elsewhere
from exchange_schemas.formats import FORMATS


def division(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """The division's code, in as many digits as the cell has, or in 6 with `digits: 6`.

    A name means what it meant on the day of the second cell (`as_of`); where that says none, today.
    What isn't known `otherwise` decides: fail (default), keep, or null.
    Raises Misdeclared (codelist_invalid) where the lists of divisions can't be read.
    """
    otherwise = options.get("otherwise", "fail")
    tight = cells[0].str.replace_all(r"\s", "")
    named = pl.coalesce(tight.str.extract(f"({FORMATS['division-code'].pattern})", 1),
                        tight.str.extract(_names(), 1))  # fmt: skip
    day = day_of(cells[1]) if len(cells) > 1 else pl.lit(None, pl.String)
    look_up = partial(_codes, digits=options.get("digits"))
    code = pl.struct(named.alias("named"), day.alias("day")).map_batches(
        look_up, return_dtype=pl.String, is_elementwise=True
    )
    if otherwise == "keep":
        return Converted(pl.coalesce(code, cells[0]))
    return Converted(code, cells[0].is_not_null() if otherwise == "fail" else None)


def _names() -> str:
    """A pattern of the names that this city's divisions have or had, with what stands before them."""
    divisions = load_codes("divisions")
    titles = {row.title for rows in divisions.periods.values() for row in rows}
    cities = {row.title for code, row in divisions.codes.items() if code.endswith("00")}
    names = sorted(titles | set(load_codes("division_aliases").codes), key=len, reverse=True)
    before = "|".join(map(pl.escape_regex, cities))
    inside = "|".join(map(pl.escape_regex, names))
    return rf"^((?:\p{{Han}}{{2,3}}省)?(?:(?:{before})(?:{inside})|(?:{inside})))"


def _codes(pairs: pl.Series, digits: int | None) -> pl.Series:
    """Codes of different names and days; each pair is looked up once."""
    frame = pairs.struct.unnest()
    asked = frame.unique().filter(pl.col("named").is_not_null())
    known = _known()
    codes = [
        (known(named) if named[0].isdigit() else _named(named, day), named, day)
        for named, day in asked.iter_rows()
    ]
    schema = {"code": pl.String, "named": pl.String, "day": pl.String}
    found = pl.DataFrame(codes, schema=schema, orient="row")
    told = frame.join(
        found, on=["named", "day"], how="left", nulls_equal=True, maintain_order="left"
    )
    return told["code"].str.head(digits) if digits else told["code"]


def _named(name: str, day: str | None) -> str | None:
    found = division_named(name, date.fromisoformat(day) if day else today())
    return found.code if found else None


def _known() -> Callable[[str], str | None]:
    """Gives a code back that some division has or had."""
    codes = load_codes("divisions")
    here, elsewhere = unlisted_division(codes), unlisted_elsewhere(codes)
    return lambda code: None if here(code) or elsewhere(code) else code


CONVERTERS = {
    "division": Converter(
        division, TEXT,
        Words(
            "6、9、12 位区划代码，本市区划的名称，或以其开头的地址",
            "a division's code of 6, 9 or 12 digits, the name of one of this city's, or an address "
            "that begins with it",
        ),
        (
            Example("440904001", "440904001"), Example("440904001", "440904", {"digits": 6}),
            Example("茂南区", "440902"), Example("广东省茂名市电白区水东镇1号", "440904"),
            Example("茂港区", "440904"), Example("440999", ...), Example("某区", ...),
        ),
        "division_unknown", "narrow",
        frozenset({"as_of", "digits", "otherwise"}),
    ),
}  # fmt: skip
