"""Converters for yes and no, and for the fingerprint of a row."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import polars_hash  # noqa: F401 - gives expressions their `chash`

from adapters.converter import TEXT, Converted, Converter, Example, Options, Words
from adapters.occurrence import OCCURRENCE

_YES = ("是", "有", "true", "t", "yes", "y", "1")
_NO = ("否", "无", "false", "f", "no", "n", "0")

FINGERPRINT_LENGTH = 20  # hex digits, 80 bits: two of a million rows agree with chance 4e-13


def boolean(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """True for 是, 有, true, t, yes, y, 1; false for 否, 无, false, f, no, n, 0."""
    word = cells[0].str.to_lowercase()
    value = pl.when(word.is_in(_YES)).then(pl.lit(True)).when(word.is_in(_NO)).then(pl.lit(False))
    return Converted(value, cells[0].is_not_null())


def fingerprint(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """An identifier made of the row itself, for sources that give none.

    The first 20 hex digits of the SHA-256 of the cells as written, joined by "|" (with "%" and "|"
    inside a cell percent-encoded, so that two rows never join to the same text). With
    `occurrence: true` the second, third … identical row of a file adds "|2", "|3" …: each copy
    is a record, and the first one's identifier doesn't depend on how many follow.
    """
    parts = [cell.fill_null("").str.replace_many(["%", "|"], ["%25", "%7C"]) for cell in cells]
    joined = pl.concat_str(parts, separator="|")
    if options.get("occurrence"):
        again = pl.lit("|") + pl.col(OCCURRENCE).cast(pl.String)
        joined = joined + pl.when(pl.col(OCCURRENCE) > 1).then(again).otherwise(pl.lit(""))
    return Converted(joined.chash.sha2_256().str.head(FINGERPRINT_LENGTH))  # type: ignore[attr-defined]


_YES_NO = " ".join((*_YES, "–", *_NO))

CONVERTERS = {
    "boolean": Converter(
        boolean, ("boolean",), Words(_YES_NO, _YES_NO),
        (Example("是", True), Example("N", False), Example("也许", ...)), takes="narrow",
    ),
    "fingerprint": Converter(
        fingerprint, TEXT,
        Words(
            "合起来能识别一行的各列；结果为 20 位十六进制数，供没有编号的来源使用",
            "columns that together identify a row; gives 20 hex digits, for sources without numbers",
        ),
        (Example(("甲", "2023-10-12"), "9e57776353154adfdeee"),),
        takes="raw", options=frozenset({"occurrence"}), all_cells=True,
    ),
}  # fmt: skip
