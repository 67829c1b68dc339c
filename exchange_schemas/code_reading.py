"""Reads the CSV file of a code list, and refuses one that contradicts itself."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

from exchange_schemas.code_list import Code, CodeList, code_list
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

COLUMNS = ("code", "title", "title_en", "valid_from", "valid_to")
SUCCESSORS = "succeeded_by"  # optional; codes joined by ;

Row = tuple[int, Code]  # the line of the file where it stands


def read_code_list(path: Path) -> CodeList:
    """The list of a file; its name is the file's.

    Raises Misdeclared (codelist_invalid), which names file, line, column and value.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_rows(path, csv.DictReader(file, strict=True)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        told = f"{type(error).__name__}: {error}"
        raise _refused(
            path, None, "", "", f"can't be read: {told}", f"无法读取：{told}"
        ) from error
    _refuse_overlaps(path, rows)
    _refuse_lost_successors(path, rows)
    return code_list(path.stem, [code for _, code in rows])


def _rows(path: Path, reader: csv.DictReader[str]) -> Iterator[Row]:
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        told = ", ".join(missing)
        raise _refused(path, 1, told, "", f"there is no column {told}", f"缺少列 {told}")
    for row in reader:
        yield reader.line_num, _code(path, reader.line_num, row)


def _code(path: Path, line: int, row: Mapping[str | None, str | None]) -> Code:
    cells = {name: text for name, text in row.items() if name is not None and text is not None}
    if len(cells) < len(row):
        text = "has more or fewer cells than the header"
        raise _refused(path, line, "", "", f"the row {text}", "该行的列数与表头不同")
    for name in ("code", "title"):
        if not cells[name] or cells[name] != cells[name].strip():
            text, zh = "is empty or has spaces around it", "为空，或首尾有空格"
            told = f"{name} {cells[name]}".strip()
            raise _refused(path, line, name, cells[name], f"{told} {text}", f"{told}{zh}")
    begin, end = (_day(path, line, name, cells[name]) for name in ("valid_from", "valid_to"))
    if begin and end and end < begin:
        text, zh = f"valid_to {end} is before valid_from", f"valid_to {end} 早于 valid_from"
        raise _refused(path, line, "valid_to", str(end), f"{text} {begin}", f"{zh} {begin}")
    later = tuple(name for name in cells.get(SUCCESSORS, "").split(";") if name)
    more = {n: text for n, text in cells.items() if text and n not in {*COLUMNS, SUCCESSORS}}
    return Code(cells["code"], cells["title"], cells["title_en"], begin, end, later, more)


def _day(path: Path, line: int, name: str, text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = None
    if text and (day is None or day.isoformat() != text):
        told, zh = f"{name} {text} isn't a day", f"{name} {text} 不是日期"
        raise _refused(path, line, name, text, f"{told} like 2026-01-31", f"{zh}，应如 2026-01-31")
    return day


def _refuse_overlaps(path: Path, rows: Sequence[Row]) -> None:
    """A code may stand in several rows, on days of their own: it was given up and used again."""
    told: dict[str, list[Row]] = {}
    for row in rows:
        told.setdefault(row[1].code, []).append(row)
    for name, same in told.items():
        ordered = sorted(same, key=lambda row: row[1].valid_from or date.min)
        for (first, earlier), (line, later) in pairwise(ordered):
            if (later.valid_from or date.min) <= (earlier.valid_to or date.max):
                text = f"code {name} is valid on the same days as on line {first}"
                zh = f"代码 {name} 与第 {first} 行的有效期重叠"
                raise _refused(path, line, "code", name, text, zh)


def _refuse_lost_successors(path: Path, rows: Sequence[Row]) -> None:
    known = {code.code for _, code in rows}
    for line, code in rows:
        for name in code.successors:
            if name not in known:
                text = f"{SUCCESSORS} {name} is no code of the list"
                zh = f"{SUCCESSORS} 中的 {name} 不在本表中"
                raise _refused(path, line, SUCCESSORS, name, text, zh)


def _refused(
    path: Path, line: int | None, column: str, value: str, reason: str, reason_zh: str
) -> Misdeclared:
    words = {"reason": reason, "reason_zh": reason_zh}
    return Misdeclared(
        Issue("codelist_invalid", line, column or None, value or None, str(path), words)
    )
