"""`hub document`, `hub finance`, `hub risk` and `hub association`, as a person at a terminal uses them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub import people
from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.cli.main import hub
from hub.database import write
from tests.hub.ledger_data import put
from tests.offices.conftest import DAY, Place
from tests.offices.finance_data import DATASET as FINANCE
from tests.offices.finance_data import months
from tests.offices.test_associations import OWN, an_association
from tests.offices.test_documents import a_document
from tests.offices.test_risks import a_signal


@pytest.fixture
def database_url(tmp_path: Any) -> str:
    """SQLite alone: the commands only print."""
    return f"sqlite:///{tmp_path / 'hub.sqlite'}"


@pytest.fixture
def filled(place: Place) -> Place:
    put(place.engine, "normative_document", [a_document("2022-001"), a_document("2022-003")])
    put(place.engine, FINANCE, months("2026-01", "1", "2"))
    put(place.engine, "industry_association", [an_association(OWN)])
    put(place.engine, "quality_risk_signal", [a_signal(1)])
    chosen = [ANALYSES[name] for name in ("documents", "finance", "risks", "associations")]
    computing.compute(place.site, place.engine, chosen, day=DAY)
    with write(place.engine) as connection:
        for name, roles in (("an", ("reviewer", "handler")), ("bo", ("approver",))):
            for role in roles:
                people.grant(connection, name, "market_regulation", role, "tests")
    return place


def ran(place: Place, *words: str, fails: bool = False) -> Result:
    done = CliRunner().invoke(hub, ["--site", str(place.site.path), *words])
    assert (done.exit_code != 0) == fails, done.output
    return done


def told(place: Place, *words: str) -> Any:
    return json.loads(ran(place, *words, "--json").stdout)


def test_documents(filled: Place) -> None:
    assert [one["status"] for one in told(filled, "document", "list")] == ["有效", "有效"]
    (gap, *_) = told(filled, "document", "list", "--problems")
    assert (gap["registration_no"], gap["detail"]) == ("MMGFX-2022-003", "MMGFX-2022-002")
    assert told(filled, "document", "list", "--expiring", "1") == []
    assert told(filled, "document", "show", "MMGFX-2022-001")["valid_until"] == "2027-06-30"
    assert "2027-06-30" in ran(filled, "document", "show", "MMGFX-2022-001").output
    assert "MMGFX-2022-003" in ran(filled, "document", "list").output
    assert "record_unknown" in ran(filled, "document", "show", "没有", fails=True).output


def test_finance(filled: Place) -> None:
    found = told(filled, "finance", "list", "--check", "缺报", "--indicator", "DK001")
    assert [one["period"] for one in found][-1] == "2026-03"
    assert "2026-03" in ran(filled, "finance", "list").output
    assert [one["value"] for one in told(filled, "finance", "show", "DK001")] == ["2", "1"]
    assert "亿元" in ran(filled, "finance", "show", "DK001").output
    assert "indicator_unknown" in ran(filled, "finance", "show", "没有", fails=True).output


def test_associations(filled: Place) -> None:
    found = told(filled, "association", "list", "--grade", "5A")
    assert found["totals"]["all_mechanisms"] == 1
    assert [one["uscc"] for one in found["associations"]] == [OWN]
    assert told(filled, "association", "show", OWN)["grade"] == "5A"
    assert "5A" in ran(filled, "association", "list").output
    assert OWN in ran(filled, "association", "show", OWN).output


def test_risks_from_entering_to_closing(filled: Place) -> None:
    words = ("--channel", "媒体", "--product", "水晶泥", "--hazard", "硼超标", "--severity", "高")
    number = told(filled, "risk", "enter", *words, "--field", "brand=荔小宝", "--as", "an")[
        "signal_id"
    ]
    assert "risk_role" in ran(filled, "risk", "list", "--as", "nobody", fails=True).output
    assert {one["signal_id"] for one in told(filled, "risk", "list", "--as", "an")} == {
        "FX1",
        number,
    }
    ran(filled, "risk", "begin", number, "--as", "an")
    weighed = ("--severity", "高", "--likelihood", "高", "--reason", "检测超标")
    assert told(filled, "risk", "assess", number, *weighed, "--as", "an")["level"] == "严重"
    ran(filled, "risk", "record", number, "--measure", "下架", "--as", "an")
    assert "处置中" in ran(filled, "risk", "show", number, "--as", "an").output
    assert (
        told(filled, "risk", "close", number, "--reason", "合格", "--as", "bo")["state"]
        == "closed"
    )
    shown = told(filled, "risk", "show", number, "--as", "bo")
    assert [one["act"] for one in shown["steps"]] == ["take", "begin", "assess", "record", "close"]
    ran(filled, "risk", "reopen", number, "--reason", "再投诉", "--as", "an")
    ran(filled, "risk", "begin", number, "--as", "an")
    assert (
        told(filled, "risk", "dismiss", number, "--reason", "不实", "--as", "bo")["state"]
        == "dismissed"
    )
    assert (
        told(filled, "risk", "list", "--state", "dismissed", "--as", "an")[0]["brand"] == "荔小宝"
    )
    assert told(filled, "risk", "list", "--overdue", "--as", "an") is not None
