"""A template's cells refuse what is wrong and nothing that is right; its sheets say what is meant."""

from __future__ import annotations

import csv
import re
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from exchange_schemas.choices import choices, is_closed
from exchange_schemas.references import load_references
from exchange_schemas.standard import Field, Standard
from publisher.template import FIRST, NAMES, REACH, write_template
from publisher.template_cells import written
from tests.publisher.schema_cases import CATALOGUE, STANDARDS, valid

SAYING = {"yes": "是", "no": "否"}
DAY_ZERO = date(1899, 12, 30)  # of Excel's serial numbers
CELL = re.compile(rf"\b[A-Z]{{1,2}}{FIRST + 1}\b")

every_standard = pytest.mark.parametrize("standard", STANDARDS, ids=lambda one: one.dataset)


def template(standard: Standard, folder: Path, locale: str = "zh_CN") -> Workbook:
    path = folder / f"{standard.dataset}.xlsx"
    write_template(standard, valid(standard)[0], path, locale)
    return openpyxl.load_workbook(path)


def rules(book: Workbook) -> dict[str, DataValidation]:
    """Field → the rule of its column."""
    sheet = book.worksheets[0]
    names = {cell.column_letter: cell.value for cell in sheet[NAMES + 1]}
    found = {}
    for rule in sheet.data_validations.dataValidation:
        column = re.fullmatch(rf"([A-Z]+){FIRST + 1}:(?:\1){FIRST + REACH}", str(rule.sqref))
        assert column is not None
        found[str(names[column[1]])] = rule
    return found


def filled(field: Field, records: list[dict[str, Any]]) -> list[str]:
    """What people write into the field's cells."""
    values = [record[field.name] for record in records if record.get(field.name) is not None]
    return [written(field, value, lambda text: SAYING[text], english=False) for value in values]


def listed(book: Workbook, rule: DataValidation) -> set[str]:
    """What a drop-down offers."""
    if rule.formula1.startswith('"'):
        return set(rule.formula1.strip('"').split(","))
    sheet, cells = rule.formula1.rsplit("!", 1)
    rows = book[sheet.strip("'")][cells.replace("$", "")]
    return {str(cell.value) for row in rows for cell in row}


def refused(book: Workbook, rule: DataValidation, text: str) -> bool:
    """Whether a cell with this content would be stopped; formulas are LibreOffice's."""
    match rule.type:
        case "list":
            return rule.errorStyle is None and text not in listed(book, rule)
        case "textLength":
            return len(text.encode("utf-16-le")) // 2 > int(rule.formula1)
        case "whole":
            return not int(rule.formula1) <= int(text) <= int(rule.formula2)
        case "date":
            first = DAY_ZERO + timedelta(days=int(rule.formula1))
            return date.fromisoformat(text[:10]) < first
    assert rule.type == "custom"
    return False


@every_standard
def test_no_right_value_is_refused(standard: Standard, tmp_path: Path) -> None:
    book, records = template(standard, tmp_path), valid(standard)
    stopped = [
        (name, text)
        for name, rule in rules(book).items()
        for text in filled(standard.fields[name], records)
        if refused(book, rule, text)
    ]
    assert stopped == []


def test_an_open_list_asks_and_a_closed_one_stops(tmp_path: Path) -> None:
    standard = CATALOGUE.get("market_entity")
    book = template(standard, tmp_path)
    found = rules(book)
    assert found["business_division"].errorStyle == "warning"
    assert found["industry_code"].errorStyle == "warning"
    assert found["subject_type"].errorStyle is None
    assert listed(book, found["subject_type"]) == {"法人及非法人组织", "个体工商户"}
    assert "440902" in listed(book, found["business_division"])


