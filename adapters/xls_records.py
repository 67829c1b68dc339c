"""What an .xls (BIFF 5 and 8) says of its sheets besides values: hidden rows, formulas, errors, merged
cells, and how much memory its cells will take.

python-calamine doesn't tell these, and reads every sheet of the file before one can be asked for.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.workbook_styles import MOMENT, shown_kind
from adapters.xls_cells import XlsCells, XlsSheet
from adapters.xls_texts import sst_sizes

_BOF, _EOF = 0x0809, 0x000A
_BOUNDSHEET, _SST, _FILEPASS, _FORMAT, _XF = 0x0085, 0x00FC, 0x002F, 0x041E, 0x00E0
_UNWANTED = (0x0200, 0x0017, 0x0018)  # dimensions, foreign sheets, names of formulas
_NOTHING = b"\xff\x7f"
_BUILT_IN = 22  # number of the one format with date and time that isn't written out


class Locked(Exception):
    """The workbook is encrypted."""


def read_records(stream: bytearray) -> list[XlsSheet]:
    """Every sheet in the workbook's order, charts too.

    Records that would mislead python-calamine are made void in `stream`: the values of charts on a
    sheet, which it takes for cells, sizes that it believes, and named formulas.

    Raises Locked; ValueError and struct.error where the stream is damaged.
    """
    starts: list[int] = []
    reader = _Reader()
    for kind, start, end in _records(stream, 0):
        if kind == _FILEPASS:
            raise Locked
        if kind in _UNWANTED:
            _void(stream, start)
        if kind == _BOUNDSHEET:
            starts.append(struct.unpack_from("<L", stream, start)[0])
        elif kind == _SST:
            reader.sizes = sst_sizes(stream, start, end)
        elif kind == _FORMAT:
            reader.take_format(stream[start:end])
        elif kind == _XF:
            reader.styles.append(struct.unpack_from("<H", stream, start + 2)[0])
    return [reader.sheet(stream, start) for start in starts]


def _void(stream: bytearray, start: int) -> None:
    """Give the record whose content is at `start` a kind that nobody knows."""
    stream[start - 4 : start - 2] = _NOTHING


def _records(stream: bytearray, at: int) -> Iterator[tuple[int, int, int]]:
    """(kind, start and end of content) up to the end of the part that begins at `at`."""
    depth = 0
    size = len(stream)
    head = struct.Struct("<HH").unpack_from
    while at + 4 <= size:
        kind, length = head(stream, at)
        at += 4
        if at + length > size:
            raise ValueError("a record is cut short")
        depth += kind == _BOF
        if depth > 1:  # the charts of a sheet
            _void(stream, at)
        elif kind == _EOF:
            return
        elif kind != _BOF:
            yield kind, at, at + length
        depth -= kind == _EOF
        at += length
    raise ValueError("it has no end")


@dataclass(slots=True)
class _Reader:
    sizes: array[int] = field(default_factory=lambda: array("L"))
    styles: list[int] = field(default_factory=list)  # number of the format of each
    timed: set[int] = field(default_factory=lambda: {_BUILT_IN})

    def take_format(self, content: bytearray) -> None:
        """A number format: those with date and time are noted."""
        number, length = struct.unpack_from("<HH", content)
        wide = len(content) >= 5 + 2 * length
        text = content[5:].decode("utf-16-le" if wide else "latin-1", "replace")
        if shown_kind(text) == MOMENT:
            self.timed.add(number)

    def sheet(self, stream: bytearray, start: int) -> XlsSheet:
        """The sheet whose records begin at `start`."""
        found = XlsSheet()
        timed = {place for place, number in enumerate(self.styles) if number in self.timed}
        takers = XlsCells(stream, self.sizes, frozenset(timed), found).takers
        for kind, at, end in _records(stream, start):
            if kind in _UNWANTED:
                _void(stream, at)
            elif kind in takers:
                takers[kind](at, end)
        found.marks.hidden = array("L", sorted(set(found.marks.hidden)))
        found.marks.merged.sort()
        return found
