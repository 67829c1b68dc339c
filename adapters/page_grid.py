"""A table of a page as a grid: every place in a row has its cell, also where one spans several.

The model is that of HTML (WHATWG 4.9.12): a wrong `colspan` or `rowspan` is 1, no cell reaches out
of its group of rows, and cells and rows that aren't shown aren't there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.page_text import is_hidden, text_of
from adapters.page_tree import Element, line_of
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

MOST_COLUMNS = 2_000
# Places that cells fill beyond their first: a small page can ask for 10**9.
MOST_SPREAD = 1_000_000
_WIDEST, _TALLEST = 1_000, 65_534  # what browsers take for colspan and rowspan
_GROUPS = {"thead", "tbody", "tfoot"}


@dataclass(slots=True, eq=False)
class GridCell:
    """A cell; `first` is its first place in the row, from 0, `width` how many it takes."""

    element: Element
    first: int
    width: int
    _text: str | None = None

    @property
    def text(self) -> str:
        """What is seen of it."""
        if self._text is None:
            self._text = text_of(self.element)
        return self._text

    @property
    def is_label(self) -> bool:
        """Whether it is a `<th>`."""
        return bool(self.element.tag == "th")


@dataclass(frozen=True, slots=True)
class GridRow:
    """`cells` at their places, None where the table has a hole; `own` those that start in it."""

    element: Element
    line: int
    group: str
    cells: list[GridCell | None]
    own: list[GridCell]

    @property
    def texts(self) -> list[str]:
        """The texts at its places."""
        return [cell.text if cell else "" for cell in self.cells]

    def spans(self, width: int) -> bool:
        """Whether it is one cell over the whole of a table of this width: a title, a note."""
        return len(self.own) == 1 and self.own[0].first == 0 and self.own[0].width >= max(width, 2)


@dataclass(slots=True)
class Grid:
    """`hidden` are the lines of rows that aren't shown, known after the last row."""

    table: Element
    file: str
    hidden: list[int] = field(default_factory=list)
    _spread: int = 0

    def __iter__(self) -> Iterator[GridRow]:
        """The rows from the top; raises SourceUnreadable (format_invalid: too many cells)."""
        reaching: dict[int, tuple[int, GridCell]] = {}  # place → rows still to come, cell
        group, self.hidden, self._spread = None, [], 0
        for element in self.table.iterdescendants("tr"):
            if next(element.iterancestors("table")) is not self.table:
                continue
            parent = element.getparent()
            if parent.tag in _GROUPS and parent is not group:
                group, reaching = parent, {}
            if is_hidden(element) or is_hidden(parent):
                self.hidden.append(line_of(element))
                continue
            yield self._row(element, str(parent.tag), reaching)

    def _row(
        self, element: Element, group: str, reaching: dict[int, tuple[int, GridCell]]
    ) -> GridRow:
        cells: list[GridCell | None] = []
        own = []
        for one in _cells(element):
            self._fill(cells, reaching)
            cell = GridCell(one, len(cells), _span(one, "colspan", _WIDEST))
            own.append(cell)
            rows = _span(one, "rowspan", _TALLEST)
            for place in range(cell.first, cell.first + cell.width):
                if rows > 1:
                    reaching[place] = (rows, cell)
                cells.append(cell)
            if len(cells) > MOST_COLUMNS:
                raise self._too_many(element, f"{MOST_COLUMNS:,} columns", f"{MOST_COLUMNS:,} 列")
        self._fill(cells, reaching, upto=max(reaching, default=-1) + 1)
        for place, (rows, cell) in list(reaching.items()):
            if rows > 1:
                reaching[place] = (rows - 1, cell)
            else:
                del reaching[place]
        self._spread += len(cells) - len(own)
        if self._spread > MOST_SPREAD:
            raise self._too_many(element, f"{MOST_SPREAD:,} cells", f"{MOST_SPREAD:,} 个单元格")
        return GridRow(element, line_of(element), group, cells, own)

    def _fill(
        self,
        cells: list[GridCell | None],
        reaching: dict[int, tuple[int, GridCell]],
        upto: int | None = None,
    ) -> None:
        """Puts in the cells that reach down from above, up to a free place or to `upto`."""
        while len(cells) in reaching or (upto is not None and len(cells) < upto):
            above = reaching.get(len(cells))
            cells.append(above[1] if above else None)

    def _too_many(self, element: Element, most: str, most_zh: str) -> SourceUnreadable:
        params = {
            "format": "html",
            "reason": f"a table has more than {most}",
            "reason_zh": f"表格超过 {most_zh}",
        }
        line = line_of(element)
        return SourceUnreadable(Issue("format_invalid", line, file=self.file, params=params))


def _cells(row: Element) -> Iterator[Element]:
    """The shown cells of a row; not those of a table in one of them."""
    for one in row.iterdescendants("td", "th"):
        if next(one.iterancestors("tr")) is row and not is_hidden(one):
            yield one


def _span(cell: Element, attribute: str, most: int) -> int:
    told = cell.get(attribute, "").strip()
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        return 1
    if told == "0" and attribute == "rowspan":  # down to the end of its group
        return most
    return min(max(int(told), 1), most)
