"""The commands of `hub trace`, and the recall list as a workbook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from hub.analysis import computing
from hub.analysis.analyses import find
from hub.cli.main import hub
from tests.analysis.conftest import Place
from tests.hub.ledger_data import put
from tests.trace.chickens import BATCH, FARM, ONE, SHOP_A, full, given, without


@pytest.fixture
def town(place: Place) -> Place:
    given(place, without("A1"))
    put(place.engine, "market_entity", [{
        "subject_name": SHOP_A[0], "uscc": SHOP_A[1], "phone": "0668-2880000", "domicile": "茂南区河西路 5 号",
        "domicile_division": "440902",
    }])  # fmt: skip
    computing.compute(place.site, place.engine, [find("trace")])
    return place


def ask(place: Place, *words: str) -> Result:
    return CliRunner().invoke(
        hub, ["--site", str(place.site.path), *words], catch_exceptions=False
    )


def told(place: Place, *words: str) -> Any:
    done = ask(place, "trace", *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_show(town: Place) -> None:
    found = told(town, "show", BATCH)
    assert len(found["rows"]) == 10 and not found["cut"]
    assert [one["kind"] for one in found["findings"]] == ["receipt_unrecorded"]
    assert {one["stage"] for one in found["operators"]} == {"farm", "dealer", "shop", "person"}
    shown = ask(town, "--lang", "zh_CN", "trace", "show", BATCH).output
    assert SHOP_A[0] in shown and "对方未记录购进" in shown and "经销" in shown
    cut = ask(town, "--lang", "en", "trace", "show", BATCH, "--rows", "3").output
    assert "raise --steps or --rows" in cut


def test_findings_and_code(town: Place) -> None:
    assert [one["trace_batch_nos"] for one in told(town, "findings")] == [[full("D2")]]
    assert told(town, "findings", "--kind", "units_differ") == []
    assert len(told(town, "findings", "--operator", ONE[1])) == 1
    public = told(town, "code", full("F1"))
    assert public["producer_name"] == FARM[0] and "evidence" not in public
    assert ask(town, "trace", "code", full("D1")).exit_code == 1
    assert ask(town, "trace", "show", "nothing").exit_code == 1


def test_the_recall_list(town: Place, tmp_path: Path) -> None:
    path = tmp_path / "召回.xlsx"
    assert told(town, "recall", BATCH, "--out", str(path))["operators"] == 6
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["召回名单", "流向明细", "疑点", "说明"]
    rows = [[cell.value for cell in row] for row in book["召回名单"].iter_rows()]
    head = rows[0]
    shop = dict(zip(head, next(row for row in rows if SHOP_A[0] in row), strict=True))
    assert shop[head[5]] == "60 千克"
    assert shop["台账上未售出"] == "60 千克" and shop["环节"] == "门店"
    assert shop["联系电话"] == "0668-2880000" and shop["已记追溯台账"] == "否"
    assert "检疫" in shop["证明"]
    assert FARM[0] not in {row[1] for row in rows}
    assert len(list(book["流向明细"].iter_rows())) == 11
    kinds = {
        cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value
    }
    assert kinds == {"s"}


def test_the_recall_list_of_a_dealers_sale_has_only_its_buyer(town: Place, tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    assert told(town, "recall", full("D3"), "--out", str(path))["operators"] == 1
