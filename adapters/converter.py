"""What a converter is: a named way from source cells to one field's values.

A converter only builds Polars expressions; `mapping.normalise` evaluates all of a batch together.
What the expressions can't read is given to the converter's `rewrite`, if it has one: once for each
different text, and only then, so that unusual ways of writing cost nothing where nobody uses them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import polars as pl

# White space and the marks that exports and word processors leave at the edges of a cell.
EDGES = " \t\r\n\v\f\u3000\u00a0\ufeff\u200b\u2028\u2029"
FILLER = "〓"  # registration systems end a long text with it

TEXT = ("string",)

_FULL_WIDTH = [chr(code) for code in range(0xFF01, 0xFF5F)] + ["\u3000"]
_HALF_WIDTH = [chr(code) for code in range(0x21, 0x7F)] + [" "]


@dataclass(frozen=True, slots=True)
class Converted:
    """`value` in the field's type. Where `given` (Boolean, no nulls) holds there must be a value:
    a null there is a cell that couldn't be read. Without `given` any cell can be read.
    """

    value: pl.Expr
    given: pl.Expr | None = None


class Words(NamedTuple):
    """A short text for people, in both languages."""

    zh: str
    en: str


class Example(NamedTuple):
    """A cell (or several), and what comes of it; `...` where it is refused."""

    cell: str | tuple[str, ...]
    result: Any
    options: Mapping[str, Any] = MappingProxyType({})


Options = Mapping[str, Any]
Build = Callable[[Sequence[pl.Expr], Options], Converted]
Rewrite = Callable[[pl.Series, Options], pl.Series]


@dataclass(frozen=True, slots=True)
class Converter:
    """A named conversion.

    `build` gets the cells as String expressions and the rule's options. `takes` says how the cells
    come: "trimmed" (edges trimmed, nulls null), "narrow" (trimmed and half-width) or "raw" (as
    written). It gets one cell, the first of the rule's that isn't empty, unless `all_cells`.
    `gives` are the field kinds it serves; `accepts` says what it reads. `code` is the issue of a
    cell that can't be read. `options` names the options that it knows, `needs` those that it can't
    do without, and `main` the one that is meant by `{name: value}`. `rewrite` gets the texts that
    the expressions couldn't read, and gives them in a form that they can, or null.
    """

    build: Build
    gives: tuple[str, ...]
    accepts: Words
    examples: tuple[Example, ...]
    code: str = "type"
    takes: str = "trimmed"
    options: frozenset[str] = field(default_factory=frozenset)
    needs: frozenset[str] = field(default_factory=frozenset)
    main: str = ""
    all_cells: bool = False
    rewrite: Rewrite | None = None

    @property
    def is_step(self) -> bool:
        """Whether it goes from text to text, so that another one may follow."""
        return self.gives == TEXT and self.rewrite is None


def cell(column: str, nulls: Sequence[str]) -> pl.Expr:
    """The column's cells without white space at the edges; null where empty or one of `nulls`."""
    text = pl.col(column).str.strip_chars_start(EDGES).str.strip_chars_end(EDGES + FILLER)
    return pl.when(text.is_in(["", *nulls])).then(None).otherwise(text)


def tidy(text: pl.Expr) -> pl.Expr:
    """What a step left, for the next one: without white space at the edges; null where empty."""
    trimmed = text.str.strip_chars(EDGES)
    return pl.when(trimmed == "").then(None).otherwise(trimmed)


def narrow(text: pl.Expr) -> pl.Expr:
    """Full-width letters, digits, marks and spaces (９１, （, 　) as their ASCII twins."""
    return text.str.replace_many(_FULL_WIDTH, _HALF_WIDTH)


def read_plain(converter: Converter, texts: pl.Series, options: Options) -> pl.DataFrame:
    """`value` and `given` (Boolean) of texts that the converter's `rewrite` gave."""
    made = converter.build([pl.col("text")], options)
    given = pl.lit(value=False) if made.given is None else made.given
    return texts.to_frame("text").select(made.value.alias("value"), given.alias("given"))
