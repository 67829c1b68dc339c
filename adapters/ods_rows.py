"""The rows of an OpenDocument spreadsheet, one after another: its content.xml says everything.

A row or a cell may stand for many (`number-rows-repeated`), so a file of 1 kB can hold more cells
than any memory: repeated blanks are counted and never laid out, the rest up to a limit.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from adapters.sheet import LAST_COLUMN, LAST_ROW, Marks
from adapters.workbook_zip import Package, check_size
from adapters.xml_elements import Element, local_name

CELLS = 64 << 20  # that have something, with their repetitions
TEXT = 2 << 30  # characters of all cells
ROW_TEXT = 64 << 20  # … and of one row

_CONTENT = "content.xml"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_DURATION = re.compile(r"P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d*)?S)?")
_ERROR = re.compile(r"#[A-Z/0]+[!?]?|#N/A|Err:\d+")
_PASSED = ("annotation", "ruby-text", "shapes", "frame")  # what is in a cell and isn't its text


def table_names(package: Package) -> list[str]:
    """The sheets in their order; raises SourceUnreadable (format_invalid)."""
    names = []
    for element in package.elements(_CONTENT, "table-row", "table"):
        if local_name(element) == "table" and not _within_cell(element):
            names.append(str(element.get(f"{_TABLE}name")))
        _forget(element)
    return names


class OdsRows:
    """Goes through one sheet; `marks` fill up on the way."""

    def __init__(self, package: Package, name: str) -> None:
        self._package, self._name = package, name
        self.marks = Marks()
        self._cells = self._text = 0

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The number and values of every row with any.

        Raises SourceUnreadable: format_invalid, workbook_too_large.
        """
        self.marks.rows = 0
        for row in self._package.elements(_CONTENT, "table-row"):
            if self._is_ours(row):
                yield from self._take(row)
            _forget(row)

    def _is_ours(self, row: Element) -> bool:
        above = row.getparent()
        while above is not None and local_name(above) != "table":
            if local_name(above) == "table-cell":
                return False
            above = above.getparent()
        return above is not None and above.get(f"{_TABLE}name") == self._name

    def _take(self, row: Element) -> Iterator[tuple[int, list[Any]]]:
        times = _count(row, "number-rows-repeated")
        first = self.marks.rows + 1
        values, marked = self._values(row, first)
        if not values:
            self.marks.rows = min(first + times - 1, LAST_ROW)
            return
        if first + times - 1 > LAST_ROW:
            raise self._package.fault(
                f"it has a row {first + times - 1}", f"有第 {first + times - 1} 行"
            )
        self._weigh(values, times)
        for line in range(first, first + times):
            self.marks.rows = line
            self._mark(marked, line)
            if row.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                self.marks.hidden.append(line)
            yield line, list(values)

    def _values(self, row: Element, line: int) -> tuple[list[Any], list[tuple[int, str, str]]]:
        """The row's values up to the last; and (column, mark, text) of cells with more to tell."""
        values: list[Any] = []
        marked: list[tuple[int, str, str]] = []
        blank = size = 0
        for cell in row:
            if local_name(cell) not in ("table-cell", "covered-table-cell"):
                continue
            times = _count(cell, "number-columns-repeated")
            value, mark = _value(cell)
            column = len(values) + blank + 1
            self._merge(cell, line, column)
            if value == "" and not mark:
                blank += times
                continue
            size += len(str(value)) * times
            if column + times - 1 > LAST_COLUMN or size > ROW_TEXT:
                check_size(self._package.file, ("MB", "MB"), size >> 20, ROW_TEXT >> 20)
                raise self._package.fault(f"row {line} is too long", f"第 {line} 行过长")
            values += [""] * blank + [value] * times
            marked += [(column + k, mark, str(value)) for k in range(times if mark else 0)]
            blank = 0
        return values, marked

    def _merge(self, cell: Element, line: int, column: int) -> None:
        rows = _count(cell, "number-rows-spanned")
        columns = _count(cell, "number-columns-spanned")
        if rows * columns > 1:
            self.marks.merged.append((line, column, line + rows - 1, column + columns - 1))

    def _weigh(self, values: list[Any], times: int) -> None:
        self._cells += len(values) * times
        self._text += sum(len(str(value)) for value in values) * times
        check_size(self._package.file, ("cells", "个单元格"), self._cells, CELLS)
        check_size(self._package.file, ("MB", "MB"), self._text >> 20, TEXT >> 20)

    def _mark(self, marked: list[tuple[int, str, str]], line: int) -> None:
        for column, mark, text in marked:
            if mark == "error":
                self.marks.errors[line, column] = text
            else:
                self.marks.formulas.setdefault(line, array("L")).append(column)
                if mark == "uncached":
                    self.marks.uncached.add((line, column))


def _value(cell: Element) -> tuple[Any, str]:
    """The cell's value, and what is to be told of it: formula, uncached, error or nothing."""
    if local_name(cell) == "covered-table-cell":
        return "", ""
    kind = cell.get(f"{_OFFICE}value-type")
    formula = cell.get(f"{_TABLE}formula") is not None
    if not len(cell) and kind is None:
        return "", "uncached" if formula else ""
    text = "\n".join(_written(part) for part in cell if local_name(part) == "p")
    if cell.get(f"{_CALC}value-type") == "error" or (formula and _ERROR.fullmatch(text)):
        return text, "error"
    return _typed(cell, kind, text), "formula" if formula else ""


def _typed(cell: Element, kind: str | None, text: str) -> Any:
    """The value by its type; a text where it has none, or isn't what its type says."""
    with suppress(ValueError, OverflowError):
        match kind:
            case "float" | "percentage" | "currency":
                return float(cell.get(f"{_OFFICE}value", ""))
            case "boolean":
                return cell.get(f"{_OFFICE}boolean-value") == "true"
            case "date":
                return _moment(cell.get(f"{_OFFICE}date-value", ""))
            case "time":
                return _time(cell.get(f"{_OFFICE}time-value", ""))
    return cell.get(f"{_OFFICE}string-value") or text


def _moment(written: str) -> Any:
    moment = datetime.fromisoformat(written)
    return moment if "T" in written else moment.date()


def _time(written: str) -> Any:
    """PT08H30M00S; a time of day, or from 24 hours on a duration, as other workbooks have them."""
    found = _DURATION.fullmatch(written)
    if found is None:
        raise ValueError(written)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return duration if duration.days else (datetime.min + duration).time()  # noqa: DTZ901


def _written(part: Element) -> str:
    """The text of a paragraph; blanks and breaks are elements of their own."""
    text = part.text or ""
    for child in part:
        name = local_name(child)
        if name == "s":
            text += " " * min(int(child.get(f"{_TEXT}c", "1") or 1), 1000)
        elif name in ("tab", "line-break"):
            text += "\t" if name == "tab" else "\n"
        elif name not in _PASSED:
            text += _written(child)
        text += child.tail or ""
    return text


def _count(element: Element, name: str) -> int:
    written = element.get(f"{_TABLE}{name}", "1")
    return max(1, int(written)) if written.isdecimal() and len(written) < 10 else LAST_ROW + 1


def _within_cell(element: Element) -> bool:
    return any(local_name(above) == "table-cell" for above in element.iterancestors())


def _forget(element: Element) -> None:
    above = element.getparent()
    if above is not None:
        above.remove(element)
