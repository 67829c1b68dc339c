"""What a file really is that calls itself a workbook: field systems save HTML and CSV as .xls."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how an .xls starts, and a locked .xlsx
_LOOKED_AT = 1 << 16
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_OLDEST = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")  # Excel 2 to 4
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # bytes that no text has, but for UTF-16

_ODS_TYPE, _LONGEST_TYPE = b"application/vnd.oasis.opendocument.spreadsheet", 100

Fault = Callable[[str, str], SourceUnreadable]  # of a reason in English and Chinese
Words = tuple[str, str, str]  # kind to declare, what it is in English and in Chinese

_HTML = ("html", "an HTML page", " HTML 网页")
_XML = (
    "xml",
    "an XML file (the form of Excel 2003, perhaps)",
    " XML 文件（可能是 Excel 2003 格式）",
)
_CSV = ("csv", "text such as CSV", "文本（如 CSV）")
_XLS = ("xls", "an .xls of before 2007", " 2007 年以前的 .xls")
_XLSX = ("xlsx", "an Excel workbook (.xlsx)", " Excel 工作簿（.xlsx）")
_ODS = ("ods", "an OpenDocument spreadsheet (.ods)", " OpenDocument 电子表格（.ods）")


def refuse_others(path: Path, file: str, expected: str) -> None:
    """Stop at a file that is no workbook of the kind `expected`: xlsx, xls or ods.

    Raises SourceUnreadable: file_empty, workbook_locked, workbook_other where it is clear what it
    is, else format_invalid.
    """
    with path.open("rb") as source:
        start = source.read(_LOOKED_AT)
    if not start:
        raise SourceUnreadable(Issue("file_empty", file=file))
    if start.startswith(COMPOUND):
        found: Words | None = _compound(path, file)
    elif start.startswith(b"PK"):
        found = _zipped(path, fault_of(file, expected))
    else:
        found = _text(start)
    if found is not None and found[0] != expected:
        kind, reason, reason_zh = found
        params = {"format": f".{expected}", "kind": kind, "reason": reason, "reason_zh": reason_zh}
        raise SourceUnreadable(Issue("workbook_other", file=file, params=params))
    if found is None:
        raise fault_of(file, expected)(f"it isn't a whole .{expected}", f"不是完整的 .{expected}")


def fault_of(file: str, kind: str) -> Fault:
    """Makes what to raise for a file that isn't a whole workbook, of a reason in both languages."""

    def fault(reason: str, reason_zh: str) -> SourceUnreadable:
        params = {"format": kind, "reason": reason, "reason_zh": reason_zh}
        return SourceUnreadable(Issue("format_invalid", file=file, params=params))

    return fault


def _compound(path: Path, file: str) -> Words:
    """A workbook with a password is wrapped in the container that an .xls is."""
    with path.open("rb") as source:
        before = b""
        while block := source.read(1 << 20):
            if _LOCKED in before + block:
                raise SourceUnreadable(Issue("workbook_locked", file=file))
            before = block[-len(_LOCKED) :]
    return _XLS


def _zipped(path: Path, fault: Fault) -> Words | None:
    try:
        with ZipFile(path) as packed:
            names = {entry.filename.replace("\\", "/").lower() for entry in packed.infolist()}
            with packed.open("mimetype") if "mimetype" in names else BytesIO() as mimetype:
                told = mimetype.read(_LONGEST_TYPE)
    except (BadZipFile, ValueError, NotImplementedError, EOFError, zlib.error, RuntimeError):
        return None
    if "xl/workbook.xml" in names:
        return _XLSX
    if told.startswith(_ODS_TYPE):
        return _ODS
    raise fault("it is a zip of other files", "是其他文件的 zip 压缩包")


def _text(start: bytes) -> Words | None:
    if start.startswith(_OLDEST):
        return None
    if start.startswith(_MARKS[1:]):
        start = start.decode("utf-16", "replace").encode()
    elif _NO_TEXT.search(start):
        return None
    begin = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if begin.startswith(b"<?xml") and b"<html" not in begin:
        return _XML
    return _HTML if begin.startswith((b"<", b"mime-version")) else _CSV
