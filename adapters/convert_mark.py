"""Converters for yes and no, and for the fingerprint of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import polars_hash  # noqa: F401 - gives expressions their `chash`

from adapters.converter import Converted
from adapters.occurrence import OCCURRENCE

_YES = ("是", "有", "true", "t", "yes", "y", "1")
_NO = ("否", "无", "false", "f", "no", "n", "0")

FINGERPRINT_LENGTH = 20  # hex digits, 80 bits: two of a million rows agree with chance 4e-13


def boolean(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """True for 是, 有, true, t, yes, y, 1; false for 否, 无, false, f, no, n, 0."""
    word = cells[0].str.to_lowercase()
    value = pl.when(word.is_in(_YES)).then(pl.lit(True)).when(word.is_in(_NO)).then(pl.lit(False))
    return Converted(value, cells[0].is_not_null())


def fingerprint(cells: Sequence[pl.Expr], options: Mapping[str, Any]) -> Converted:
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
