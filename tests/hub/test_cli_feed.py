"""`hub feed list`, `check` and `preview`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.main import hub
from hub.site import create_site

DECLARED = """\
feed: town
title: {zh: 镇登记, en: Town register}
standard: market_entity
source: {kind: file, path: town.csv}
format: {kind: csv, encoding: utf-8}
mode: snapshot
fields:
  subject_name: 名称
  uscc: 代码
  established_on: 日期
  registered_capital: {from: 资金, convert: amount_wan}
"""
ROWS = """\
名称,代码,日期,资金,备注
甲公司,91440300 1922038216,2020/1/2,10万元,
乙公司,914403001922038216,昨天,002万,x
丙公司,,2020-01-03,,
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    feeds = tmp_path / "site" / "feeds"
    create_site(tmp_path / "site")
    (feeds / "town.yml").write_text(DECLARED)
    (feeds / "town.csv").write_text(ROWS)
    return tmp_path / "site"


def run(site: Path, *arguments: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(site), "--lang", "en", "feed", *arguments])


def test_list(site: Path) -> None:
    assert "Town register" in run(site, "list").stdout
    assert json.loads(run(site, "list", "--json").stdout) == [
        {"feed": "town", "title": "Town register", "dataset": "market_entity", "format": "csv",
         "source": "file: town.csv", "freshness": "never", "taken_at": None, "due_at": None,
         "last_run": None}
    ]  # fmt: skip


def test_check(site: Path) -> None:
    good = run(site, "check", "town")
    assert (good.exit_code, good.stdout) == (0, "Feed town: nothing is wrong.\n")
    path = site / "feeds" / "town.yml"
    path.write_text(DECLARED.replace("amount_wan", "amount"))
    bad = run(site, "check", str(path), "--json")
    assert bad.exit_code == 1
    assert [issue["code"] for issue in json.loads(bad.stdout)["issues"]] == ["converter_unknown"]


def test_check_needs_no_site(site: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "none", "check", str(site / "feeds" / "town.yml")).exit_code == 0


def test_an_unknown_feed(site: Path) -> None:
    result = run(site, "check", "village")
    assert result.exit_code == 1
    assert "there is no feed village" in result.stderr


def test_preview_shows_before_and_after_and_writes_nothing(site: Path) -> None:
    before = sorted(site.rglob("*"))
    shown = json.loads(run(site, "preview", "town", "--rows", "2", "--json").stdout)
    assert sorted(site.rglob("*")) == before
    assert shown["file"] == "town.csv"
    assert [issue["code"] for issue in shown["issues"]] == ["column_unknown"]
    first, second = shown["rows"]
    assert (first["line"], first["before"]["代码"]) == (2, "91440300 1922038216")
    assert first["after"] == {
        "subject_name": "甲公司", "uscc": "914403001922038216", "established_on": "2020-01-02",
        "registered_capital": "10",
    }  # fmt: skip
    codes = {(issue["field"], issue["code"]) for issue in second["issues"]}
    assert {
        ("established_on", "date_unreadable"),
        ("registered_capital", "amount_unreadable"),
    } <= codes


def test_preview_as_a_table(site: Path) -> None:
    result = run(site, "preview", "town", "--rows", "1")
    assert result.exit_code == 0
    assert "town.csv line 2" in result.stdout
    assert "column_unknown" in result.stderr


def test_preview_of_a_file_that_cannot_be_read(site: Path) -> None:
    (site / "feeds" / "town.csv").write_bytes("名称".encode("gb18030"))
    result = run(site, "preview", "town")
    assert result.exit_code == 1
    assert "[bytes_invalid]" in result.stderr


def test_preview_shows_the_cell_as_unread_once_not_as_missing_too(site: Path) -> None:
    shown = json.loads(run(site, "preview", "town", "--rows", "2", "--json").stdout)
    fields = [
        issue["field"] for issue in shown["rows"][1]["issues"] if issue["severity"] == "error"
    ]
    assert sorted(fields) == ["established_on", "registered_capital"]
