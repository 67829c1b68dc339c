"""`hub price`: what it shows, as a table, as JSON and as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub.analysis import computing
from hub.analysis.analyses import find
from hub.cli.main import hub
from tests.analysis.conftest import Place
from tests.prices.test_alerts import NOW, desk, jumped, prices


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: commands ask what the pages ask."""
    return f"sqlite:///{tmp_path / 'hub.sqlite'}"


def run(place: Place, *words: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(place.site.path), "price", *words])


def told(place: Place, *words: str) -> Any:
    found = run(place, *words, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_from_a_series_to_a_decision(place: Place, tmp_path: Path) -> None:
    assert told(place, "series") == []
    prices(place, jumped(5))
    computing.compute(place.site, place.engine, [find("prices")], day=NOW)
    assert [row["item_name"] for row in told(place, "series")] == ["鲜猪肉"]
    (point,) = told(place, "series", "鲜猪肉")
    assert point["point_name"] == "河东市场" and point["month"] > 25
    file = tmp_path / "points.csv"
    assert run(place, "series", "030101", "--csv", str(file)).exit_code == 0
    assert "已报送" in file.read_text(encoding="utf-8-sig") and file.read_bytes().startswith(
        b"\xef\xbb\xbf"
    )
    assert "没有“大米”的价格" in run(place, "series", "大米").stderr
    (alert,) = told(place, "alerts", "--waiting")
    shown = told(place, "show", alert["alert_no"])
    assert len(shown["prices"]) == 10 and shown["decisions"] == []
    desk(place, "sun")
    words = ("decide", alert["alert_no"], "--keep", "--reason", "季节性", "--as")
    assert "role_missing" in run(place, *words, "wang").stderr
    assert told(place, *words, "sun")["decision"] == "不发布"
    assert told(place, "alerts", "--waiting") == []
    assert len(told(place, "alerts", "--standing")) == 1


def test_a_backtest_counts_what_is_known(place: Place) -> None:
    prices(place, jumped(100))
    prices(place, jumped(40, 36), point_code="JC2", point_name="河西市场", item_code="030102")
    found = told(place, "backtest", "--sizes", "30")
    assert (found["alerts"], found["true"], found["false"]) == (2, 1, 1)
    assert found["jumps"][0]["found"] == found["jumps"][0]["series"] == 6
    assert found["item_years"] == round(2 * 300 / 365, 1)
