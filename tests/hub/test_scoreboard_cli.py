"""`hub scoreboard` and `hub report`: table, JSON, CSV, and the public's version."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.days import today
from hub import people
from hub.cli.main import hub
from hub.database import connect, create_tables, write
from hub.months import following, month_of
from hub.scoreboard import BOARD, COUNTS, with_rates
from hub.scoreboard_file import write_csv
from hub.scoreboard_public import OF_PERSONS, for_public
from hub.site import Site, create_site
from tests.hub.scoreboard_data import delivery, publish, waiting

PENALTY, MARKET = "administrative_penalty", "market_regulation"
BAD = [("code_unknown", "penalty_kinds")] * 2


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """January of 2026: 8 of 10 rows taken; 6 records due, of which 5 in time and 1 overdue."""
    site = create_site(tmp_path / "site")
    engine = connect(site.database_url)
    create_tables(engine)
    with write(engine) as connection:
        delivery(connection, PENALTY, MARKET, "2026-01-05T00:00:00.000Z", 8, BAD)
        waiting(connection, PENALTY, [(f"r{n}", MARKET, "2026-01-20") for n in range(6)])
        publish(connection, PENALTY, [f"r{n}" for n in range(5)], "2026-01-20")
        people.grant(connection, "shen", "health", "submitter", "operator")
    return site


def call(site: Site, *words: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(site.path), *words])


JANUARY = ("scoreboard", "--month", "2026-01", "--dataset", PENALTY, "--department", MARKET)


def test_the_table_and_the_json_say_the_same(site: Site) -> None:
    table = call(site, *JANUARY)
    assert table.exit_code == 0, table.output
    for word in ("市市场监督管理局", "行政处罚决定", "及时率", "80.0%", "83.3%", "100.0%"):
        assert word in table.stdout
    told = json.loads(call(site, *JANUARY, "--json").stdout)
    (row,) = told["board"]
    assert (row["read"], row["in_time"], row["overdue"]) == (10, 5, 1)
    assert row["compliance_rate"] == 0.8
    assert [one["record_id"] for one in told["overdue"]] == ["r5"]
    assert told["causes"][0]["code"] == "code_unknown"
    assert told["causes"][0]["count"] == 2


def test_records_behind_a_number(site: Site) -> None:
    first = json.loads(
        call(site, *JANUARY, "--records", "in_time", "--limit", "3", "--json").stdout
    )
    assert first["records"] == ["r0", "r1", "r2"]
    assert "r4" in call(site, *JANUARY, "--records", "in_time", "--after", "r2").stdout
    wrong = call(site, *JANUARY, "--records", "speed")
    assert wrong.exit_code == 1
    assert "没有指标 speed" in wrong.stderr


def test_the_file_opens_in_excel(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "board.csv"
    done = call(site, *JANUARY, "--csv", str(file))
    assert done.exit_code == 0, done.output
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    heading, row = csv.reader(data.decode("utf-8-sig").splitlines())
    told = dict(zip(heading, row, strict=True))
    assert len(told) == len(BOARD) + 2
    assert (told["部门"], told["部门 代码"]) == ("市市场监督管理局", MARKET)
    assert (told["数据集"], told["月份"]) == ("行政处罚决定", "2026-01\t")
    assert (told["合规率"], told["拒收行数"]) == ("0.8000", "2")


def test_a_name_that_begins_a_formula_is_inert(tmp_path: Path) -> None:
    row = {
        "department": "=1+1",
        "dataset": PENALTY,
        "month": "2026-01",
        **dict.fromkeys(COUNTS, 0),
    }
    frame = with_rates(pl.DataFrame([row])).select(list(BOARD))
    write_csv(frame, load_catalogue(), tmp_path / "b.csv", "en")
    line = (tmp_path / "b.csv").read_text("utf-8-sig").splitlines()[1]
    assert line.startswith("'=1+1,")
    assert ",,," in line  # a rate of nothing is empty, not 0


def test_the_public_sees_no_small_number(site: Site) -> None:
    words = ("scoreboard", "--month", "2026-01", "--dataset", PENALTY, "--public", "--json")
    told = json.loads(call(site, *words).stdout)
    assert not {"causes", "overdue"} & told.keys()
    for row in told["board"]:
        assert all(row[name] is None or row[name] >= 5 for name in OF_PERSONS)
        together = [row[name] is None for name in ("read", "accepted", "rejected")]
        assert len(set(together)) == 1
    (mine,) = [row for row in told["board"] if row["department"] == MARKET]
    assert mine["compliance_rate"] is None  # it would tell of the two rejected rows
    assert (mine["owed"], mine["reported"], mine["reporting_rate"]) == (1, 1, 1.0)
    for more in (("--records", "overdue"), ("--site", "x")):
        assert call(site, *words[:-1], *more).exit_code == 1


def test_large_numbers_stay_public() -> None:
    large = {**dict.fromkeys(COUNTS, 60), "read": 120, "month": "2026-01"}
    rows = [{"department": d, "dataset": s, **large} for d in "ab" for s in ("x", "y")]
    frame = with_rates(pl.DataFrame(rows)).select(list(BOARD))
    assert for_public(frame).equals(frame)


def test_nil_reports_are_stated_listed_and_withdrawn(site: Site) -> None:
    nil = (
        "report",
        "nil",
        PENALTY,
        "--department",
        "health",
        "--period",
        "2026-01",
        "--as",
        "shen",
    )
    overdue = ("report", "overdue", PENALTY, "--json")

    def silent() -> set[tuple[str, str]]:
        return {(one["owner"], one["period"]) for one in json.loads(call(site, *overdue).stdout)}

    assert ("health", "2026-01") in silent()
    number = json.loads(call(site, *nil, "--note", "本月无处罚", "--json").stdout)["id"]
    assert ("health", "2026-01") not in silent()
    listed = json.loads(call(site, "report", "list", "--department", "health", "--json").stdout)
    assert [(one["id"], one["note"]) for one in listed] == [(number, "本月无处罚")]
    again = call(site, *nil)
    assert again.exit_code == 1
    assert "已就" in again.stderr
    assert call(site, "report", "withdraw", str(number), "--as", "shen").exit_code == 0
    assert ("health", "2026-01") in silent()
    assert "逾期未报送" in call(site, "report", "overdue").stdout
    assert "shen" in call(site, "report", "list", PENALTY).stdout


def test_months_are_checked(site: Site) -> None:
    assert "不是月份" in call(site, "scoreboard", "--month", "2026-00").stderr
    assert call(site, "scoreboard", "--month", "2026-01", "--to", "2026-02").exit_code == 2
    assert "240" in call(site, "scoreboard", "--from", "1990-01", "--to", "2026-01").stderr
    ahead = following(month_of(today()))
    empty = json.loads(call(site, "scoreboard", "--from", ahead, "--to", ahead, "--json").stdout)
    assert empty["board"] == []
