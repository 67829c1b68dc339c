"""One sheet of a workbook: its cells from python-calamine, its marks from its XML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, load_workbook

from adapters.workbook_marks import Marks, read_marks
from adapters.workbook_zip import Package, open_package
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

Value = int | float | str | bool | time | date | datetime | timedelta
Range = tuple[int, int, int, int]  # first row, first column, last row, last column


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows and columns count from 1."""

    name: str
    marks: Marks
    merged: Sequence[Range]
    _package: Package
    _cells: CalamineSheet

    def rows(self) -> Iterator[list[Value]]:
        """The values of every row up to the last that has any, "" for an empty cell.

        Raises SourceUnreadable (format_invalid).
        """
        start = self._cells.start
        if start is None:
            return
        unlike = self._unlike()
        left: list[Value] = [""] * start[1]  # python-calamine leaves out what is empty at the left
        number = 0
        try:
            for number, cells in enumerate(self._cells.iter_rows(), 1):
                values = left + cells
                for place, error in unlike.get(number, ()):
                    values[place] = error or _with_time(values[place])
                yield values
        except OverflowError as error:
            reason = (
                f"row {number + 1} has a time out of range",
                f"第 {number + 1} 行有超出范围的时间",
            )
            raise self._package.fault(*reason) from error

    def _unlike(self) -> dict[int, list[tuple[int, str]]]:
        """Row → places of the cells that python-calamine gives as empty though they are errors (with
        the error), or without their time though it is shown as 00:00 (with "")."""
        found: dict[int, list[tuple[int, str]]] = {}
        for (row, column), error in self.marks.errors.items():
            found.setdefault(row, []).append((column - 1, error))
        for row, column in self.marks.midnights:
            found.setdefault(row, []).append((column - 1, ""))
        return found


def _with_time(value: Value) -> Value:
    return datetime.combine(value, time()) if type(value) is date else value


def sheet_names(path: Path, file: str) -> list[str]:
    """The workbook's sheets in their order; raises SourceUnreadable as `open_sheet` does."""
    return list(open_package(path, file).sheets())


def open_sheet(path: Path, file: str, name: str | None = None) -> Sheet:
    """The sheet with this name, or the first; `file` is the workbook's name for messages.

    Raises SourceUnreadable: file_empty, workbook_locked, workbook_too_large, format_invalid,
    sheet_missing.
    """
    package = open_package(path, file)
    sheets = package.sheets()
    found = name if name is not None else next(iter(sheets), "")
    if found not in sheets:
        params = {"found": "、".join(sheets)}
        raise SourceUnreadable(Issue("sheet_missing", value=found, file=file, params=params))
    marks = read_marks(package, sheets[found])
    try:
        with path.open("rb") as source:  # by content: the artefact's name has no suffix
            cells = load_workbook(source).get_sheet_by_name(found)
        merged = cells.merged_cell_ranges or []
    except CalamineError as error:
        raise package.fault(str(error), f"内容有误（{error}）") from error
    ranges = [(a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in merged]
    return Sheet(found, marks, sorted(ranges), package, cells)
