"""A template is filled in, opened by another office program, and taken in without a declaration."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.check import VALID
from exchange_schemas.sample_check import read_samples
from exchange_schemas.standard import Field, Standard
from hub.cli.main import hub
from publisher.template import FIRST, MARK, NAMES, SEPARATOR, TITLES, write_template

CATALOGUE = load_catalogue()
FILLED = [
    "administrative_penalty",
    "price_monitoring",
    "resource_catalogue",
    "abnormal_operation_list",
]


def _samples(dataset: str) -> list[dict[str, Any]]:
    return [dict(record) for record, _ in read_samples(CATALOGUE.folder(dataset) / VALID)]


def _template(dataset: str, path: Path) -> Standard:
    standard = CATALOGUE.get(dataset)
    write_template(standard, _samples(dataset)[0], path)
    return standard


def _cell(field: Field, value: Any) -> Any:
    """A value as a person gives it."""
    if field.kind == "list":
        return SEPARATOR.join(value)
    if field.kind == "boolean":
        return "是" if value else "否"
    return date.fromisoformat(value) if field.kind == "date" else value


def _fill(path: Path, standard: Standard, records: list[dict[str, Any]]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[NAMES + 1]]
    assert names == list(standard.fields)
    for row, record in enumerate(records, FIRST + 1):
        for column, name in enumerate(names, 1):
            if name in record:
                sheet.cell(row, column, _cell(standard.fields[name], record[name]))
    book.save(path)


def _run(site: Path, *words: str) -> Any:
    done = CliRunner().invoke(hub, ["--site", str(site), *words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("dataset", FILLED)
def test_a_filled_template_is_a_feed(dataset: str, tmp_path: Path) -> None:
    path = tmp_path / "填报.xlsx"
    standard = _template(dataset, path)
    records = _samples(dataset)
    _fill(path, standard, records)
    CliRunner().invoke(hub, ["--site", str(tmp_path / "site"), "init"])
    told = _run(tmp_path / "site", "feed", "run", str(path))
    counts = told["runs"][0] if "runs" in told else told
    assert (counts["read"], counts["accepted"], counts["added"]) == (len(records),) * 3


def test_a_wrong_cell_is_named_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "填报.xlsx"
    standard = _template("administrative_penalty", path)
    record = {**_samples("administrative_penalty")[0], "uscc": "91440902MA0000015Y"}
    _fill(path, standard, [record])
    CliRunner().invoke(hub, ["--site", str(tmp_path / "site"), "init"])
    done = CliRunner().invoke(
        hub, ["--site", str(tmp_path / "site"), "feed", "preview", str(path)]
    )
    assert "第 5 行" in done.output and "校验位应为 X" in done.output


@pytest.mark.parametrize("dataset", CATALOGUE.datasets())
def test_every_standard_has_a_template(dataset: str, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    standard = _template(dataset, path)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[TITLES + 1]] == [
        f.title + "*" * f.required for f in standard.fields.values()
    ]
    assert all(cell.comment for cell in sheet[TITLES + 1])
    assert sheet.row_dimensions[NAMES + 1].hidden
    assert book[MARK].sheet_state == "veryHidden"
    lists = {
        str(rule.sqref).split(":", maxsplit=1)[0]: rule.formula1
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    coded = [f for f in standard.fields.values() if f.codelist and f.kind != "list"]
    booleans = [f for f in standard.fields.values() if f.kind == "boolean"]
    assert len(lists) == len(coded) + len(booleans)


def test_another_office_program_keeps_the_drop_downs(tmp_path: Path) -> None:
    path, out = tmp_path / "t.xlsx", tmp_path / "out"
    standard = _template("administrative_penalty", path)
    _fill(path, standard, _samples("administrative_penalty")[:3])
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"]
    subprocess.run([*command, "--convert-to", "xlsx", "--outdir", str(out), str(path)], check=True)
    book = openpyxl.load_workbook(out / "t.xlsx")
    sheet = book.worksheets[0]
    rules = sheet.data_validations.dataValidation
    assert {"list", "date", "textLength", "custom"} <= {rule.type for rule in rules}
    kinds = [c.value for c in book["代码"][1]].index("决定状态") + 1
    assert book["代码"].cell(2, kinds).value == "正常"
    assert sheet.cell(FIRST + 1, 1).value == _samples("administrative_penalty")[0]["subject_name"]
    CliRunner().invoke(hub, ["--site", str(tmp_path / "site"), "init"])
    told = _run(tmp_path / "site", "feed", "run", str(out / "t.xlsx"))
    assert (told["runs"][0] if "runs" in told else told)["accepted"] == 3
