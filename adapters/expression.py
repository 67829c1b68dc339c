"""`{地市}{区县}{地址}`: several columns and literal text put together. No code, only names.

A column stands in braces; `{{` and `}}` are braces themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

_PIECE = re.compile(
    r"(?P<brace>\{\{|\}\})|\{(?P<column>[^{}]+)\}|(?P<text>[^{}]+)|(?P<lone>.)", re.DOTALL
)


def columns_of(expression: str) -> tuple[str, ...]:
    """The columns that stand in the expression, each once, in its order."""
    names = (piece["column"] for piece in _PIECE.finditer(expression))
    return tuple(dict.fromkeys(name for name in names if name))


def fault(expression: str) -> tuple[str, str] | None:
    """What is wrong with it, in Chinese and English; None: nothing."""
    if any(piece["lone"] for piece in _PIECE.finditer(expression)):
        return "花括号不成对或其中没有列名", "a brace without its partner, or without a column"
    if not columns_of(expression):
        return "没有列名；固定值请用 value:", "it names no column; use value: for a constant"
    return None


def put_together(expression: str, cells: Mapping[str, pl.Expr]) -> pl.Expr:
    """The text for every row; null where none of the columns has anything.

    `cells` are the columns' cells, null where empty.
    """
    pieces = []
    for piece in _PIECE.finditer(expression):
        if piece["column"]:
            pieces.append(cells[piece["column"]].fill_null(""))
        else:
            pieces.append(pl.lit(piece["text"] or piece["brace"][0]))
    some = pl.any_horizontal(cells[name].is_not_null() for name in columns_of(expression))
    return pl.when(some).then(pl.concat_str(pieces))
