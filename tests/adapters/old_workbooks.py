"""Workbooks of before 2007 and OpenDocument spreadsheets, made for one test."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def xls(fill: Callable[[Any, Any], None], *names: str) -> bytes:
    """What `fill(book, first sheet)` makes; the sheets have these names, or one is called 数据."""
    book = xlwt.Workbook(encoding="utf-8")
    sheets = [book.add_sheet(name, cell_overwrite_ok=True) for name in names or ("数据",)]
    fill(book, sheets[0])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def xls_table(*rows: Sequence[Any]) -> bytes:
    """An .xls with these rows."""
    return xls(lambda _book, sheet: write_xls(sheet, rows))


def write_xls(sheet: Any, rows: Sequence[Sequence[Any]]) -> None:
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    moment = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss")
    plain = xlwt.easyxf()
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is None:
                continue
            timed = isinstance(value, datetime)
            style = moment if timed else day if isinstance(value, date) else plain
            sheet.write(number, place, value, style)


def ods_table(*rows: Sequence[Any], sheet: str = "数据") -> bytes:
    """An .ods with these rows, as odfpy writes it."""
    book = OpenDocumentSpreadsheet()
    table = Table(name=sheet)
    for row in rows:
        line = TableRow()
        for value in row:
            line.addElement(_cell(value))
        table.addElement(line)
    book.spreadsheet.addElement(table)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cell(value: Any) -> Any:
    if value is None or value == "":
        return TableCell()
    if isinstance(value, bool):
        return TableCell(valuetype="boolean", booleanvalue=str(value).lower())
    if isinstance(value, int | float):
        return TableCell(valuetype="float", value=repr(value))
    if isinstance(value, date):
        return TableCell(valuetype="date", datevalue=value.isoformat())
    cell = TableCell(valuetype="string")
    for line in value.split("\n"):
        cell.addElement(P(text=line))
    return cell


def ods_xml(rows: str, before: str = "", names: Sequence[str] = ("数据",), **parts: str) -> bytes:
    """An .ods whose first sheet has these rows as XML; `parts` are further ones."""
    tables = "".join(
        f'<table:table table:name="{name}">{rows if k == 0 else ""}</table:table>'
        for k, name in enumerate(names)
    )
    content = (
        f'{before}<office:document-content xmlns:office="{_OFFICE}" xmlns:table="{_TABLE}"'
        f' xmlns:text="{_TEXT}" xmlns:calcext="urn:org:documentfoundation:names:experimental:'
        f'calc:xmlns:calcext:1.0"><office:body><office:spreadsheet>{tables}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", TYPE)
        made.writestr("content.xml", content)
        for name, xml in parts.items():
            made.writestr(name.replace("__", "/") + ".xml", xml)
    return target.getvalue()


def cells(*values: str, row: str = "") -> str:
    """A row of ODS with these texts; `row` are its attributes."""
    return f"<table:table-row {row}>{''.join(map(cell, values))}</table:table-row>"


def cell(value: str, more: str = "") -> str:
    """A cell with this text; `more` are its attributes."""
    kind = 'office:value-type="string"' if value else ""
    text = f"<text:p>{value}</text:p>" if value else ""
    return f"<table:table-cell {kind} {more}>{text}</table:table-cell>"
