"""What a sheet's XML has and its values don't show: formulas, errors, hidden rows, its true extent.

The XML is also where a sheet is found out that would fill the memory: python-calamine lays a sheet
out as a rectangle and copies a text into every cell that has it, so that a workbook of 5 kB with
one cell in A1 and one in XFD1048576 takes 512 GB, and one of 200 kB can hold 1 GB of text.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from adapters.workbook_strings import TEXT, text_sizes
from adapters.workbook_styles import timed_styles
from adapters.workbook_zip import Package, check_size
from adapters.xml_elements import Element, local_name
from exchange_schemas.errors import SourceUnreadable

POSITIONS = 64 << 20  # cells of the rectangle around all that have something, at 32 bytes each
LAST_ROW, LAST_COLUMN, LAST_LETTERS = 1 << 20, 1 << 14, "XFD"  # of any sheet

Place = tuple[int, int]  # row and column


@dataclass(slots=True)
class Marks:
    """Rows and columns count from 1.

    `rows` is the last row that the XML mentions, be it empty. `hidden` are rows in order. `formulas`
    maps a row to the columns with a formula, `uncached` has the formulas without a stored result,
    `errors` what stands in cells such as #N/A, `midnights` the dates that are shown with 00:00.
    """

    rows: int = 0
    hidden: array[int] = field(default_factory=lambda: array("L"))
    formulas: dict[int, array[int]] = field(default_factory=dict)
    uncached: set[Place] = field(default_factory=set)
    errors: dict[Place, str] = field(default_factory=dict)
    midnights: set[Place] = field(default_factory=set)


def read_marks(package: Package, part: str) -> Marks:
    """The marks of the sheet in this part.

    Raises SourceUnreadable: format_invalid (also where rows or cells aren't in order),
    workbook_too_large.
    """
    reader = _Reader(package, text_sizes(package, part), timed_styles(package))
    for element in package.elements(part, "row", "f", "sheetData"):
        name = local_name(element)
        if name == "sheetData":  # what follows is about looks and printing
            break
        if name == "f":
            reader.formulas.add(element.getparent())
        else:
            reader.take_row(element)
            element.getparent().remove(element)
    check_size(package.file, ("cells", "个单元格"), reader.positions, POSITIONS)
    return reader.marks


class _Reader:
    """Goes through a sheet row by row; a million rows of twenty cells make every step count."""

    def __init__(self, package: Package, sizes: array[int], timed: frozenset[str]) -> None:
        self._package, self._sizes, self._timed = package, sizes, timed
        self.marks = Marks()
        self.formulas: set[Element] = set()  # cells of the present row
        self._layouts: dict[tuple[str, ...], list[int]] = {}  # columns of a row that was seen
        self._rows: list[int] = []  # first and last with anything
        self._left, self._right = 1 << 20, 0
        self._text = 0

    @property
    def positions(self) -> int:
        """Cells of the rectangle around all that have something."""
        if not self._rows:
            return 0
        return (self._rows[-1] - self._rows[0] + 1) * (self._right - self._left + 1)

    def take_row(self, row: Element) -> None:
        """One row, with all of its cells."""
        marks = self.marks
        number = marks.rows = self._number(row.get("r"))
        if row.get("hidden") in ("1", "true"):
            marks.hidden.append(number)
        cells = list(row)
        columns = self._columns(cells, number)
        self._extend(number, cells, columns)
        kinds = [cell.get("t") for cell in cells]
        if self.formulas or "e" in kinds:
            for cell, kind, column in zip(cells, kinds, columns, strict=True):
                self._mark(cell, kind, (number, column))
            self.formulas.clear()
        if self._timed:
            self._find_midnights(zip(cells, kinds, columns, strict=True), number)
        if self._sizes:
            self._add_texts(cell for cell, kind in zip(cells, kinds, strict=True) if kind == "s")

    def _number(self, written: str | None) -> int:
        """The row's number, which must be after the one before; without one it follows that."""
        before = self.marks.rows
        if written is None:
            return before + 1
        number = int(written) if written.isdecimal() and len(written) <= len(str(LAST_ROW)) else 0
        if not before < number <= LAST_ROW:
            raise self._disorder(f"row {written}", f"第 {written} 行")
        return number

    def _columns(self, cells: list[Element], row: int) -> list[int]:
        """The cells' columns, each behind the one before."""
        names = [cell.get("r") for cell in cells]
        if None in names:
            return self._counted(names, row)
        digits = str(row)
        size = len(digits)
        letters = tuple([name[:-size] for name in names])
        if [name[-size:] for name in names].count(digits) < len(names):
            raise self._disorder(f"a cell of row {row}", f"第 {row} 行的单元格")
        if letters not in self._layouts:
            self._layouts[letters] = self._counted(names, row)
        return self._layouts[letters]

    def _counted(self, names: list[str | None], row: int) -> list[int]:
        """As `_columns`; a cell without a name follows the one before."""
        columns: list[int] = []
        for name in names:
            before = columns[-1] if columns else 0
            letters = name.removesuffix(str(row)) if name else column_letters(before + 1)
            known = letters.isascii() and letters.isalpha() and len(letters) <= len(LAST_LETTERS)
            column = column_number(letters) if known else 0
            if not before < column <= LAST_COLUMN:
                raise self._disorder(f"cell {name}", f"单元格 {name}")
            columns.append(column)
        return columns

    def _extend(self, row: int, cells: list[Element], columns: list[int]) -> None:
        """Make the rectangle hold the row's cells, but for the ones at its ends with only a colour."""
        first, last = 0, len(cells) - 1
        while first <= last and not len(cells[first]):
            first += 1
        while last > first and not len(cells[last]):
            last -= 1
        if first <= last:
            self._rows = [*self._rows[:1], row]
            self._left = min(self._left, columns[first])
            self._right = max(self._right, columns[last])

    def _mark(self, cell: Element, kind: str | None, place: Place) -> None:
        if kind == "e":
            self.marks.errors[place] = _value(cell)
        if cell in self.formulas:
            row, column = place
            self.marks.formulas.setdefault(row, array("L")).append(column)
            if kind != "str" and not _value(cell):  # a formula may give the empty text
                self.marks.uncached.add(place)

    def _find_midnights(self, cells: Iterable[tuple[Element, str | None, int]], row: int) -> None:
        for cell, kind, column in cells:
            timed = cell.get("s") in self._timed and kind in (None, "n")
            if timed and _value(cell).isdecimal():  # a whole number of days
                self.marks.midnights.add((row, column))

    def _add_texts(self, cells: Iterator[Element]) -> None:
        numbers = [_value(cell) for cell in cells]
        known = [int(number) for number in numbers if number.isdecimal() and len(number) < 10]
        self._text += sum(self._sizes[number] for number in known if number < len(self._sizes))
        check_size(self._package.file, ("MB", "MB"), self._text >> 20, TEXT >> 20)

    def _disorder(self, place: str, place_zh: str) -> SourceUnreadable:
        return self._package.fault(f"{place[:40]} is out of place", f"{place_zh[:40]} 位置不对")


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """1 → A, 26 → Z, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _value(cell: Element) -> str:
    return "".join(child.text or "" for child in cell if local_name(child) == "v")
