"""The cells of one sheet of an .xls: which have formulas or errors, and how much memory all take."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.sheet import Marks, Place

_HIDDEN = 0x20  # flag of a row without height
_IS_ERROR = 2  # kind of a formula's result
_PLACE = struct.Struct("<HHH")  # row, column, style: how every cell begins
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A",
}  # fmt: skip


@dataclass(slots=True)
class XlsSheet:
    """`box` is the rectangle around all cells with values: rows and columns, first and last.

    `text` counts the bytes of the texts that its cells name.
    """

    marks: Marks = field(default_factory=Marks)
    box: list[int] = field(default_factory=list)
    text: int = 0

    @property
    def positions(self) -> int:
        """Cells of the rectangle."""
        if not self.box:
            return 0
        top, left, bottom, right = self.box
        return (bottom - top + 1) * (right - left + 1)


class XlsCells:
    """Takes a sheet's records, each by the place of its content in the stream."""

    def __init__(
        self, stream: bytearray, sizes: array[int], timed: frozenset[int], found: XlsSheet
    ) -> None:
        self._stream, self._sizes, self._timed, self._found = stream, sizes, timed, found
        #: Kind of record → what takes it: start and end of its content.
        self.takers: Mapping[int, Callable[[int, int], None]] = {
            0x0006: self._formula,
            0x00BD: self._several,  # numbers side by side
            0x00E5: self._merged,
            0x00FD: self._shared,  # a text of the table of shared ones
            0x0203: self._plain,  # number
            0x0204: self._plain,  # text of its own
            0x0205: self._boolean,
            0x0208: self._row,
            0x027E: self._plain,  # number in four bytes
        }

    def _cell(self, at: int) -> Place:
        row, column, style = _PLACE.unpack_from(self._stream, at)
        self._note(row, column, style)
        return row + 1, column + 1

    def _note(self, row: int, column: int, style: int) -> None:
        if style in self._timed:
            self._found.marks.midnights.add((row + 1, column + 1))
        box = self._found.box
        if not box:
            box += [row, column, row, column]
        box[0], box[2] = min(box[0], row), max(box[2], row)
        box[1], box[3] = min(box[1], column), max(box[3], column)

    def _plain(self, at: int, _end: int) -> None:
        self._cell(at)

    def _shared(self, at: int, _end: int) -> None:
        self._cell(at)
        (number,) = struct.unpack_from("<L", self._stream, at + 6)
        self._found.text += self._sizes[number] if number < len(self._sizes) else 0

    def _several(self, at: int, end: int) -> None:
        row, first = struct.unpack_from("<HH", self._stream, at)
        for column, start in enumerate(range(at + 4, end - 6, 6), first):
            (style,) = struct.unpack_from("<H", self._stream, start)
            self._note(row, column, style)

    def _boolean(self, at: int, _end: int) -> None:
        place = self._cell(at)
        value, error = self._stream[at + 6], self._stream[at + 7]
        if error:
            self._found.marks.errors[place] = _ERRORS.get(value, f"#{value}")

    def _formula(self, at: int, _end: int) -> None:
        row, column = self._cell(at)
        self._found.marks.formulas.setdefault(row, array("L")).append(column)
        result = self._stream[at + 6 : at + 14]
        if result[6:] == b"\xff\xff" and result[0] == _IS_ERROR:
            self._found.marks.errors[row, column] = _ERRORS.get(result[2], f"#{result[2]}")

    def _row(self, at: int, _end: int) -> None:
        number, flags = struct.unpack_from("<H10xH", self._stream, at)
        marks = self._found.marks
        marks.rows = max(marks.rows, number + 1)
        if flags & _HIDDEN:
            marks.hidden.append(number + 1)

    def _merged(self, at: int, _end: int) -> None:
        (count,) = struct.unpack_from("<H", self._stream, at)
        ranges = struct.iter_unpack("<HHHH", self._stream[at + 2 : at + 2 + 8 * count])
        self._found.marks.merged += [(a + 1, c + 1, b + 1, d + 1) for a, b, c, d in ranges]
