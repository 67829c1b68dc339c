"""The sheet that says what a workbook holds: source, terms, disclaimer, and what the columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from exchange_schemas.standard import Field, Standard
from publisher.dictionary import COLUMNS, described
from publisher.formats.text_cell import write_text

ABOUT = "说明"
_READING = (
    "一行一条记录，代码以名称显示，列表以“；”分隔；超过十五位的数字和各类号码为文本，内容与发布的记录一致。"
    "超过 32,767 字的内容在本文件中截断，全文见其他格式。"
)
_WIDTHS = (20, 24, 24, 12, 12, 12, 30, 8, 20, 40, 16, 60)


def write_about(
    sheet: Worksheet, book: Workbook, standard: Standard, fields: Mapping[str, Field], licence: str
) -> None:
    """Write the sheet; all of its cells are text."""
    bold = book.add_format({"bold": True, "bg_color": "#DDE7F3", "border": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width)
    line = 0
    for line, (name, text) in enumerate(_told(standard, licence)):
        write_text(sheet, line, 0, name, bold)
        write_text(sheet, line, 1, text)
    line += 2
    for place, name in enumerate(COLUMNS):
        write_text(sheet, line, place, name, bold)
    for row, field in enumerate(fields.values(), line + 1):
        for place, word in enumerate(described(field, fields)):
            if word is not None:
                write_text(sheet, row, place, word, wrapped)


def _told(standard: Standard, licence: str) -> Iterator[tuple[str, str]]:
    told = {
        "数据集": standard.title,
        "内容": standard.description,
        "来源": standard.owner,
        "依据": "；".join(standard.legal_basis),
        "公示规则": standard.publication.get("zh", ""),
        "使用许可": licence,
        "声明": standard.disclaimer or "",
        "读法": _READING,
    }
    return ((name, text) for name, text in told.items() if text)
