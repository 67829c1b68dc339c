"""Converters for several values in one cell: all of them as a list, or one of them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from adapters.converter import EDGES, TEXT, Converted, Converter, Example, Options, Words

# Between several values in one cell; 、 and , occur inside values. Food bulletins part what was
# tested, found and allowed by one of the upright marks (domain B5).
_UPRIGHT = "║‖|｜丨"
SEPARATORS = ";；\n" + _UPRIGHT

# RFC 8259. A half of a surrogate pair is no character.
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_UNIT = r"\\u(?:[0-9a-ceA-CEfF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2})"
_STRING = rf'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|{_PAIR}|{_UNIT})*"'
_ITEM = rf"(?:{_STRING}|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false|null)"
_JSON_LIST = rf"^\[[ \t\n\r]*(?:{_ITEM}(?:[ \t\n\r]*,[ \t\n\r]*{_ITEM})*)?[ \t\n\r]*\]$"


def split(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """Several values in one cell as a list; parts without anything in them don't count.

    `separators` are characters, or texts in a list; by default ; ； newline ║ ‖ | ｜ 丨.
    """
    parts = _parts(cells[0], options.get("separators", SEPARATORS)).list.eval(
        _filled(pl.element())
    )
    return Converted(pl.when(parts.list.len() > 0).then(parts))


def part(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """The part number `number` of a cell, from 1, or from the end: -1 is the last.

    Where there are fewer parts `otherwise` says: fail (default), keep the whole cell, or null.
    """
    number, otherwise = options.get("number", 1), options.get("otherwise", "fail")
    parts = _parts(cells[0], options.get("separators", ["||", *_UPRIGHT]))
    value = parts.list.get(number - 1 if number > 0 else number, null_on_oob=True)
    missing = (parts.list.len() < abs(number)).fill_null(value=False)
    if otherwise == "keep":
        value = pl.when(missing).then(cells[0]).otherwise(value)
    return Converted(value.str.strip_chars(EDGES), missing if otherwise == "fail" else None)


def json_list(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """A list of texts, as the JSON adapter writes it into a cell: `["罚款"]`.

    Anything else isn't given to the decoder, which raises for the whole column.
    """
    listed = pl.when(cells[0].str.contains(_JSON_LIST)).then(cells[0])
    return Converted(listed.str.json_decode(pl.List(pl.String)), cells[0].is_not_null())


def _parts(text: pl.Expr, separators: str | Sequence[str]) -> pl.Expr:
    """The longest separator counts: || is one and not two."""
    marks = sorted(separators, key=len, reverse=True)
    single = text.str.replace_many(marks, [marks[0]] * len(marks), leftmost=len(marks[0]) > 1)
    return single.str.split(marks[0])


def _filled(parts: pl.Expr) -> pl.Expr:
    trimmed = parts.str.strip_chars(EDGES)
    return trimmed.filter(trimmed != "")


_RESULT = "菌落总数║1.2×10⁵║≤10⁴"

CONVERTERS = {
    "split": Converter(
        split, ("list",),
        Words("用 ; ； ║ ‖ | ｜ 丨 || 或换行隔开的多个值", "several values between ; ； ║ ‖ | ｜ 丨 || or line breaks"),
        (
            Example("2.9mg/kg；2.7mg/kg", ["2.9mg/kg", "2.7mg/kg"]), Example("；;", None),
            Example("a--b", ["a", "b"], {"separators": ["--"]}),
        ),
        options=frozenset({"separators"}), main="separators",
    ),
    "part": Converter(
        part, TEXT,
        Words(
            "用 ║ ‖ | ｜ 丨 || 隔开的文字，至少有 number: 个部分",
            "text of at least number: parts between ║ ‖ | ｜ 丨 ||",
        ),
        (
            Example(_RESULT, "1.2×10⁵", {"number": 2}), Example(_RESULT, "≤10⁴", {"number": -1}),
            Example("A||B", "B", {"number": 2}), Example("菌落总数", ..., {"number": 2}),
        ),
        "cell_unreadable", options=frozenset({"number", "separators", "otherwise"}),
        needs=frozenset({"number"}), main="number",
    ),
    "json_list": Converter(
        json_list, ("list",), Words('["罚款", "警告"]', '["罚款", "警告"]'),
        (Example('["罚款", "警告"]', ["罚款", "警告"]), Example("罚款", ...)),
    ),
}  # fmt: skip
