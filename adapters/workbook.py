"""An .xlsx or .xlsm: its sheets, and what they share."""

from __future__ import annotations

import posixpath
from pathlib import Path

from adapters.sheet import Sheet
from adapters.workbook_styles import style_kinds
from adapters.workbook_zip import Package, open_package
from adapters.xlsx_blocks import Shared
from adapters.xlsx_sheet import SheetRows
from adapters.xlsx_strings import shared_texts
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

_WORKBOOK = "xl/workbook.xml"


def sheet_names(path: Path, file: str) -> list[str]:
    """The workbook's sheets in their order; raises SourceUnreadable as `open_sheet` does."""
    return Workbook(path, file).names


def open_sheet(path: Path, file: str, name: str) -> Sheet:
    """The sheet with this name; `file` is the workbook's name for messages.

    Raises SourceUnreadable: file_empty, workbook_locked, workbook_too_large, workbook_other,
    format_invalid, sheet_missing.
    """
    return Workbook(path, file).sheet(name)


class Workbook:
    """An .xlsx that was looked through; opening it raises as `workbook_zip.open_package`."""

    def __init__(self, path: Path, file: str) -> None:
        self._package = open_package(path, file)
        self._parts = _parts(self._package)
        self._shared: Shared | None = None

    @property
    def names(self) -> list[str]:
        """The sheets in their order; those that are charts don't count."""
        return list(self._parts)

    def sheet(self, name: str, size: int = 1 << 20) -> Sheet:
        """The sheet with this name; a block is made of about `size` bytes of XML.

        Raises SourceUnreadable: sheet_missing, format_invalid.
        """
        if name not in self._parts:
            params = {"found": "、".join(self._parts)}
            issue = Issue("sheet_missing", value=name, file=self._package.file, params=params)
            raise SourceUnreadable(issue)
        if self._shared is None:
            strings, styles = shared_texts(self._package), style_kinds(self._package)
            self._shared = Shared(strings, styles, _counts_from_1904(self._package))
        rows = SheetRows(self._package, self._parts[name], self._shared, size)
        return Sheet(name, rows.marks, rows.blocks)


def _parts(package: Package) -> dict[str, str]:
    """Name → part of every worksheet, in the workbook's order."""
    targets = {}
    for one in package.elements("xl/_rels/workbook.xml.rels", "Relationship"):
        if one.get("Type", "").endswith("/worksheet"):  # not a sheet that is a chart
            target = posixpath.join("/xl", one.get("Target", ""))
            targets[one.get("Id")] = posixpath.normpath(target).lstrip("/")
    found = {}
    for sheet in package.elements(_WORKBOOK, "sheet"):
        ids = [value for name, value in sheet.attrib.items() if name.endswith("}id")]
        if ids and ids[0] in targets:
            found[str(sheet.get("name"))] = targets[ids[0]]
    return found


def _counts_from_1904(package: Package) -> bool:
    for told in package.elements(_WORKBOOK, "workbookPr"):
        return told.get("date1904") in ("1", "true")
    return False
