"""`hub feed suggest`: the table, the file it writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.declaration import load_feed
from adapters.feed_check import check_feed
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared
from hub.cli.context import Session
from hub.cli.feed_suggest import suggest
from hub.preview import preview

ROWS = """\
企业名称,统一社会信用代码,成立日期,登记状态,内部标记
茂名市甲食品有限公司,914403001922038216,2015-03-02,存续,x
高州市乙商贸有限公司,91110000710925462X,2016/4/5,注销,y
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "inbox" / "town.csv"
    path.parent.mkdir()
    path.write_text(ROWS, encoding="gb18030")
    return path


def run(folder: Path, *arguments: object, locale: str = "en") -> Result:
    session = Session(folder / "none", locale)
    return CliRunner().invoke(suggest, [str(one) for one in arguments], obj=session)


def test_it_shows_and_writes_a_draft_that_works_at_once(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "feeds" / "town.yml"
    result = run(tmp_path, file, "--dataset", "market_entity", "--to", target)
    assert result.exit_code == 0, result.output
    for shown in ("企业名称", "subject_name", "0.9", "its Chinese title", "not recognised"):
        assert shown in result.stdout
    assert f"Written: {target}" in result.stdout
    feed, catalogue = load_feed(target), load_catalogue()
    assert feed.source.options["path"] == "../inbox/town.csv"
    assert feed.format.encoding == "gb18030"
    assert not check_feed(feed, catalogue)
    shown = preview(feed, catalogue.get("market_entity"), 2)
    assert [row.after["established_on"] for row in shown.rows] == ["2015-03-02", "2016-04-05"]
    assert not shown.issues
    assert not any(row.issues for row in shown.rows)


def test_in_chinese(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "town.yml"
    result = run(tmp_path, file, "--dataset", "market_entity", "--to", target, locale="zh_CN")
    for shown in ("来源列", "把握", "理由", "与中文标题相同", "没有认出", "已写入"):
        assert shown in result.stdout


def test_as_json(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "town.yml"
    result = run(tmp_path, file, "--dataset", "market_entity", "--to", target, "--json")
    told = json.loads(result.stdout)
    assert told["written"] == str(target)
    assert told["format"] == {"kind": "csv", "encoding": "gb18030"}
    assert told["unknown"] == ["内部标记"]
    (name,) = (one for one in told["fields"] if one["field"] == "subject_name")
    assert (name["columns"], name["rule"]) == (["企业名称"], "企业名称")
    assert 0.9 <= name["confidence"] <= 1


def test_without_a_name_it_writes_beside_you(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(tmp_path, file, "--dataset", "market_entity").exit_code == 0
    assert load_feed(tmp_path / "town.yml").name == "town"


def test_nothing_is_overwritten(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "town.yml"
    target.write_text("mine")
    result = run(tmp_path, file, "--dataset", "market_entity", "--to", target)
    assert isinstance(result.exception, Misdeclared)
    assert result.exception.issue.code == "suggest_target_exists"
    assert target.read_text() == "mine"


def test_what_fails_writes_nothing(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "town.yml"
    file.write_bytes(b"")
    result = run(tmp_path, file, "--dataset", "market_entity", "--to", target)
    assert result.exception is not None
    assert not target.exists()


def test_without_a_dataset_it_names_three(file: Path, tmp_path: Path) -> None:
    shown = run(tmp_path, file)
    assert "market_entity" in shown.stdout
    assert "--dataset" in shown.stdout
    told = json.loads(run(tmp_path, file, "--json").stdout)
    assert told["datasets"][0]["dataset"] == "market_entity"
    assert len(told["datasets"]) == 3
    assert sorted(one.name for one in tmp_path.iterdir()) == ["inbox"]
