"""The parts of a workbook: an .xlsx, .xlsm or .ods is a zip of XML parts, and may be meant to harm.

Nothing that the zip says of itself is believed: what is unpacked is counted.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from adapters.workbook_kind import fault_of, refuse_others
from adapters.xml_elements import Element, XmlFault, elements
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

UNPACKED = 2 << 30  # bytes of all parts; a sheet of 1,000,000 rows and 20 columns has about 1 GB
_BLOCK = 1 << 18
_ENCRYPTED = 1  # bit of a zip entry's flags
_LOCAL = struct.Struct("<26xHH")  # of a part's own header: lengths of its name and extra field


@dataclass(frozen=True, slots=True)
class Package:
    """`parts` are the zip's entries by their names in lower case; `file` and `kind` are for messages."""

    path: Path
    file: str
    kind: str
    parts: dict[str, ZipInfo]

    def blocks(self, part: str) -> Iterator[bytes]:
        """The part's bytes, unpacked; raises SourceUnreadable (format_invalid)."""
        info = self.parts.get(part.lower())
        if info is None:
            raise self.fault(f"it has no {part}", f"其中没有 {part}")
        yield from self._unpack(info)

    def elements(self, part: str, *names: str) -> Iterator[Element]:
        """The part's elements with these names; raises SourceUnreadable (format_invalid)."""
        try:
            yield from elements(self.blocks(part), *names)
        except XmlFault as fault:
            reason, reason_zh = fault.words
            raise self.fault(f"{part}: {reason}", f"{part}：{reason_zh}") from fault

    def fault(self, reason: str, reason_zh: str) -> SourceUnreadable:
        """What to raise for a file that isn't a whole workbook."""
        return fault_of(self.file, self.kind)(reason, reason_zh)

    def _unpack(self, info: ZipInfo) -> Iterator[bytes]:
        size = 0
        try:
            with self.path.open("rb") as source:
                for block in _inflate(source, info):
                    size += len(block)
                    if size > info.file_size:
                        break
                    yield block
        except (zlib.error, struct.error) as error:
            raise self.fault(f"{info.filename} is damaged", f"{info.filename} 已损坏") from error
        if size != info.file_size:
            raise self.fault(
                f"{info.filename} isn't as long as it says", f"{info.filename} 的长度与声明不符"
            )


def open_package(path: Path, file: str, kind: str = "xlsx") -> Package:
    """The workbook at `path`; `file` is its name for messages.

    Raises SourceUnreadable: file_empty, workbook_locked, workbook_too_large, workbook_other,
    format_invalid.
    """
    refuse_others(path, file, kind)
    with ZipFile(path) as packed:
        entries = packed.infolist()
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise SourceUnreadable(Issue("workbook_locked", file=file))
    check_size(file, ("MB", "MB"), sum(entry.file_size for entry in entries) >> 20, UNPACKED >> 20)
    package = Package(path, file, kind, {_part(entry): entry for entry in entries})
    if len(package.parts) < len(entries):
        raise package.fault("it has a part twice", "其中有重名的部分")
    return package


def check_size(file: str, units: tuple[str, str], found: int, most: int) -> None:
    """Raise SourceUnreadable (workbook_too_large) where `found` is more than `most`.

    `units` say what is counted, in English and Chinese.
    """
    if found > most:
        unit, unit_zh = units
        params = {
            "found": f"{found:,} {unit}",
            "found_zh": f"{found:,} {unit_zh}",
            "expected": f"{most:,} {unit}",
            "expected_zh": f"{most:,} {unit_zh}",
        }
        raise SourceUnreadable(Issue("workbook_too_large", file=file, params=params))


def _part(entry: ZipInfo) -> str:
    return entry.filename.replace("\\", "/").lower()


def _inflate(source: BinaryIO, info: ZipInfo) -> Iterator[bytes]:
    """Blocks of the entry, none longer than `_BLOCK`; raises zlib.error, struct.error."""
    source.seek(info.header_offset)
    name, extra = _LOCAL.unpack(source.read(_LOCAL.size))
    source.seek(name + extra, 1)
    left = info.compress_size
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    while left > 0 and (block := source.read(min(left, _BLOCK))):
        left -= len(block)
        if info.compress_type == ZIP_STORED:
            yield block
            continue
        if info.compress_type != ZIP_DEFLATED:
            raise zlib.error(f"method {info.compress_type}")
        while block:
            yield unpacker.decompress(block, _BLOCK)
            block = unpacker.unconsumed_tail
    if info.compress_type == ZIP_DEFLATED:
        yield unpacker.flush()
