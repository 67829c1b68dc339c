"""A workbook that a department fills in: one row per record, and the standard's rules in its cells.

Its first sheet has the records; the others say what the fields mean, which codes there are and how a
filled row looks. A very hidden sheet names the standard, so that a filled workbook needs no feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from exchange_schemas.choices import choices
from exchange_schemas.codes import load_codes
from exchange_schemas.language import DEFAULT_LOCALE, translate
from exchange_schemas.references import load_references
from exchange_schemas.standard import Field, Standard
from publisher import template_cells as cells
from publisher.check_words import check_in_words
from publisher.rule_words import rule_in_words, rules_of
from publisher.schema_formats.length import length
from publisher.template_cells import SEPARATOR, Say

__all__ = ["FIRST", "MARK", "NAMES", "REACH", "SEPARATOR", "TITLES", "write_template"]

MARK = "_standard"  # the sheet that tells which standard the workbook is for
TITLES, NAMES, FIRST = 2, 3, 4  # rows of the first sheet, from 0: titles, field names, records
REACH = 20_000  # rows that have drop-downs and checks
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))  # in the name of a sheet
NOTE_WIDTH = 320  # pixels of a title's note
ACROSS = 9  # columns over which a rule is written
ACROSS_WIDTH = 170  # of all of them together
LINE = 16  # points


@dataclass(frozen=True, slots=True)
class _Template:
    """What the sheets share."""

    book: Workbook
    standard: Standard
    example: Mapping[str, Any]
    english: bool
    say: Say

    def title(self, field: Field) -> str:
        return cells.title(field, self.english)

    def form(self, **options: Any) -> Format:
        return self.book.add_format({"valign": "top", **options})

    @property
    def head(self) -> Format:
        return self.form(bold=True, text_wrap=True, bg_color="#DCE6F1", border=1)


def write_template(
    standard: Standard,
    example: Mapping[str, Any] | None,
    path: Path,
    locale: str = DEFAULT_LOCALE,
) -> None:
    """Write the template of a standard as .xlsx; `example` is a record that is shown filled in.

    Raises Misdeclared (codelist_unknown), OSError.
    """
    _ = partial(translate, "publisher", locale)
    with Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        it = _Template(book, standard, example or {}, locale == "en", _)
        title = standard.title_en if it.english else standard.title
        records = book.add_worksheet(title.translate(FORBIDDEN)[:31].strip())
        meaning = book.add_worksheet(_("How to fill in"))
        codes = book.add_worksheet(_("Codes"))
        shown = book.add_worksheet(_("Example"))
        _write_mark(it, book.add_worksheet(MARK))
        _write_records(it, records, title, _write_codes(it, codes))
        last = _write_meaning(it, meaning)
        _write_rules(it, meaning, last + 2)
        _write_example(it, shown)


def _write_mark(it: _Template, sheet: Worksheet) -> None:
    """What `adapters.workbook_feed` reads."""
    sheet.very_hidden()
    told = [("dataset", it.standard.dataset), ("version", it.standard.version)]
    for row, (name, value) in enumerate([*told, ("header_row", str(NAMES + 1))]):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, value)


def _write_records(it: _Template, sheet: Worksheet, title: str, ranges: Mapping[str, str]) -> None:
    _, head = it.say, it.head
    wanted = it.form(bold=True, text_wrap=True, bg_color="#FBE5D0", border=1)
    version = _("version {version}").format(version=it.standard.version)
    sheet.write_string(0, 0, f"{title}　{version}", it.form(bold=True, font_size=14))
    sheet.set_row(0, 24)
    sheet.write_string(1, 0, _(
        "One record per row. Columns with * must be filled. Several values in a cell are separated by "
        "“；”. Don't merge cells and don't write formulas."
    ))  # fmt: skip
    columns: dict[str, Format] = {}
    for column, field in enumerate(it.standard.fields.values()):
        form = cells.number_format(field)
        columns.setdefault(form, it.book.add_format({"num_format": form}))
        sheet.set_column(column, column, _width(field), columns[form])
        marked = f"{it.title(field)}{'*' if field.required else ''}"
        sheet.write_string(TITLES, column, marked, wanted if field.required else head)
        sheet.write_string(NAMES, column, field.name)
        example = it.example.get(field.name)
        _write_note(sheet, column, cells.note(field, example, _, it.english))
        first = f"{xl_col_to_name(column)}{FIRST + 1}"
        # A list's cell has several of them, which a drop-down can't give.
        codes = ranges.get(field.name) if field.kind != "list" else None
        rule = cells.validation(field, first, codes, example, _, it.english)
        if rule:
            sheet.data_validation(FIRST, column, FIRST + REACH - 1, column, rule)
    sheet.set_row(TITLES, 48)
    sheet.set_row(NAMES, None, None, {"hidden": True})
    sheet.freeze_panes(FIRST, 1)


def _width(field: Field) -> int:
    """Wide enough for most values, and for most of a long text."""
    told = length(field)
    most = int(told) if told.isdigit() else 18
    return max(12, min(most + 2, 40))


def _write_note(sheet: Worksheet, column: int, text: str) -> None:
    # About 22 Chinese characters fit into a line of the note's width.
    lines = sum(1 + len(line) // 22 for line in text.split("\n"))
    sheet.write_comment(
        TITLES, column, text, {"width": NOTE_WIDTH, "height": 20 * lines + 12, "font_size": 10}
    )


def _write_codes(it: _Template, sheet: Worksheet) -> dict[str, str]:
    """All codes that fields may have, two columns a field; returns where each field's choices stand.

    Beside a choice stands its code, or what a code means that is chosen itself.
    """
    head, text, ranges = it.head, it.form(num_format="@", text_wrap=True), {}
    coded = [f for f in it.standard.fields.values() if f.codelist]
    for column, field in zip(range(0, 2 * len(coded), 2), coded, strict=True):
        listed, offered = load_codes(field.codelist or "").codes, choices(field, it.english)
        sheet.write_string(0, column, it.title(field), head)
        sheet.write_string(0, column + 1, it.say("Code or meaning"), head)
        sheet.set_column(column, column + 1, 24, text)
        for row, (code, chosen) in enumerate(offered.items(), 1):
            known = listed.get(code)
            meaning = (known.title_en if it.english else known.title) if known else ""
            sheet.write_string(row, column, chosen, text)
            sheet.write_string(row, column + 1, code if chosen != code else meaning, text)
        letter = xl_col_to_name(column)
        ranges[field.name] = f"'{sheet.get_name()}'!${letter}$2:${letter}${len(offered) + 1}"
    if not coded:
        sheet.write_string(0, 0, it.say("No field of this standard has codes."))
    sheet.freeze_panes(1, 0)
    return ranges


def _write_meaning(it: _Template, sheet: Worksheet) -> int:
    """A row for each field; returns the last."""
    _, wrapped, known = it.say, it.form(text_wrap=True), load_references()
    columns = {
        _("Title"): 22, _("Field"): 22, _("Type"): 12, _("Length"): 14,
        _("Must be filled"): 10, _("Tier"): 12, _("Code list"): 18, _("Official name"): 16,
        _("Note"): 48, _("Source"): 48,
    }  # fmt: skip
    for column, (name, width) in enumerate(columns.items()):
        sheet.write_string(0, column, name, it.head)
        sheet.set_column(column, column, width)
    kinds, tiers = cells.kinds(_), cells.tiers(_)
    for row, field in enumerate(it.standard.fields.values(), 1):
        sources = [known[name] for name in field.sources if name in known]
        told = (
            it.title(field),
            field.name,
            kinds[field.kind],
            length(field),
            cells.needed_in_words(field, _),
            tiers[field.tier],
            field.codelist or "",
            field.code or "",
            field.note or "",
            "；".join(one.title_en if it.english else one.title for one in sources),
        )
        for column, text in enumerate(told):
            sheet.write_string(row, column, text, wrapped)
        sheet.set_row(row, _height(zip(told, columns.values(), strict=True)))
    sheet.freeze_panes(1, 1)
    return len(it.standard.fields)


def _height(cells: Iterable[tuple[str, int]]) -> int:
    """Points for the texts of a row in columns of these widths: not every program makes rows grow."""
    lines = 1
    for text, width in cells:
        wide = sum(2 if character > "\u2e7f" else 1 for character in text)
        lines = max(lines, 1 + text.count("\n") + max(wide - 1, 0) // width)
    return LINE * lines


def _write_rules(it: _Template, sheet: Worksheet, row: int) -> None:
    """The rules across fields in words, so far as they look at one record alone."""
    one = it.standard
    found = [rule_in_words(rule, one) for rule in rules_of(one)]
    if one.version == one.versions[-1]:  # an earlier version may lack fields of the checks
        found += [check_in_words(told, one, {}) for told in one.checks if "dataset" not in told]
    sentences = [text for text in found if text]
    if not sentences:
        return
    sheet.write_string(row, 0, it.say("Rules across fields"), it.form(bold=True, font_size=12))
    wrapped = it.form(text_wrap=True)
    for number, text in enumerate(sentences, 1):
        place = row + number
        sheet.merge_range(place, 0, place, ACROSS - 1, f"{number}. {text}", wrapped)
        sheet.set_row(place, _height([(text, ACROSS_WIDTH)]))


def _write_example(it: _Template, sheet: Worksheet) -> None:
    """The example upright: a field in each row, so that it can be read without scrolling."""
    text = it.form(num_format="@", text_wrap=True)
    for column, name in enumerate((it.say("Title"), it.say("Field"), it.say("Example"))):
        sheet.write_string(0, column, name, it.head)
    for row, field in enumerate(it.standard.fields.values(), 1):
        sheet.set_row(row, _height([(it.title(field), 26), (_shown(it, field), 80)]))
        sheet.write_string(row, 0, it.title(field), text)
        sheet.write_string(row, 1, field.name, text)
        sheet.write_string(row, 2, _shown(it, field), text)
    sheet.set_column(0, 1, 26)
    sheet.set_column(2, 2, 80)
    sheet.freeze_panes(1, 0)


def _shown(it: _Template, field: Field) -> str:
    return cells.written(field, it.example.get(field.name), it.say, it.english)
