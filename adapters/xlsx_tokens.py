"""The cells of some rows of an .xlsx, as its XML has them: neither looked up nor converted.

Here they are taken with an XML parser, whatever the XML looks like; `xlsx_scan` takes most of them
fifty times as fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.sheet import (
    LAST_COLUMN,
    LAST_LETTERS,
    LAST_ROW,
    column_letters,
    column_number,
)
from adapters.xml_elements import Element, local_name

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Kind = tuple[int, str]  # number of the cell's style, and its type: s, n, b, e, str, inlineStr, d


class Disorder(Exception):
    """A row or a cell that isn't behind the one before; where, in English and Chinese (`words`)."""

    def __init__(self, *words: str) -> None:
        super().__init__(*words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Tokens:
    """`lines` and `hidden` are of rows, all others of cells.

    `owner` is the place of the cell's row in `lines`, `column` counts from 1, `kind` is a place in
    `kinds`. `has` says whether the cell has a value, `formula` whether it has one.
    `raw(which)` gives the values as written of the cells that are named by their places,
    `numbers(which)` those that are plain whole numbers, else null.
    """

    lines: Ints
    hidden: list[int]
    owner: Ints
    column: Ints
    kind: Ints
    kinds: list[Kind]
    has: Bools
    formula: Bools
    raw: Callable[[NDArray[np.intp]], pl.Series]
    numbers: Callable[[NDArray[np.intp]], pl.Series]


@dataclass(slots=True)
class _Taken:
    """Cells on their way into `Tokens`."""

    lines: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    kinds: dict[Kind, int] = field(default_factory=dict)
    values: list[str | None] = field(default_factory=list)
    formula: list[bool] = field(default_factory=list)

    def tokens(self) -> Tokens:
        values = pl.Series(self.values, dtype=pl.String)
        return Tokens(
            np.array(self.lines, dtype=np.int64),
            self.hidden,
            np.array(self.owner, dtype=np.int64),
            np.array(self.column, dtype=np.int64),
            np.array(self.kind, dtype=np.int64),
            list(self.kinds),
            values.is_not_null().to_numpy(),
            np.array(self.formula, dtype=np.bool_),
            values.gather,
            lambda which: values.gather(which).str.strip_chars().cast(pl.Int64, strict=False),
        )


def parse_rows(rows: Iterable[Element], before: int, most: int) -> Iterator[Tokens]:
    """The rows' cells, `most` or a few more at a time; `before` is the row before the first.

    Raises Disorder.
    """
    taken = _Taken()
    for row in rows:
        before = _row_number(row.get("r"), before)
        taken.lines.append(before)
        if row.get("hidden") in ("1", "true"):
            taken.hidden.append(before)
        _take_cells(row, before, taken)
        row.getparent().remove(row)
        if len(taken.owner) > most:
            yield taken.tokens()
            taken = _Taken()
    if taken.lines:
        yield taken.tokens()


def _row_number(written: str | None, before: int) -> int:
    """The row's number, which must be after the one before; without one it follows that."""
    if written is None:
        return before + 1
    number = int(written) if written.isdecimal() and len(written) <= len(str(LAST_ROW)) else 0
    if not before < number <= LAST_ROW:
        raise Disorder(f"row {written[:40]}", f"第 {written[:40]} 行")
    return number


def _take_cells(row: Element, line: int, taken: _Taken) -> None:
    column = 0
    for cell in row:
        if local_name(cell) != "c":
            continue
        column = _column(cell.get("r"), line, column)
        style = cell.get("s", "0")
        kind = (int(style) if style.isdecimal() and len(style) < 9 else 0, cell.get("t", "n"))
        taken.owner.append(len(taken.lines) - 1)
        taken.column.append(column)
        taken.kind.append(taken.kinds.setdefault(kind, len(taken.kinds)))
        parts = {local_name(part): part for part in cell}
        taken.formula.append("f" in parts)
        taken.values.append(_value(parts, kind[1]))


def _value(parts: dict[str, Element], kind: str) -> str | None:
    if kind == "inlineStr" and "is" in parts:
        return shown_text(parts["is"])
    found = parts.get("v")
    return None if found is None else "".join(found.itertext())


def shown_text(element: Element) -> str:
    """The text of a shared or inline text: of all its runs, without how it is pronounced."""
    found = []
    for part in element:
        if local_name(part) == "t":
            found.append(part.text or "")
        elif local_name(part) == "r":
            found += [run.text or "" for run in part if local_name(run) == "t"]
    return "".join(found)


def _column(written: str | None, line: int, before: int) -> int:
    """The cell's column, which must be behind the one before; without a name it follows that."""
    name = f"{column_letters(before + 1)}{line}" if written is None else written
    letters = name.removesuffix(str(line))
    known = letters.isascii() and letters.isalpha() and len(letters) <= len(LAST_LETTERS)
    column = column_number(letters) if known and letters != name else 0
    if not before < column <= LAST_COLUMN:
        raise Disorder(f"cell {name[:40]}", f"单元格 {name[:40]}")
    return column