def formulas(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Format, the formula of its first cell, and values that must pass."""
    for standard in [*STANDARDS, CATALOGUE.get("administrative_penalty", "1")]:
        newest = standard.version == standard.versions[-1]  # which the samples are of
        book, records = template(standard, folder), valid(standard) if newest else []
        for name, rule in rules(book).items():
            field = standard.fields[name]
            if rule.type == "custom":
                assert len(rule.formula1) <= 255
                yield field.schema["format"], rule.formula1, filled(field, records)


WRONG = [
    ("uscc", "91440902MA0000015Y"), ("uscc", "91440902ma0000015x"), ("uscc", "91440902MA0000015"),
    ("uscc", "91440902MA00000I5X"), ("uscc", "00000000000000000X"), ("uscc", "X"),
    ("org-code", "674737245"), ("org-code", "67473724"), ("org-code", "67473724-4"),
    ("resident-id", "440902199001010012"), ("resident-id", "44090219900101001"),
    ("resident-id", "44090219900101001x"), ("resident-id", "440902A00101001"),
    ("decimal", "1,234.5"), ("decimal", "1e5"), ("decimal", "50%"), ("decimal", "壹万"),
    ("decimal", "1.2.3"), ("decimal", "12 万"),
]  # fmt: skip
RIGHT = [
    ("resident-id", "440902199001010011"), ("resident-id", "440902900101001"),
    ("org-code", "674737244"), ("uscc", "91440902MA0000015X"), ("decimal", "-0.5"),
]  # fmt: skip


def test_the_formulas_tell_right_from_wrong(tmp_path: Path) -> None:
    cases = list(formulas(tmp_path))
    known = {form: formula for form, formula, _ in cases}
    assert set(known) == {"uscc", "org-code", "resident-id", "decimal"}
    tried = [(formula, text, True) for _, formula, texts in cases for text in texts]
    assert len(tried) > 1000
    tried += [(known[form], text, True) for form, text in RIGHT]
    tried += [(known[form], text, False) for form, text in WRONG]
    with xlsxwriter.Workbook(str(tmp_path / "t.xlsx")) as book:
        sheet = book.add_worksheet()
        for row, (formula, text, _) in enumerate(tried):
            sheet.write_string(row, 0, text)
            judged = CELL.sub(f"A{row + 1}", formula)
            sheet.write_formula(row, 1, f"=IF(ISERROR({judged}),FALSE,{judged})")
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    arguments = ["--convert-to", "csv", "--outdir", str(tmp_path / "out"), "t.xlsx"]
    subprocess.run([*command, *arguments], cwd=tmp_path, check=True, capture_output=True)
    with (tmp_path / "out" / "t.csv").open(encoding="utf-8", newline="") as file:
        verdicts = [row[1] for row in csv.reader(file)]
    assert len(verdicts) == len(tried)
    wrongly = [
        (text, verdict)
        for (_, text, right), verdict in zip(tried, verdicts, strict=True)
        if verdict != ("TRUE" if right else "FALSE")
    ]
    assert wrongly == []


def test_a_choice_is_a_title_of_one_code() -> None:
    for standard in STANDARDS:
        for field in standard.fields.values():
            for english in (False, True):
                offered = choices(field, english)
                assert len(set(offered.values())) == len(offered), (standard.dataset, field.name)
                if field.kind == "list" or not is_closed(field):
                    assert all(code == text for code, text in offered.items())


@every_standard
def test_the_sheets_behind_say_everything(standard: Standard, tmp_path: Path) -> None:
    book = template(standard, tmp_path)
    assert book.sheetnames == [standard.title, "填写说明", "代码", "示例", "_standard"]
    rows = list(book["填写说明"].iter_rows(values_only=True))
    titles = dict(zip(rows[0], range(len(rows[0])), strict=True))
    for field, row in zip(standard.fields.values(), rows[1:], strict=False):
        assert row[titles["字段"]] == field.name
        for source in field.sources:
            assert load_references()[source].title in row[titles["依据"]]
        assert (row[titles["必填"]] == "必填") is field.required
    example = valid(standard)[0]
    shown = {row[1]: row[2] for row in book["示例"].iter_rows(min_row=2, values_only=True)}
    assert {name for name, text in shown.items() if text} == {
        name for name, value in example.items() if value not in (None, [])
    }


def test_a_template_tells_its_rules(tmp_path: Path) -> None:
    book = template(CATALOGUE.get("administrative_penalty"), tmp_path)
    told = [str(row[0]) for row in book["填写说明"].iter_rows(values_only=True) if row[0]]
    assert any(line.endswith("处罚类别含有“罚款”时，须填罚款金额（万元）。") for line in told)
    note = book.worksheets[0]["C3"].comment.text
    assert note.splitlines()[:2] == ["统一社会信用代码", "示例：91440902MA00000K01"]
    assert "公开等级：社会公开" in note and "官方代码：CF_XDR_SHXYM" in note


def test_a_template_in_english(tmp_path: Path) -> None:
    standard = CATALOGUE.get("administrative_penalty")
    book = template(standard, tmp_path, "en")
    assert book.sheetnames[1:4] == ["How to fill in", "Codes", "Example"]
    assert listed(book, rules(book)["subject_type"]) == set(
        choices(standard.fields["subject_type"], english=True).values()
    )
