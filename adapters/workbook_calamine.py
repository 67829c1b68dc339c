"""A sheet's values as python-calamine reads them; the only module that knows it.

It may be let near a file only after its size was checked: it lays a sheet out as a rectangle in
memory, and copies every text into each cell that has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, PasswordError, load_workbook

from adapters.sheet import SIZE, Marks, Sheet, blocks_of
from adapters.workbook_kind import Fault
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

Value = int | float | str | bool | time | date | datetime | timedelta


class Book:
    """A workbook that python-calamine has opened.

    Opening it raises what `fault` makes, and SourceUnreadable (workbook_locked); so does `sheet`.
    """

    def __init__(self, source: BinaryIO, file: str, fault: Fault) -> None:
        self._file, self._fault = file, fault
        with self._speaking():  # not by a path: the artefact's name has no suffix
            self._book = load_workbook(source)
        self.names: list[str] = list(self._book.sheet_names)

    def sheet(self, name: str, marks: Marks, size: int = SIZE) -> Sheet:
        """The sheet of this name; `marks` are what else is known of it."""
        with self._speaking():
            cells = self._book.get_sheet_by_name(name)
        return Sheet(name, marks, lambda: blocks_of(_rows(cells, marks, self._fault), size))

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except PasswordError as error:
            raise SourceUnreadable(Issue("workbook_locked", file=self._file)) from error
        except CalamineError as error:
            raise self._fault(str(error), f"内容有误（{error}）") from error
        except BaseException as error:  # what Rust calls a panic isn't an Exception
            if type(error).__name__ != "PanicException":
                raise
            raise self._fault("its content is damaged", "内容已损坏") from error


def _rows(cells: CalamineSheet, marks: Marks, fault: Fault) -> Iterator[tuple[int, list[Value]]]:
    """The number and values of every row up to the last that has any, "" for an empty cell."""
    start = cells.start
    if start is None:
        return
    unlike = _unlike(marks)
    left: list[Value] = [""] * start[1]  # python-calamine leaves out what is empty at the left
    number = 0
    try:
        for number, found in enumerate(cells.iter_rows(), 1):
            values = left + found
            for place, error in unlike.get(number, ()):
                values[place] = error or _with_time(values[place])
            yield number, values
    except OverflowError as error:
        reason = (
            f"row {number + 1} has a time out of range",
            f"第 {number + 1} 行有超出范围的时间",
        )
        raise fault(*reason) from error


def _unlike(marks: Marks) -> dict[int, list[tuple[int, str]]]:
    """Row → places of the cells that python-calamine gives as empty though they are errors (with
    the error), or without their time though it is shown as 00:00 (with "")."""
    found: dict[int, list[tuple[int, str]]] = {}
    for (row, column), error in marks.errors.items():
        found.setdefault(row, []).append((column - 1, error))
    for row, column in marks.midnights:
        found.setdefault(row, []).append((column - 1, ""))
    return found


def _with_time(value: Value) -> Value:
    return datetime.combine(value, time()) if type(value) is date else value
