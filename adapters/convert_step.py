"""Converters from text to text that put a cell in order before another one reads it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from adapters.converter import EDGES, TEXT, Converted, Converter, Example, Options, Words, narrow


def trim(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """Without white space at the edges, and without the characters of `also` there."""
    return Converted(cells[0].str.strip_chars(EDGES + options.get("also", "")))


def half_width(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """Full-width letters, digits, marks and spaces as their ASCII twins."""
    return Converted(narrow(cells[0]))


def upper(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """Capital letters."""
    return Converted(cells[0].str.to_uppercase())


def lower(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """Small letters."""
    return Converted(cells[0].str.to_lowercase())


def null_words(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """Nothing where the text is one of `words`."""
    words = list(options.get("words", ()))
    return Converted(pl.when(~cells[0].is_in(words)).then(cells[0]))


def strip_unit(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """Without one of `units` at the end; a text that has none of them stays as it is."""
    units = sorted(options.get("units", ()), key=len, reverse=True)
    if not units:
        return Converted(cells[0])
    named = "|".join(map(pl.escape_regex, units))
    return Converted(cells[0].str.replace(rf"\s*(?:{named})$", ""))


def before(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """What stands before the first of `marks`.

    Where there is none `otherwise` says: fail (default), keep the whole text, or null.
    """
    return _around(cells[0], options, "^(.*?)(?:{})")


def after(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """What stands after the first of `marks`; else as `before`."""
    return _around(cells[0], options, "^.*?(?:{})(.*)$")


def _around(text: pl.Expr, options: Options, form: str) -> Converted:
    told, otherwise = options.get("marks", []), options.get("otherwise", "fail")
    marks = sorted([told] if isinstance(told, str) else told, key=len, reverse=True)
    named = "|".join(map(pl.escape_regex, marks))
    value = text.str.extract("(?s)" + form.format(named), 1)
    if otherwise == "keep":
        return Converted(pl.coalesce(value, text))
    return Converted(value, text.is_not_null() if otherwise == "fail" else None)


def join(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """The columns one behind the other, with `separator` between those that aren't empty."""
    whole = pl.concat_str(cells, separator=options.get("separator", ""), ignore_nulls=True)
    return Converted(pl.when(whole != "").then(whole))


def first_of(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """The first column that isn't empty."""
    return Converted(pl.coalesce(cells))


_ANY = Words("任何文字", "any text")
_MARKS = frozenset({"marks", "otherwise"})

CONVERTERS = {
    "trim": Converter(
        trim, TEXT, _ANY,
        (Example("　茂名 ", "茂名"), Example("-茂名-", "茂名", {"also": "-"})),
        options=frozenset({"also"}), main="also",
    ),
    "half_width": Converter(half_width, TEXT, _ANY, (Example("Ａ１（茂）", "A1(茂)"),)),
    "upper": Converter(upper, TEXT, _ANY, (Example("ab1", "AB1"),)),
    "lower": Converter(lower, TEXT, _ANY, (Example("AB1", "ab1"),)),
    "null_words": Converter(
        null_words, TEXT, _ANY,
        (Example("暂无", None, {"words": ["暂无", "/"]}), Example("茂名", "茂名", {"words": ["/"]})),
        options=frozenset({"words"}), needs=frozenset({"words"}), main="words",
    ),
    "strip_unit": Converter(
        strip_unit, TEXT, _ANY,
        (
            Example("12.5 元/500克", "12.5", {"units": ["元", "元/500克"]}),
            Example("3公斤", "3公斤", {"units": ["元"]}),
        ),
        options=frozenset({"units"}), needs=frozenset({"units"}), main="units",
    ),
    "before": Converter(
        before, TEXT, Words("含有 marks: 之一的文字", "text with one of marks: in it"),
        (
            Example("2023-01-01至2024-01-01", "2023-01-01", {"marks": "至"}),
            Example("长期", ..., {"marks": "至"}),
            Example("长期", "长期", {"marks": ["至", "~"], "otherwise": "keep"}),
        ),
        "cell_unreadable", options=_MARKS, needs=frozenset({"marks"}), main="marks",
    ),
    "after": Converter(
        after, TEXT, Words("含有 marks: 之一的文字", "text with one of marks: in it"),
        (Example("2023-01-01至2024-01-01", "2024-01-01", {"marks": "至"}),),
        "cell_unreadable", options=_MARKS, needs=frozenset({"marks"}), main="marks",
    ),
    "join": Converter(
        join, TEXT, Words("几列文字", "several columns"),
        (Example(("茂南区", "", "1号"), "茂南区 1号", {"separator": " "}),),
        options=frozenset({"separator"}), main="separator", all_cells=True,
    ),
    "first_of": Converter(
        first_of, TEXT, Words("几列文字", "several columns"),
        (Example(("", "茂南区", "1号"), "茂南区"),), all_cells=True,
    ),
}  # fmt: skip
