"""A filled template and a file of JSON Lines through the whole pipeline and the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adapters.workbook_feed import MARK
from hub import quarantine
from hub.cli.main import hub
from tests.adapters.workbooks import workbook, write
from tests.flow.conftest import Desk, code, counts

NAMES = ["subject_name", "uscc", "established_on", "mine"]


def fill(book: Any, sheet: Any) -> None:
    rows = [
        ["茂名甲有限公司", code(1), "2020-01-31", ""],
        ["茂名乙有限公司", 440902199001011234, "2020-01-31", ""],
        ["", code(3), "2020-01-31", ""],
        ["茂名丁有限公司", code(4), "昨天", ""],
    ]
    write(book, sheet, [["市场主体"], NAMES, *rows])
    sheet.write_formula("A5", "=NA()", None, "#N/A")
    sheet.set_row(1, None, None, {"hidden": True})
    mark = book.get_worksheet_by_name(MARK)
    write(book, mark, [["dataset", "market_entity"], ["version", "1"], ["header_row", 2]])
    mark.very_hidden()


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "市场主体 填报.xlsx"
    path.write_bytes(workbook(fill, "市场主体", MARK))
    return path


def run(desk: Desk, *arguments: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(desk.site.path), *arguments])


def test_a_template_is_run_by_its_path(desk: Desk, template: Path) -> None:
    first = run(desk, "feed", "run", str(template), "--json")
    assert first.exit_code == 0, first.output
    result = json.loads(first.stdout)
    assert result["feed"] == "workbook_market_entity"
    assert counts(result) == (4, 1, 3, 1, 0, 0, 0)
    assert {k: v for k, v in result["issues"].items() if k != "expected"} == {
        "cell_error": 1, "column_unknown": 1, "date_unreadable": 1, "number_imprecise": 1,
    }  # fmt: skip
    with desk.engine.connect() as connection:
        rows = {row.line: row for row in quarantine.rows(connection, "workbook_market_entity")}
    assert sorted(rows) == [4, 5, 6]
    (told,) = [i for i in rows[4].issues if i.code == "number_imprecise"]
    assert "单元格 B4：统一社会信用代码 440902199001011000" in told.message("zh_CN")
    assert rows[5].cells["subject_name"] == "#N/A"
    again = json.loads(run(desk, "feed", "run", str(template), "--json").stdout)
    assert counts(again) == (4, 1, 3, 0, 0, 1, 0)


def test_preview_and_check(desk: Desk, template: Path) -> None:
    shown = json.loads(run(desk, "feed", "preview", str(template), "--rows", "2", "--json").stdout)
    assert [row["line"] for row in shown["rows"]] == [3, 4]
    assert shown["rows"][0]["after"]["subject_name"] == "茂名甲有限公司"
    assert [issue["code"] for issue in shown["issues"]] == ["column_unknown"]
    assert run(desk, "feed", "check", str(template)).exit_code == 0


def test_any_other_workbook_says_what_to_do(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    path.write_bytes(workbook(lambda book, sheet: write(book, sheet, [["a"], ["1"]])))
    refused = run(desk, "feed", "run", str(path))
    assert refused.exit_code == 1
    assert "workbook_unmarked" in refused.output
    assert "请用下发的模板填报" in refused.output


def test_a_line_that_is_no_json_is_quarantined_as_it_stands(desk: Desk) -> None:
    lines = [json.dumps({"名称": f"茂名{n}有限公司", "代码": code(n)}) for n in (1, 2)]
    (desk.folder / "delivery.jsonl").write_text("\n".join([lines[0], '{"名称": ', lines[1]]))
    feed = desk.feed(
        source={"kind": "file", "path": "delivery.jsonl"}, format={"kind": "jsonl"},
        fields={"subject_name": "名称", "uscc": "代码", "established_on": {"value": "2020-01-31"}},
    )  # fmt: skip
    result = desk.run(feed)
    assert counts(result)[:3] == (3, 2, 1)
    with desk.engine.connect() as connection:
        (row,) = quarantine.rows(connection, "desk")
    assert (row.line, row.cells) == (2, {"原文": '{"名称": '})
