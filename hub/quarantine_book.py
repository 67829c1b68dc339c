"""The workbook in which a department corrects its rejected rows.

One row for each rejected row: its number (which tells it again), where it stands, what is wrong in
both languages, and its cells as they came. A cell that is to blame is coloured, and the column beside
it says why. A very hidden sheet `_quarantine` names the feed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from adapters.cell_text import texts
from adapters.workbook import open_sheet, sheet_names
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.quarantine import RejectedRow
from publisher.formats.text_cell import write_text

MARK = "_quarantine"  # the hidden sheet
SHEET = "隔离区"
NUMBER = "编号（勿改）"
HEAD = (NUMBER, "位置", "问题与改法", "What is wrong")
BESIDE = "⚠ "  # before the name of a column that says what is wrong with the one on its left
MOST = 32_767  # characters of a cell: Excel's limit

Columns = Mapping[str, Sequence[str]]  # field → the source columns that it comes from


@dataclass(frozen=True, slots=True)
class CorrectedRow:
    """A row that came back: `number` is `run:place`, `cells` has the columns. One from a form has only
    those that were changed there (`part`)."""

    number: str
    cells: dict[str, str]
    part: bool = False


def write_book(path: Path, feed: str, found: Sequence[RejectedRow], sources: Columns) -> None:
    """Write the workbook. All cells are text: codes keep their digits, nothing is a formula."""
    columns = list(dict.fromkeys(name for row in found for name in row.cells))
    blamed = {name for row in found for name in blamed_cells(row, sources)}
    header = [*HEAD]
    for name in columns:
        header += [name, BESIDE + name] if name in blamed else [name]
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet(SHEET)
        bold = book.add_format({"bold": True, "bg_color": "#DDE7F3", "text_wrap": True})
        plain = {"num_format": "@", "text_wrap": True, "valign": "top"}
        text = book.add_format(plain)
        wrong = book.add_format({**plain, "bg_color": "#FFD6D6", "border": 1})
        why = book.add_format({**plain, "font_color": "#B00020"})
        sheet.freeze_panes(1, len(HEAD))
        sheet.set_column(0, 1, 12)
        sheet.set_column(2, 3, 44)
        sheet.set_column(len(HEAD), max(len(header) - 1, len(HEAD)), 22)
        for place, name in enumerate(header):
            write_text(sheet, 0, place, name, bold)
        for line, row in enumerate(found, 1):
            blame = blamed_cells(row, sources)
            for place, cell in enumerate(_head(row)):
                write_text(sheet, line, place, cell[:MOST], text)
            for place, name in enumerate(header[len(HEAD) :], len(HEAD)):
                column = name.removeprefix(BESIDE)
                if name != column and column in blamed:
                    write_text(sheet, line, place, blame.get(column, "")[:MOST], why)
                else:
                    style = wrong if name in blame else text
                    write_text(sheet, line, place, shown(row.cells.get(name)), style)
        mark = book.add_worksheet(MARK)
        mark.write_row(0, 0, ["feed", feed])
        mark.very_hidden()


def shown(cell: str | None) -> str:
    """A cell as the workbook has it: XML knows one kind of line end, and Excel a longest text."""
    return (cell or "").replace("\r\n", "\n").replace("\r", "\n")[:MOST]


def read_book(path: Path) -> tuple[str, list[CorrectedRow]]:
    """(feed, rows) of a workbook that came back.

    Raises Misdeclared (correction_foreign), SourceUnreadable where it isn't a workbook.
    """
    foreign = Misdeclared(Issue("correction_foreign", file=path.name))
    if not path.is_file() or MARK not in sheet_names(path, path.name):
        raise foreign
    mark = [texts(row) for row in open_sheet(path, path.name, MARK).rows()]
    if not mark or mark[0][:1] != ["feed"] or len(mark[0]) < 2:
        raise foreign
    rows = (texts(row) for row in open_sheet(path, path.name, SHEET).rows())
    header = next(rows, [])
    if NUMBER not in header:
        raise Misdeclared(Issue("correction_column", file=path.name, value=NUMBER))
    names = {place: name for place, name in enumerate(header) if name not in HEAD}
    taken = {place: name for place, name in names.items() if not name.startswith(BESIDE)}
    number = header.index(NUMBER)
    return mark[0][1], [
        CorrectedRow(row[number], {name: row[place] for place, name in taken.items()})
        for row in rows
        if any(row)
    ]


def number_of(row: RejectedRow) -> str:
    """What tells a rejected row again."""
    return f"{row.run_id}:{row.place}"


def _head(row: RejectedRow) -> tuple[str, str, str, str]:
    where = f"{row.source}:{row.line}"
    return number_of(row), where, "\n".join(row.messages("zh_CN")), "\n".join(row.messages("en"))


def blamed_cells(row: RejectedRow, sources: Columns, locale: str = "zh_CN") -> dict[str, str]:
    """Source column → what is wrong with its cell."""
    found: dict[str, list[str]] = {}
    for issue in row.issues:
        for column in sources.get(issue.field or "", (issue.field or "",)):
            if column in row.cells:
                found.setdefault(column, []).append(issue.message(locale))
    return {column: "\n".join(messages) for column, messages in found.items()}
