"""Converters for names, texts and lists of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from adapters.converter import EDGES, Converted

# Characters between which a line break was put by the page, not by the writer: Chinese has no
# spaces that the break could stand for. Ideographs, Chinese punctuation, full-width forms.
_CJK = r"[\p{Han}\u3000-\u303F\uFF00-\uFFEF]"
_BREAK = r"[ \u3000]*[\t-\r\u2028\u2029]+[ \u3000]*"
SEPARATORS = ";；\n"  # between several values in one cell; 、 and , occur inside values


def text(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """The text on one line: a break between two Chinese characters goes, any other is one space."""
    # twice: in 国\n标\n准 the matches share a character, and the first round takes every other one
    joined = cells[0].str.replace_all(f"({_CJK}){_BREAK}({_CJK})", "$1$2")
    joined = joined.str.replace_all(f"({_CJK}){_BREAK}({_CJK})", "$1$2")
    return Converted(joined.str.replace_all(_BREAK, " "))


def plain(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """`text` for cells that are known to have no breaks."""
    return Converted(cells[0])


def code(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """A code half-width and without spaces; 5245.0 (a number to Excel) is 5245."""
    tight = cells[0].str.replace_all(r"\s", "")
    return Converted(tight.str.replace(r"^([0-9]+)\.0+$", "$1"))


def doc_no(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """A document number with its year in 〔〕, whatever brackets it came in, and no spaces."""
    tight = cells[0].str.replace_all(r"\s", "")
    return Converted(tight.str.replace(r"[\[(【〔﹝]((?:19|20)[0-9]{2})[\])】〕﹞]", "〔$1〕"))


def lookup(cells: Sequence[pl.Expr], options: Mapping[str, Any]) -> Converted:
    """The value that `table` gives for the cell.

    For a cell that isn't in the table `otherwise` says: fail (default), keep it, or null.
    """
    table, otherwise = options.get("table", {}), options.get("otherwise", "fail")
    keep = cells[0] if otherwise == "keep" else pl.lit(None, pl.String)
    value = cells[0].replace_strict(table, default=keep, return_dtype=pl.String)
    return Converted(value, None if otherwise == "null" else cells[0].is_not_null())


def split(cells: Sequence[pl.Expr], options: Mapping[str, Any]) -> Converted:
    """Several values in one cell as a list; `separators` are characters, by default ; ； newline."""
    separators = options.get("separators", SEPARATORS)
    first = separators[0]
    single = cells[0].str.replace_many(list(separators), [first] * len(separators))
    parts = single.str.split(first).list.eval(_trimmed(pl.element()))
    return Converted(pl.when(parts.list.len() > 0).then(parts))


def _trimmed(parts: pl.Expr) -> pl.Expr:
    trimmed = parts.str.strip_chars(EDGES)
    return trimmed.filter(trimmed != "")


def json_list(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """A list of texts, as the JSON adapter writes it into a cell: `["罚款"]`."""
    return Converted(cells[0].str.json_decode(pl.List(pl.String)), cells[0].is_not_null())
