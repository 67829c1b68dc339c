"""A text in a cell of a workbook: nothing but a text, whatever it looks like."""

from __future__ import annotations

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

MOST = 32_767  # characters of a cell: Excel's limit
CUT = "……（超过单元格的上限，全文见其他格式）"


def write_text(
    sheet: Worksheet, row: int, column: int, text: str, style: Format | None = None
) -> None:
    """Write `text` as a typed string, which no program calculates; of one that is too long, the
    beginning and a word that it was cut.

    xlsxwriter copies a text from <r> to </r> as markup into the sheet, and with it formulas, so
    such a text goes in fragments.
    """
    if len(text) > MOST:
        text = text[: MOST - len(CUT)] + CUT
    if text.startswith("<r>") and text.endswith("</r>"):
        fragments = (text[0], text[1], text[2:])  # it wants three at least
        sheet.write_rich_string(row, column, *fragments, *([style] if style else []))
    else:
        sheet.write_string(row, column, text, style)
