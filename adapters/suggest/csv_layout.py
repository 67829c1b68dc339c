"""How a text is divided into cells, and which of its rows is the header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from adapters.csv_header import EDGES
from adapters.suggest.reason import Reason

WITHIN = 25  # rows in which a header is looked for
_ROWS = 400  # rows that are looked at
_DELIMITERS = (",", "\t", ";", "|", "^", "~", "\x01", "\x1f")

_DATA = re.compile(
    r"-?[\d,.]+%?|(?:19|20)\d\d[-/.年]\d{1,2}.*|[0-9A-Z]{15,18}|https?://.*|\S+@\S+|.*[。！？;；].*",
    re.DOTALL,
)
_LONGEST_NAME = 60

Row = list[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """`rows` are those of the sample, from the first; `header` is the header's place, from 0, and
    `header_rows` how many it takes. `lines` are the lines on which the rows begin, from 1.
    """

    delimiter: str
    rows: Sequence[Row]
    lines: Sequence[int]
    header: int
    header_rows: int
    confidence: float
    reason: Reason


def layout(text: str, whole: bool) -> Layout | None:
    """The best division of a text; None where no row is a header."""
    found = [
        one for mark in _DELIMITERS if mark in text for one in [_divided(text, mark, whole)] if one
    ]
    best = max(found, key=lambda one: one.confidence, default=None)
    return best or _divided(text, ",", whole, single=True)


def _divided(text: str, delimiter: str, whole: bool, single: bool = False) -> Layout | None:
    rows, lines = split(text, delimiter, whole)
    widths = Counter(len(row) for row in rows if any(row))
    if not widths:
        return None
    width = max(widths, key=lambda one: (widths[one] * (one > 1 or single), one))
    even = widths[width] / sum(widths.values())
    if width == 1 and not single:
        return None
    header = find_header(rows, width)
    if header is None:
        return None
    shown = {"\t": "TAB"}.get(delimiter, delimiter if delimiter.isprintable() else repr(delimiter))
    reason = Reason(
        f"{even:.0%} 的行按 {shown} 分成 {width} 列",
        f"{even:.0%} of the rows have {width} cells between {shown}",
    )
    worth = 0.4 if single else even * (1 - 0.5 / width)
    return Layout(delimiter, rows, lines, *header, round(worth, 3), reason)


def split(text: str, delimiter: str, whole: bool) -> tuple[list[Row], list[int]]:
    """The first rows and their lines; the last one is left out where the sample may cut it."""
    csv.field_size_limit(1 << 24)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    rows: list[Row] = []
    lines: list[int] = []
    before = 0
    try:
        for row in islice(reader, _ROWS):
            rows.append([cell.strip(EDGES) for cell in row])
            lines.append(before + 1)
            before = reader.line_num
    except csv.Error:
        pass  # what could be split is enough for a guess
    if not whole and len(rows) < _ROWS:
        rows, lines = rows[:-1], lines[:-1]
    return rows, lines


def find_header(rows: Sequence[Row], width: int) -> tuple[int, int] | None:
    """The first row, from 0, whose cells look like names of columns and that has rows like a
    table's below it; and how many rows the header takes."""
    for place, row in enumerate(islice(rows, WITHIN)):
        below = rows[place + 1] if place + 1 < len(rows) else []
        if _is_double(row, below, width) and _regular(rows[place + 2 :], width):
            return place, 2
        if is_header(row, width) and _regular(rows[place + 1 :], width):
            return place, 1
    return None


def is_header(row: Row, width: int) -> bool:
    """Most of the cells have text, all differ, and few look like values."""
    cells = [cell for cell in row if cell]
    if len(cells) < max(1, 0.6 * width) or len(cells) > 1.5 * width:
        return False
    names = [cell for cell in cells if is_name(cell)]
    return len(set(cells)) >= 0.9 * len(cells) and len(names) >= 0.8 * len(cells)


def is_name(cell: str) -> bool:
    """Whether the text could be a column's name: short, and no number, date, code or sentence."""
    return len(cell) <= _LONGEST_NAME and _DATA.fullmatch(cell) is None


def _regular(below: Sequence[Row], width: int) -> bool:
    rows = [row for row in below[:10] if any(row)]
    return not rows or sum(abs(len(row) - width) <= 1 for row in rows) >= 0.5 * len(rows)


def _is_double(row: Row, below: Row, width: int) -> bool:
    """Whether two rows are one header with merged cells: 名称 | 处罚 | _ over _ | 种类 | 日期."""
    upper, lower = [c for c in row if c], [c for c in below if c]
    if len(upper) < 2 or len(lower) < 2 or not all(map(is_name, upper + lower)):
        return False
    length = max(len(row), len(below))
    both = list(zip(_wide(row, length), _wide(below, length), strict=True))
    full = sum(bool(a or b) for a, b in both)
    across = any(b and not a for a, b in both)  # merged over several columns
    down = any(a and not b for a, b in both)  # merged over both rows
    group = any(a and b for a, b in both)
    return across and down and group and full >= 0.9 * width


def _wide(row: Row, length: int) -> Row:
    return [*row, *[""] * (length - len(row))]
