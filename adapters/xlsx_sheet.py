"""The rows of a sheet of an .xlsx, read from its XML piece by piece, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from adapters.prefetch import prefetch
from adapters.sheet import Block, Marks, Range, column_number
from adapters.workbook_zip import Package, check_size
from adapters.xlsx_blocks import Maker, Shared, TextMissing
from adapters.xlsx_pieces import Pieces, pieces_of
from adapters.xlsx_scan import scan_rows
from adapters.xlsx_tokens import Disorder, Tokens, parse_rows
from adapters.xml_elements import XmlFault, elements
from exchange_schemas.errors import SourceUnreadable

TEXT = 2 << 30  # bytes of all cells' texts together

_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
_LEAST_CELL = 20  # bytes of XML that a cell takes


class SheetRows:
    """`marks` fill up as the blocks are read; only what is merged is known from the start.

    A block is made of about `size` bytes of XML. Raises SourceUnreadable (format_invalid).
    """

    def __init__(self, package: Package, part: str, shared: Shared, size: int) -> None:
        self._package, self._part, self._size = package, part, size
        self.marks = Marks()
        self._maker = Maker(shared, self.marks)
        self._pieces = pieces_of(package.blocks(part))
        self.marks.merged += self._merged(self._pieces)

    def blocks(self) -> Iterator[Block]:
        """The rows; raises SourceUnreadable: format_invalid, workbook_too_large."""
        try:
            for tokens in prefetch(self._tokens()):
                yield from self._maker.blocks(tokens)
                found = self._maker.text >> 20
                check_size(self._package.file, ("MB", "MB"), found, TEXT >> 20)
        except Disorder as disorder:
            place, place_zh = disorder.words
            raise self._package.fault(
                f"{place} is out of place", f"{place_zh} 位置不对"
            ) from disorder
        except TextMissing as missing:
            reason = ("a cell names a text that isn't there", "单元格引用的文本不存在")
            raise self._package.fault(*reason) from missing
        except XmlFault as fault:
            raise self._of_part(fault) from fault

    def _tokens(self) -> Iterator[Tokens]:
        line, most = 0, self._size // _LEAST_CELL
        if self._pieces is None:
            yield from parse_rows(self._package.elements(self._part, "row"), 0, most)
            return
        blocks = prefetch(self._package.blocks(self._part))
        for piece in self._pieces.rows(blocks, self._size):
            scanned = scan_rows(piece)
            if scanned is not None and scanned.lines[0] > line:
                found: Iterator[Tokens] = iter([scanned])
            else:
                found = parse_rows(elements(self._pieces.whole(piece), "row"), line, most)
            for tokens in found:
                yield tokens
                line = int(tokens.lines[-1])

    def _merged(self, pieces: Pieces | None) -> list[Range]:
        """The merged ranges, which the XML has behind the rows."""
        if pieces is None:
            cells = self._package.elements(self._part, "row", "mergeCell")
        else:
            cells = elements(
                chain([pieces.head], pieces.tail(self._package.blocks(self._part))), "mergeCell"
            )
        found: list[Range] = []
        try:
            for cell in cells:
                found += merged_range(cell.get("ref", ""))
                cell.getparent().remove(cell)
        except XmlFault as fault:
            raise self._of_part(fault) from fault
        return sorted(found)

    def _of_part(self, fault: XmlFault) -> SourceUnreadable:
        reason, reason_zh = fault.words
        return self._package.fault(f"{self._part}: {reason}", f"{self._part}：{reason_zh}")


def merged_range(written: str) -> list[Range]:
    """The range `A1:B2`; none where it is something else."""
    found = _RANGE.fullmatch(written.replace("$", ""))
    if found is None:
        return []
    left, top, right, bottom = found.groups()
    return [(int(top), column_number(left), int(bottom), column_number(right))]
