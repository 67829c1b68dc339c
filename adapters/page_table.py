"""Which table of a page has the rows, and what its columns are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from adapters.csv_header import name_columns
from adapters.feed import Format
from adapters.page_grid import Grid, GridCell, GridRow
from adapters.page_text import on_one_line
from adapters.page_tree import Element
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

WITHIN = 25  # rows in which a header is looked for
JOINT = "/"  # between the names of a header of several rows, as in workbooks
_SHOWN, _SHOWN_TABLES = 8, 12  # cells of a row, and tables, that a message names


@dataclass(frozen=True, slots=True)
class PageTable:
    """`columns` in their order; `skip` are the rows of the grid down to the end of the header."""

    grid: Grid
    columns: tuple[str, ...]
    skip: int


def find_table(page: Element, told: Format, file: str) -> PageTable:
    """The table that the feed means.

    Raises SourceUnreadable: html_table_missing, html_table_several, header_empty,
    column_duplicate, html_side_by_side.
    """
    tables = [Grid(table, file) for table in page.iter("table")]
    which = told.get("table")
    if isinstance(which, dict):
        having = [on_one_line(name.strip()) for name in which["having"]]
        return _having(tables, having, told, file)
    if which is not None:
        if which > len(tables):
            raise _missing(str(which), tables, file)
        return _named(tables[which - 1], told, (), file)
    filled = [grid for grid in tables if any(any(row.texts) for row in grid)]
    if len(filled) != 1:
        raise _missing("?", tables, file) if not filled else _several(filled, tables, file)
    return _named(filled[0], told, (), file)


def _having(tables: list[Grid], having: list[str], told: Format, file: str) -> PageTable:
    fitting = [grid for grid in tables if _header_having(grid, having, told) is not None]
    if not fitting:
        raise _missing("、".join(having), tables, file)
    if len(fitting) > 1:
        raise _several(fitting, tables, file)
    return _named(fitting[0], told, having, file)


def _named(grid: Grid, told: Format, having: Sequence[str], file: str) -> PageTable:
    start, count = _header(grid, having, told)
    rows = list(islice(iter(grid), start, start + count))
    names = _joined(rows)
    line = rows[-1].line if rows else None
    if not any(names):
        raise SourceUnreadable(Issue("header_empty", line, file=file))
    beside = told.get("side_by_side", 1)
    if beside > 1:
        names = _folded(names, beside, line, file)
    return PageTable(grid, name_columns(names, line or 1, file), start + count)


def _header(grid: Grid, having: Sequence[str], told: Format) -> tuple[int, int]:
    """Place of the header's first row, from 0, and how many rows it has."""
    count = told.get("header_rows", 1)
    if told.get("header_row"):
        return told.get("header_row") - 1, count
    if having:
        return _header_having(grid, list(having), told) or 0, count
    near = list(islice(iter(grid), WITHIN))
    for place, row in enumerate(near):
        if any(row.texts) and not row.spans(0):
            if row.group == "thead" and "header_rows" not in told.options:
                count = sum(other.group == "thead" for other in near[place:])
            return place, count
    # no row but titles: a table of one column
    return next((place for place, row in enumerate(near) if any(row.texts)), 0), count


def _header_having(grid: Grid, having: list[str], told: Format) -> int | None:
    """Place of the first header that has these names."""
    count = told.get("header_rows", 1)
    near = list(islice(iter(grid), WITHIN + count))
    for place in range(min(WITHIN, len(near))):
        rows = near[place : place + count]
        names = {*_joined(rows), *(on_one_line(text) for row in rows for text in row.texts)}
        own = {on_one_line(text) for text in rows[0].texts}
        if names.issuperset(having) and any(name in own or JOINT in name for name in having):
            return place
    return None


def _joined(rows: list[GridRow]) -> list[str]:
    """The columns' names: those of several rows from the top down, each once.

    A cell over several columns names, in the last row, only the first of them.
    """
    width = max((len(row.cells) for row in rows), default=0)
    return [
        _name([row.cells[place] for row in rows if place < len(row.cells)], place)
        for place in range(width)
    ]


def _name(cells: list[GridCell | None], place: int) -> str:
    above: list[GridCell] = []
    for cell in cells:
        if cell is not None and cell not in above:
            above.append(cell)
    if not above or (cells[-1] is above[-1] and above[-1].first != place):
        return ""
    texts = [text for cell in above if (text := on_one_line(cell.text))]
    return JOINT.join(text for at, text in enumerate(texts) if at == 0 or text != texts[at - 1])


def _folded(names: list[str], beside: int, line: int | None, file: str) -> list[str]:
    """The names of one of the records that stand side by side in a row."""
    width, rest = divmod(len(names), beside)
    if rest or names != names[:width] * beside:
        params = {"found": "、".join(names[:_SHOWN])}
        issue = Issue("html_side_by_side", line, value=str(beside), file=file, params=params)
        raise SourceUnreadable(issue)
    return names[:width]


def _several(fitting: list[Grid], tables: list[Grid], file: str) -> SourceUnreadable:
    places = [str(place) for place, grid in enumerate(tables, 1) if grid in fitting]
    words = {"found": _told(tables)}
    return SourceUnreadable(
        Issue("html_table_several", value="、".join(places), file=file, params=words)
    )


def _missing(wanted: str, tables: list[Grid], file: str) -> SourceUnreadable:
    words = {"found": _told(tables) or "—"}
    return SourceUnreadable(Issue("html_table_missing", value=wanted, file=file, params=words))


def _told(tables: list[Grid]) -> str:
    """The tables with what stands in the first row of each that says anything."""
    return "；".join(f"{place}: {'、'.join(_first_row(grid))}" for place, grid in
                    enumerate(tables[:_SHOWN_TABLES], 1))  # fmt: skip


def _first_row(grid: Grid) -> Iterator[str]:
    for row in islice(iter(grid), WITHIN):
        texts = [on_one_line(cell.text) for cell in row.own if cell.text]
        if texts and not row.spans(0):
            yield from texts[:_SHOWN]
            return
