"""The commands, as somebody types them; and what efficiency tells beside what the hub measures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner

from hub.cli.main import hub
from hub.complaints.feedback import by_department, reopened
from tests.complaints.test_splitting import BOTH, ONE
from tests.complaints.ticket_data import CATEGORIES, DAY
from tests.exchange.complaint_site import Hotline, a_ticket, hotline

NOW = "2026-12-15T12:00:00+08:00"


@pytest.fixture
def made(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    found = hotline(tmp_path, database_url, monkeypatch)
    again = "该店销售过期面包，要求调查处理，这是同一件事的文字，没有改动多少。"
    found.put(
        a_ticket(1, facts=BOTH), a_ticket(2, facts=again), a_ticket(3, facts=again + "谢谢"),
        a_ticket(4, facts="停车场乱收费用，没有明码", closed_on="2026-11-27", satisfaction="满意"),
        a_ticket(5, facts="美容店不兑现承诺", closed_on="2026-11-28", satisfaction="不满意"),
    )  # fmt: skip
    found.route()
    return found


def ask(made: Hotline, *words: str, code: int = 0) -> Any:
    with time_machine.travel(NOW, tick=False):
        told = CliRunner().invoke(hub, ["--site", str(made.site.path), *words])
    assert told.exit_code == code, told.output
    return told


def test_what_is_found(made: Hotline) -> None:
    ask(made, "analysis", "run", "complaints")
    (group,) = json.loads(ask(made, "complaint", "groups", "--as", "liu", "--json").stdout)
    assert group["tickets"] == [f"MM1234520261100000{n}" for n in (2, 3)]
    assert json.loads(ask(made, "complaint", "hot-spots", "--as", "zhao", "--json").stdout) == []
    told = json.loads(ask(made, "complaint", "statistics", "--month", "2026-11", "--json").stdout)
    whole = [
        r
        for r in told
        if r["category"] == "全部事项"
        and r["dept"] == "全部部门"
        and r["division_code"] == "440900"
    ]
    assert [one["received"] for one in whole] == [5]
    for name in ("groups", "hot-spots"):
        assert (
            "complaint_staff_only" in ask(made, "complaint", name, "--as", "nobody", code=1).stderr
        )
    for name in ("groups", "hot-spots", "statistics"):
        words = () if name == "statistics" else ("--as", "liu")
        assert "薛小楼" not in ask(made, "complaint", name, *words).output


def test_suggestions_and_decisions(made: Hotline) -> None:
    (mixed,) = json.loads(ask(made, "complaint", "mixed", "--as", "zhao", "--json").stdout)
    assert mixed["ticket_no"] == ONE
    told = json.loads(ask(made, "complaint", "suggest", ONE, "--as", "zhao", "--json").stdout)
    assert told["split"]["part"] == "举报"
    assert told["categories"] == []
    assert "model_missing" in ask(made, "complaint", "learn", code=1).stderr
    done = ask(made, "complaint", "split", ONE, "--reason", "分别处理", "--as", "zhao", "--json")
    assert json.loads(done.stdout)["part_no"] == f"{ONE}-1"
    shown = json.loads(ask(made, "complaint", "show", ONE, "--as", "zhao", "--json").stdout)
    assert shown["parts"] == [f"{ONE}-1"]
    words = ("--category", "0101", "--reason", "食品", "--as", "zhao")
    assert "0101" in ask(made, "complaint", "categorise", ONE, *words).output
    assert (
        "ticket_unknown" in ask(made, "complaint", "suggest", ONE, "--as", "tang", code=1).stderr
    )


def test_learnt_from_closed_tickets(made: Hotline) -> None:
    words = {"0101": "面包牛奶过期发霉", "0201": "停车收费价目涨价"}
    made.put(*(
        a_ticket(100 + n, facts=f"第{n}件：{words[code]}", category_code=code, category_path=CATEGORIES[code],
                 closed_on=str(DAY))
        for n, code in enumerate(sorted(words) * 6)
    ))  # fmt: skip
    about = json.loads(ask(made, "complaint", "learn", "--json").stdout)
    assert about["categories"] == 2
    told = json.loads(ask(made, "complaint", "suggest", ONE, "--as", "zhao", "--json").stdout)
    assert {one["category"] for one in told["categories"]} == set(words)


def test_efficiency_with_what_people_say(made: Hotline) -> None:
    made.put(
        a_ticket(4, facts="停车场乱收费用，没有明码")
    )  # the platform took back that it is closed
    made.put(
        a_ticket(
            4, facts="停车场乱收费用，没有明码", closed_on="2026-12-02", satisfaction="基本满意"
        )
    )
    with time_machine.travel(NOW, tick=False), made.engine.connect() as connection:
        catalogue = made.desk.catalogue
        (row,) = by_department(made.site, connection, catalogue, "2026-11", "2026-11").to_dicts()
        assert reopened(connection).to_dicts() == [
            {"ticket_no": "MM12345202611000004", "reopened": 1}
        ]
        assert by_department(made.site, connection, catalogue, "2026-01", "2026-01").is_empty()
    assert (row["department"], row["tickets"], row["terms"], row["overdue"]) == (
        "market_regulation",
        5,
        3,
        3,
    )
    assert (row["reopened"], row["rated"], row["satisfied"], row["satisfied_rate"]) == (
        1,
        2,
        1,
        0.5,
    )
