"""How much text a workbook's cells hold: each names a shared text by its number, and many may name
one that is long."""

from __future__ import annotations

from array import array
from itertools import chain

from adapters.workbook_zip import Package

TEXT = 2 << 30  # bytes of all cells' texts together

_PART = "xl/sharedstrings.xml"
_LEAST_CELL = 20  # bytes of XML that a cell with a shared text takes
_END = b"</si>"
_ODD = (b"<!", b":si")  # CDATA, comments and prefixes: legal, and hardly ever written
_LONGEST = 1 << 20  # bytes of one text that are looked through without a parser


def text_sizes(package: Package, part: str) -> array[int]:
    """Bytes of every shared text, or a little more, if the sheet's cells could hold more than `TEXT`.

    Else it is empty, and nothing has to be added up. Raises SourceUnreadable (format_invalid).
    """
    strings, sheet = package.parts.get(_PART), package.parts.get(part.lower())
    cells = sheet.file_size // _LEAST_CELL if sheet else 0
    if strings is None or cells * strings.file_size <= TEXT:
        return array("L")
    sizes = _quick_sizes(package)
    if sizes is None:
        sizes = _exact_sizes(package)
    return sizes if cells * max(sizes, default=0) > TEXT else array("L")


def _quick_sizes(package: Package) -> array[int] | None:
    """The sizes with their marks-up, found without a parser: twenty times as fast.

    None where it can't be told for sure where a text ends.
    """
    sizes, rest = array("L"), b""
    for block in chain(package.blocks(_PART), [b""]):
        rest += block
        head, end, tail = rest.rpartition(_END)
        if any(odd in rest for odd in _ODD) or head.count(_END[:-1]) != head.count(_END):
            return None
        if end:
            sizes.extend(map(len, head.split(_END)))
            rest = tail
        if len(rest) > _LONGEST:
            return None
    return sizes if sizes and _END[:-1] not in rest else None


def _exact_sizes(package: Package) -> array[int]:
    sizes = array("L")
    for text in package.elements(_PART, "si"):
        sizes.append(sum(len(piece.encode()) for piece in text.itertext()))
        text.getparent().remove(text)
    return sizes
