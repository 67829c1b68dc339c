"""A workbook that a department fills in: one row per record, and the standard's rules in its cells.

Its first sheet has the records; the others say what the fields mean, which codes there are and how a
filled row looks. A very hidden sheet names the standard, so that a filled workbook needs no feed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from exchange_schemas.codes import load_codes
from exchange_schemas.formats import FORMATS
from exchange_schemas.language import DEFAULT_LOCALE, translate
from exchange_schemas.standard import Field, Standard
from publisher.meanings import allowed

MARK = "_standard"  # the sheet that tells which standard the workbook is for
TITLES, NAMES, FIRST = 2, 3, 4  # rows of the first sheet, from 0: titles, field names, records
REACH = 20_000  # rows that have drop-downs and checks
SEPARATOR = "；"  # between the items of a list
MOST_LETTERS = (
    255  # of a message in a cell, and of a list written into a validation: Excel's limits
)
BILLION = 10**9  # whole numbers of records stay below it
USCC_LENGTH = 18  # GB 32100-2015
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))  # in the name of a sheet

Say = Callable[[str], str]


def write_template(
    standard: Standard,
    example: Mapping[str, Any] | None,
    path: Path,
    locale: str = DEFAULT_LOCALE,
) -> None:
    """Write the template of a standard as .xlsx; `example` is a record that is shown filled in."""
    _ = partial(translate, "publisher", locale)
    english = locale == "en"
    with Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        title = standard.title_en if english else standard.title
        records = book.add_worksheet(title.translate(FORBIDDEN)[:31])
        meaning = book.add_worksheet(_("Fields"))
        codes = book.add_worksheet(_("Codes"))
        shown = book.add_worksheet(_("Example"))
        mark = book.add_worksheet(MARK)
        mark.very_hidden()
        told = [("dataset", standard.dataset), ("version", standard.version)]
        for row, (name, value) in enumerate([*told, ("header_row", str(NAMES + 1))]):
            mark.write_row(row, 0, (name, value))
        ranges = _write_codes(book, codes, standard, english)
        _write_records(book, records, standard, ranges, _, english)
        _write_meaning(book, meaning, standard, _, english)
        _write_example(book, shown, standard, example or {}, _, english)


def _title(field: Field, english: bool) -> str:
    return f"{field.title_en if english else field.title}{'*' if field.required else ''}"


def _write_records(
    book: Workbook,
    sheet: Worksheet,
    standard: Standard,
    ranges: Mapping[str, str],
    _: Say,
    english: bool,
) -> None:
    bold = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DCE6F1", "border": 1})
    title = standard.title_en if english else standard.title
    sheet.write(0, 0, f"{title} {standard.dataset}@{standard.version}", bold)
    sheet.write(1, 0, _(
        "One record per row. Columns with * must be filled. Several values in a cell are separated by "
        "“；”. Don't merge cells and don't write formulas."
    ))  # fmt: skip
    for column, field in enumerate(standard.fields.values()):
        form = {"num_format": _cell_format(field)}
        sheet.set_column(column, column, 16, book.add_format(form))
        sheet.write(TITLES, column, _title(field, english), head)
        sheet.write(NAMES, column, field.name)
        sheet.write_comment(TITLES, column, note(field, _, english), {"x_scale": 2, "y_scale": 2})
        rule = _validation(field, column, ranges, _, english)
        if rule:
            sheet.data_validation(FIRST, column, FIRST + REACH - 1, column, rule)
    sheet.set_row(TITLES, 45)
    sheet.set_row(NAMES, None, None, {"hidden": True})
    sheet.freeze_panes(FIRST, 0)


def _cell_format(field: Field) -> str:
    """Text for everything that a spreadsheet would otherwise turn into a number."""
    formats = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss", "integer": "0"}
    return formats.get(field.kind, "@")


def note(field: Field, _: Say, english: bool) -> str:
    """What a field means and how it is written, for the note at its title."""
    limit, form = field.schema.get("maxLength"), FORMATS.get(field.schema.get("format", ""))
    parts = [
        f"{field.title} / {field.title_en}" if english else field.title,
        f"{_('Official name')}: {field.code}" if field.code else "",
        f"{_('Must be filled')}" if field.required else "",
        f"{_('Characters at most')}: {limit}" if limit else "",
        f"{_('Example')}: {form.example}" if form else "",
        field.note or "",
    ]
    return "\n".join(part for part in parts if part)


def _validation(
    field: Field, column: int, ranges: Mapping[str, str], _: Say, english: bool
) -> dict[str, Any] | None:
    rule = _rule(field, column, ranges, _)
    if rule is None:
        return None
    words = {
        "input_title": (field.title_en if english else field.title)[:32],
        "input_message": note(field, _, english)[:MOST_LETTERS],
        "error_title": (field.title_en if english else field.title)[:32],
        "error_message": _("This value isn't allowed here; see the sheets behind this one.")[
            :MOST_LETTERS
        ],
    }
    return {**rule, **words}


def _rule(field: Field, column: int, ranges: Mapping[str, str], _: Say) -> dict[str, Any] | None:
    if field.name in ranges:
        return {"validate": "list", "source": f"={ranges[field.name]}"}
    match field.kind:
        case "boolean":
            return {"validate": "list", "source": [_("yes"), _("no")]}
        case "date" | "datetime":
            return {"validate": "date", "criteria": ">=", "value": date(1900, 1, 1)}
        case "integer":
            least, most = (
                field.schema.get("minimum", -BILLION),
                field.schema.get("maximum", BILLION),
            )
            return {
                "validate": "integer",
                "criteria": "between",
                "minimum": least,
                "maximum": most,
            }
    return _text_rule(field, f"{_letters(column)}{FIRST + 1}")


def _text_rule(field: Field, cell: str) -> dict[str, Any] | None:
    limit = field.schema.get("maxLength") if field.kind == "string" else None
    if field.kind == "decimal":
        return {"validate": "custom", "value": f"=ISNUMBER(VALUE({cell}))"}
    if field.schema.get("format") == "uscc":
        return {"validate": "length", "criteria": "==", "value": USCC_LENGTH}
    return {"validate": "length", "criteria": "<=", "value": limit} if limit else None


def _letters(column: int) -> str:
    """0 → A, 26 → AA."""
    return str(xlsxwriter.utility.xl_col_to_name(column))


def _write_codes(
    book: Workbook, sheet: Worksheet, standard: Standard, english: bool
) -> dict[str, str]:
    """All codes that fields may have, two columns a field; returns where each field's codes stand."""
    bold = book.add_format({"bold": True})
    text = book.add_format({"num_format": "@"})
    ranges: dict[str, str] = {}
    coded = [f for f in standard.fields.values() if f.codelist]
    for place, field in enumerate(coded):
        column = place * 2
        titles = {n: c.title_en if english else c.title for n, c in _codes(field).items()}
        values = allowed(field) or list(titles)
        sheet.write(0, column, field.title_en if english else field.title, bold)
        sheet.set_column(column, column + 1, 18, text)
        for row, value in enumerate(values, 1):
            sheet.write_string(row, column, value)
            sheet.write_string(row, column + 1, titles.get(value, ""))
        letter = _letters(column)
        if field.kind != "list":
            ranges[field.name] = f"'{sheet.get_name()}'!${letter}$2:${letter}${len(values) + 1}"
    sheet.freeze_panes(1, 0)
    return ranges


