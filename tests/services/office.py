"""A spreadsheet as LibreOffice reads it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from tests.services.needs import require

_NS = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What LibreOffice shows: `kind` is string, float, date … or "" for an empty cell."""

    kind: str
    text: str
    value: str | None
    formula: str | None


def opened(source: Path, folder: Path, *options: str) -> list[list[Cell]]:
    """The rows of the first sheet; `folder` takes LibreOffice's profile and its own file."""
    require(["libreoffice-calc-nogui"])
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "fods", *options, str(source)]
    subprocess.run(
        [*command, "--outdir", str(folder)], check=True, capture_output=True, timeout=180
    )
    document = etree.parse(folder / f"{source.stem}.fods", etree.XMLParser(huge_tree=True))
    return [
        list(_cells(row))
        for row in document.find(".//table:table", _NS).iter(_q("table:table-row"))
    ]


def _cells(row: Any) -> Iterator[Cell]:
    for cell in row.iterfind("table:table-cell", _NS):
        told = Cell(
            cell.get(_q("office:value-type"), ""),
            "\n".join(_text(part) for part in cell.iterfind("text:p", _NS)),
            cell.get(_q("office:value")) or cell.get(_q("office:date-value")),
            cell.get(_q("table:formula")),
        )
        times = int(cell.get(_q("table:number-columns-repeated"), 1))
        yield from [told] * (times if told.kind else 1)


def _text(node: Any) -> str:
    """Its text, with blanks and tabs that are elements there."""
    if node.tag == _q("text:s"):
        return " " * int(node.get(_q("text:c"), 1)) + (node.tail or "")
    if node.tag == _q("text:tab"):
        return "\t" + (node.tail or "")
    inside = (node.text or "") + "".join(_text(child) for child in node)
    return inside if node.tag == _q("text:p") else inside + (node.tail or "")


def _q(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NS[prefix]}}}{local}"
