"""The header of a DBF table: its columns, where they stand in a record, and whether it is whole."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from dbfread.dbf import DBFField, DBFHeader

from adapters.artefact import Artefact
from adapters.csv_header import name_columns
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

FOXPRO = (0x30, 0x31, 0x32)  # versions whose type B is a number, elsewhere it is a memo
_READ = "CNFDLIYTBMGP"  # types of columns
_SYSTEM = "0"  # Visual FoxPro's own column, which says where others are null
_MOST = 65_535  # bytes of a header
_WIDTHS = {"I": 4, "Y": 8, "T": 8, "B": 8}  # bytes of numbers that aren't kept as text


@dataclass(frozen=True, slots=True)
class DbfColumn:
    """`start` and `stop` are bytes of the record, whose first byte says whether it is deleted."""

    name: str
    kind: str
    start: int
    stop: int
    memo: bool


@dataclass(frozen=True, slots=True)
class DbfHeader:
    """`length` is that of the header in bytes, `record` that of each of the `records`."""

    columns: tuple[DbfColumn, ...]
    length: int
    record: int
    records: int


def read_header(artefact: Artefact, codec: str) -> DbfHeader:
    """The header, once it fits the file.

    Raises SourceUnreadable: file_empty, format_invalid, column_duplicate.
    """
    with artefact.path.open("rb") as source:
        head = source.read(_MOST)
    if not head:
        raise SourceUnreadable(Issue("file_empty", file=artefact.name))
    try:
        told = DBFHeader.unpack(head[: DBFHeader.size])
        columns = _columns(head[: told.headerlen], told.dbversion, codec, artefact.name)
    except (struct.error, ValueError) as error:
        raise _fault(artefact.name, "it isn't a DBF table", "不是 DBF 表") from error
    if not columns or columns[-1].stop != told.recordlen:
        raise _fault(artefact.name, "its header is damaged", "表头已损坏")
    read = tuple(column for column in columns if column.kind != _SYSTEM)
    header = DbfHeader(read, told.headerlen, told.recordlen, told.numrecords)
    _check(header, told.encryption_flag, artefact)
    return header


def _columns(head: bytes, version: int, codec: str, file: str) -> tuple[DbfColumn, ...]:
    found: list[DbfColumn] = []
    at, start = DBFHeader.size, 1
    while at < len(head) and head[at] != 0x0D:
        field: Any = DBFField.unpack(head[at : at + DBFField.size])
        kind = field.type.decode("latin-1")
        # the length of a column of characters has its high byte where others have their decimals
        length = field.length | (field.decimal_count << 8 if kind == "C" else 0)
        name = field.name.split(b"\0")[0].decode(codec, "replace")
        memo = kind in "MGP" or (kind == "B" and version not in FOXPRO)
        found.append(DbfColumn(name, kind, start, start + length, memo))
        at, start = at + DBFField.size, start + length
    names = name_columns([column.name for column in found], 1, file)
    return tuple(
        DbfColumn(name, column.kind, column.start, column.stop, column.memo)
        for name, column in zip(names, found, strict=True)
    )


def _check(header: DbfHeader, encrypted: int, artefact: Artefact) -> None:
    """Compare what the header says with itself and with the file."""
    file = artefact.name
    for column in header.columns:
        if column.kind not in _READ:
            raise _fault(
                file,
                f"column {column.name} is of type {column.kind}, which isn't read",
                f"列 {column.name} 的类型 {column.kind} 无法读取",
            )
        width = 0 if column.memo else _WIDTHS.get(column.kind, 0)
        if width and width != column.stop - column.start:
            raise _fault(file, f"column {column.name} is damaged", f"列 {column.name} 已损坏")
    if encrypted:
        raise _fault(file, "it is encrypted", "已加密")
    size = artefact.path.stat().st_size - header.length
    room = size // header.record
    if room < header.records or (room > header.records and _more(header, artefact)):
        raise _fault(
            file,
            f"its header says {header.records:,} records and it holds {room:,}",
            f"表头写明 {header.records:,} 条记录，实际有 {room:,} 条",
        )


def _more(header: DbfHeader, artefact: Artefact) -> bool:
    """Whether a record stands where the header says that there is none."""
    with artefact.path.open("rb") as source:
        source.seek(header.length + header.record * header.records)
        start = source.read(1)
    return start in (b" ", b"*")


def _fault(file: str, reason: str, reason_zh: str) -> SourceUnreadable:
    params = {"format": "dbf", "reason": reason, "reason_zh": reason_zh}
    return SourceUnreadable(Issue("format_invalid", file=file, params=params))
