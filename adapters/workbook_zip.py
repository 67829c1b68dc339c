"""The parts of a workbook: an .xlsx or .xlsm is a zip of XML parts, and may be meant to harm.

Nothing that the zip says of itself is believed: every part is unpacked once and counted before
another reader touches the file.
"""

from __future__ import annotations

import mmap
import posixpath
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from adapters.xml_elements import Element, XmlFault, elements
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

UNPACKED = 2 << 30  # bytes of all parts; a sheet of 1,000,000 rows and 20 columns has about 1 GB
_BLOCK = 1 << 18
_WORKBOOK = "xl/workbook.xml"
_ENCRYPTED = 1  # bit of a zip entry's flags
_LOCAL = struct.Struct("<26xHH")  # of a part's own header: lengths of its name and extra field

# Before .xlsx there was .xls, and a workbook with a password is wrapped in the same container.
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Package:
    """`parts` are the zip's entries by their names in lower case; `file` is for messages."""

    path: Path
    file: str
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

    def sheets(self) -> dict[str, str]:
        """Name → part of every worksheet, in the workbook's order."""
        targets = {}
        for one in self.elements("xl/_rels/workbook.xml.rels", "Relationship"):
            if one.get("Type", "").endswith("/worksheet"):  # not a sheet that is a chart
                target = posixpath.join("/xl", one.get("Target", ""))
                targets[one.get("Id")] = posixpath.normpath(target).lstrip("/")
        found = {}
        for sheet in self.elements(_WORKBOOK, "sheet"):
            ids = [value for name, value in sheet.attrib.items() if name.endswith("}id")]
            if ids and ids[0] in targets:
                found[str(sheet.get("name"))] = targets[ids[0]]
        return found

    def fault(self, reason: str, reason_zh: str) -> SourceUnreadable:
        """What to raise for a file that isn't a whole workbook."""
        return _invalid(self.file, reason, reason_zh)

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


def open_package(path: Path, file: str) -> Package:
    """The workbook at `path`, all of its parts unpacked once; `file` is its name for messages.

    Raises SourceUnreadable: file_empty, workbook_locked, workbook_too_large, format_invalid.
    """
    _refuse_others(path, file)
    try:
        with ZipFile(path) as packed:
            entries = packed.infolist()
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise _invalid(file, "it isn't a whole .xlsx", "不是完整的 .xlsx") from error
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise SourceUnreadable(Issue("workbook_locked", file=file))
    check_size(file, ("MB", "MB"), sum(entry.file_size for entry in entries) >> 20, UNPACKED >> 20)
    package = Package(path, file, {_part(entry): entry for entry in entries})
    if _WORKBOOK not in package.parts:
        raise package.fault("it isn't an Excel workbook (.xlsx)", "不是 Excel 工作簿（.xlsx）")
    if len(package.parts) < len(entries):
        raise package.fault("it has a part twice", "其中有重名的部分")
    for part in package.parts:
        for _ in package.blocks(part):
            pass
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


def _refuse_others(path: Path, file: str) -> None:
    """Files that Excel opens too: with a password, or in its form of before 2007."""
    with path.open("rb") as source:
        start = source.read(len(_COMPOUND))
        if not start:
            raise SourceUnreadable(Issue("file_empty", file=file))
        if start != _COMPOUND:
            return
        with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as content:
            locked = content.find(_LOCKED) >= 0
    if locked:
        raise SourceUnreadable(Issue("workbook_locked", file=file))
    raise _invalid(file, "it is an .xls of before 2007", "是 2007 年以前的 .xls")


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


def _invalid(file: str, reason: str, reason_zh: str) -> SourceUnreadable:
    params = {"format": "xlsx", "reason": reason, "reason_zh": reason_zh}
    return SourceUnreadable(Issue("format_invalid", file=file, params=params))