def _codes(field: Field) -> Mapping[str, Any]:
    return load_codes(field.codelist).codes if field.codelist else {}


def _write_meaning(
    book: Workbook, sheet: Worksheet, standard: Standard, _: Say, english: bool
) -> None:
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    columns = [
        _("Field"), _("Title"), _("Type"), _("Characters at most"), _("Must be filled"), _("Tier"),
        _("Code list"), _("Official name"), _("Note"),
    ]  # fmt: skip
    sheet.write_row(0, 0, columns, bold)
    tiers = {
        "public": _("public"), "industry": _("industry"), "government": _("government"),
        "sealed": _("sealed"),
    }  # fmt: skip
    for row, field in enumerate(standard.fields.values(), 1):
        cells = (
            field.name,
            field.title_en if english else field.title,
            field.kind,
            field.schema.get("maxLength", ""),
            _("yes") if field.required else _("expected") if field.expected else "",
            tiers[field.tier],
            field.codelist or "",
            field.code or "",
            field.note or "",
        )
        sheet.write_row(row, 0, cells, wrapped)
    sheet.set_column(0, 7, 18)
    sheet.set_column(8, 8, 60)
    sheet.freeze_panes(1, 0)


def _write_example(
    book: Workbook,
    sheet: Worksheet,
    standard: Standard,
    example: Mapping[str, Any],
    _: Say,
    english: bool,
) -> None:
    """The example upright: a field in each row, so that it can be read without scrolling."""
    sheet.write_row(0, 0, (_("Title"), _("Example")), book.add_format({"bold": True}))
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for row, field in enumerate(standard.fields.values(), 1):
        value = example.get(field.name)
        if isinstance(value, list):
            value = SEPARATOR.join(value)
        if isinstance(value, bool):
            value = _("yes") if value else _("no")
        sheet.write_string(row, 0, field.title_en if english else field.title)
        sheet.write_string(row, 1, "" if value is None else str(value), text)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 70)
