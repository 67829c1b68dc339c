"""What a converter is: a named way from source cells to one field's values.

A converter only builds Polars expressions; `mapping.normalise` evaluates all of a batch together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

# White space and the marks that exports and word processors leave at the edges of a cell.
EDGES = " \t\r\n\v\f\u3000\u00a0\ufeff\u200b\u2028\u2029"
FILLER = "〓"  # registration systems end a long text with it

_FULL_WIDTH = [chr(code) for code in range(0xFF01, 0xFF5F)] + ["\u3000"]
_HALF_WIDTH = [chr(code) for code in range(0x21, 0x7F)] + [" "]


@dataclass(frozen=True, slots=True)
class Converted:
    """`value` in the field's type. Where `given` (Boolean, no nulls) holds there must be a value:
    a null there is a cell that couldn't be read. Without `given` any cell can be read.
    """

    value: pl.Expr
    given: pl.Expr | None = None


Build = Callable[[Sequence[pl.Expr], Mapping[str, Any]], Converted]


@dataclass(frozen=True, slots=True)
class Converter:
    """A named conversion.

    `build` gets the cells as String expressions and the rule's options. `takes` says how the cells
    come: "trimmed" (edges trimmed, nulls null), "narrow" (trimmed and half-width) or "raw" (as
    written). It gets one cell, the first of the rule's that isn't empty, unless `all_cells`.
    `gives` are the field kinds it serves. `code` and `expected` make the issue of a cell that
    can't be read. `options` names the options that it knows.
    """

    build: Build
    gives: tuple[str, ...]
    code: str = "type"
    expected: str = ""
    takes: str = "trimmed"
    options: frozenset[str] = field(default_factory=frozenset)
    all_cells: bool = False


def cell(column: str, nulls: Sequence[str]) -> pl.Expr:
    """The column's cells without white space at the edges; null where empty or one of `nulls`."""
    text = pl.col(column).str.strip_chars_start(EDGES).str.strip_chars_end(EDGES + FILLER)
    return pl.when(text.is_in(["", *nulls])).then(None).otherwise(text)


def narrow(text: pl.Expr) -> pl.Expr:
    """Full-width letters, digits, marks and spaces (９１, （, 　) as their ASCII twins."""
    return text.str.replace_many(_FULL_WIDTH, _HALF_WIDTH)
