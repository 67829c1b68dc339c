"""Writes the files of the example feeds: `python -m tests.adapters.feed_examples [FOLDER]`.

Each file has the first records of its standard's own valid samples, written the way back through the feed's
declaration: a field's value goes to the column that the declaration takes it from.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt

from adapters.feeds import examples
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.check import VALID
from exchange_schemas.sample_check import read_samples
from exchange_schemas.standard import Field
from exchange_schemas.strict_yaml import read_strictly
from tests.adapters.dbf_writer import dbf

FOLDER = Path(str(examples.__file__)).parent
RECORDS = 6  # of the samples
Row = dict[str, Any]
Declaration = Mapping[str, Any]


def declarations() -> dict[str, Declaration]:
    """Feed → its declaration."""
    return {
        path.stem: read_strictly(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yml"))
    }


def records(told: Declaration) -> list[Row]:
    """What the file is to say: the samples' records, of the fields that the feed has."""
    folder = load_catalogue().folder(told["standard"])
    samples = [one for one, _ in read_samples(folder / VALID)][:RECORDS]
    return [{name: one[name] for name in told["fields"] if name in one} for one in samples]


def generate(folder: Path) -> list[Path]:
    """Writes each file; the same bytes every time."""
    paths = []
    for told in declarations().values():
        path = folder / told["source"]["path"]
        path.write_bytes(content(told))
        paths.append(path)
    return paths


def content(told: Declaration) -> bytes:
    """The file of one feed."""
    kind = told["format"]["kind"]
    fields = load_catalogue().get(told["standard"]).fields
    rows = [
        {
            _column(rule): _written(fields[name], one.get(name), kind)
            for name, rule in told["fields"].items()
            if _column(rule)
        }
        for one in records(told)
    ]
    return _WRITERS[kind](told, rows)


def _column(rule: Any) -> str:
    """The column that a rule takes; "" for a value that stands in the declaration."""
    if isinstance(rule, str):
        return rule
    return str(rule.get("from", ""))


def _written(field: Field, value: Any, kind: str) -> Any:
    """A value as the department writes it."""
    if kind in ("json", "jsonl"):
        return value
    if value is None:
        return ""
    days = _DAYS.get(kind, date.isoformat)
    written: dict[str, Callable[[Any], str]] = {
        "list": "；".join,
        "boolean": lambda one: "是" if one else "否",
        "date": lambda one: days(date.fromisoformat(one)),
        "datetime": lambda one: one if kind == "xml" else one[:19].replace("T", " "),
    }
    return written.get(field.kind, str)(value)


def _slashed(day: date) -> str:
    return f"{day.year}/{day.month}/{day.day}"


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _packed(day: date) -> str:
    return f"{day:%Y%m%d}"


_DAYS: dict[str, Callable[[date], str]] = {
    "csv": _slashed,
    "xls": _chinese,
    "html": _chinese,
    "fixed": _packed,
    "dbf": _packed,
}


def _csv(told: Declaration, rows: Sequence[Row]) -> bytes:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(one in text for one in ',"\n') else text

    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    text = "".join(",".join(map(cell, line)) + "\r\n" for line in lines)
    return text.encode(told["format"]["encoding"])


def _json(told: Declaration, rows: Sequence[Row]) -> bytes:
    document: Any = [
        {name: value for name, value in row.items() if value is not None} for row in rows
    ]
    if "total" in told["format"]:
        _, last = told["format"]["total"].split(".")
        document = {last: len(rows), "rows": document}
    for name in reversed(told["format"]["rows"].split(".")[:-1]):
        document = {"code": 0, name: document}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _jsonl(_told: Declaration, rows: Sequence[Row]) -> bytes:
    kept = [{name: value for name, value in row.items() if value is not None} for row in rows]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept).encode()


def _xml(told: Declaration, rows: Sequence[Row]) -> bytes:
    outer, inner = told["format"]["rows"].strip("/").split("/")
    lines = ['<?xml version="1.0" encoding="GB18030"?>', f"<{outer}>"]
    for row in rows:
        cells = "".join(
            f"<{name}>{escape(value)}</{name}>" for name, value in row.items() if value
        )
        lines.append(f"<{inner}>{cells}</{inner}>")
    return ("\n".join([*lines, f"</{outer}>"]) + "\n").encode("gb18030")


def _html(told: Declaration, rows: Sequence[Row]) -> bytes:
    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    table = [line(list(rows[0]), "th"), *(line(list(row.values()), "td") for row in rows)]
    title = told["title"]["zh"]
    page = (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{title}</title></head>'
    )
    return "\n".join([page + "<body><table>", *table, "</table></body></html>", ""]).encode()


def _titled(told: Declaration, rows: Sequence[Row]) -> list[list[str]]:
    """A title over the table, as workbooks have it, where the header is looked for."""
    title = [[told["title"]["zh"]], ["填报单位（盖章）："]] if "header" in told["format"] else []
    return [*title, list(rows[0]), *(list(row.values()) for row in rows)]


def _xlsx(told: Declaration, rows: Sequence[Row]) -> bytes:
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 11, 23, tzinfo=UTC)})
        sheet = book.add_worksheet("数据")
        for number, line in enumerate(_titled(told, rows)):
            for place, text in enumerate(line):
                if text:
                    sheet.write_string(number, place, text)
    return target.getvalue()


def _xls(told: Declaration, rows: Sequence[Row]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("数据")
    for number, line in enumerate(_titled(told, rows)):
        for place, text in enumerate(line):
            if text:
                sheet.write(number, place, text)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _fixed(told: Declaration, rows: Sequence[Row]) -> bytes:
    widths = told["format"]["widths"]
    lines = [
        b"".join(row[name].encode("gb18030").ljust(width) for name, width in widths.items())
        for row in rows
    ]
    assert all(len(line) == sum(widths.values()) for line in lines)
    return b"".join(line + b"\r\n" for line in lines)


def _dbf(_told: Declaration, rows: Sequence[Row]) -> bytes:
    columns = [
        (name, "C", max(1, *(len(row[name].encode("gb18030")) for row in rows)))
        for name in rows[0]
    ]
    return dbf(columns, [list(row.values()) for row in rows])


_WRITERS: dict[str, Callable[[Declaration, Sequence[Row]], bytes]] = {
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
    "xml": _xml,
    "html": _html,
    "xlsx": _xlsx,
    "xls": _xls,
    "fixed": _fixed,
    "dbf": _dbf,
}


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
