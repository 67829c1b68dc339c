"""Results enter the ledger as records like any other, and a second computing changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from exchange_schemas.errors import Misdeclared, Refused
from hub import jobs, ledger
from hub.analysis import analyses, computing, overview
from hub.analysis.analyses import Analysis, find
from hub.analysis.asking import ask_for
from hub.analysis.inputs import Result
from hub.analysis.results import enter
from hub.analysis.work import KIND, enqueue
from hub.backup.site_files import SiteFiles
from hub.cli.main import hub
from hub.database import write
from hub.source_row import delivery_of, source_row
from hub.tables import job, run
from hub.verify import verify
from hub.work import work_now
from tests.analysis.an_analysis import MARKED, PARTLY
from tests.analysis.conftest import Place
from tests.hub.ledger_data import MARKET, a_company, put

WARNING = "consumer_warning"
DAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the analyses of this test."""
    table = {MARKED.name: MARKED}
    for module in (analyses, computing, overview):
        monkeypatch.setattr(module, "ANALYSES", table)
    monkeypatch.setattr("hub.analysis.work.ANALYSES", table)


def compute(place: Place, one: Analysis = MARKED, day: date = DAY) -> dict[str, int]:
    found = computing.compute(place.site, place.engine, [one], day=day)
    return {
        name: found[one.name][WARNING][name] for name in ("added", "changed", "unchanged", "gone")
    }


def titles(place: Place) -> list[str]:
    from hub.current import current_fields

    standard = place.catalogue.get(WARNING)
    with place.engine.connect() as connection:
        return sorted(current_fields(connection, WARNING, standard.dtypes)["title"])


@pytest.mark.parametrize("one", [MARKED, PARTLY])
def test_results_follow_what_they_are_computed_from(place: Place, one: Analysis) -> None:
    put(place.engine, MARKET, [a_company(n) for n in range(5)])
    assert compute(place, one) == {"added": 5, "changed": 0, "unchanged": 0, "gone": 0}
    put(place.engine, MARKET, [a_company(1, subject_name="新名")], [a_company(4)])
    again = compute(place, one)
    assert (again["added"], again["changed"], again["gone"]) == (0, 1, 1)
    assert titles(place) == sorted(["新名", *(a_company(n)["subject_name"] for n in (0, 2, 3))])
    assert compute(place, one)["changed"] == 0
    assert verify(place.site, place.engine).issues == []


def test_an_unchanged_second_computing_writes_nothing(place: Place) -> None:
    put(place.engine, MARKET, [a_company(n) for n in range(5)])
    compute(place)
    with place.engine.connect() as connection:
        before = ledger.head_seq(connection, WARNING)
    assert compute(place) == {"added": 0, "changed": 0, "unchanged": 5, "gone": 0}
    with place.engine.connect() as connection:
        assert ledger.head_seq(connection, WARNING) == before
        kinds = list(
            connection.scalars(select(run.c.kind).where(run.c.source == "analysis_marked"))
        )
    assert kinds == [KIND, KIND]


def test_records_of_others_stay(place: Place) -> None:
    """Only what this analysis said can be taken back by it."""
    theirs = {
        "warning_id": "XFJS1", "issuer": "茂名市消费者委员会", "kind": "消费提示", "title": "他人的",
        "body": "…", "issued_on": "2026-01-01", "food_content": "不涉及食品安全", "authority_check": "未核对",
    }  # fmt: skip
    put(place.engine, WARNING, [theirs])
    put(place.engine, MARKET, [a_company(1)])
    compute(place)
    put(place.engine, MARKET, [], [a_company(1)])
    assert compute(place)["gone"] == 1
    assert titles(place) == ["他人的"]


def test_a_result_that_its_standard_refuses_is_kept_with_its_reason(place: Place) -> None:
    rows = pl.DataFrame(
        {"warning_id": ["A", "B"], "kind": ["消费提示", "没有"], "issued_on": "2026-01-01"}
    )
    rows = rows.with_columns(
        issuer=pl.lit("x"), title=pl.lit("t"), body=pl.lit("b"),
        food_content=pl.lit("不涉及食品安全"), authority_check=pl.lit("未核对"),
    )  # fmt: skip
    found = enter(place.engine, place.catalogue, "marked", Result(WARNING, rows))
    assert (found["added"], found["rejected"]) == (1, 1)


def test_what_is_due(place: Place) -> None:
    with place.engine.connect() as connection:
        assert computing.due(place.site, connection, DAY) == []
    put(place.engine, MARKET, [a_company(1)])
    with place.engine.connect() as connection:
        assert computing.due(place.site, connection, DAY) == [MARKED]
    compute(place)
    with place.engine.connect() as connection:
        assert computing.due(place.site, connection, DAY) == []
        assert computing.due(place.site, connection, date(2026, 11, 24)) == [MARKED]
    put(place.engine, MARKET, [a_company(2)])
    with place.engine.connect() as connection:
        assert computing.due(place.site, connection, DAY) == [MARKED]


def test_the_schedule_queues_it_once(place: Place) -> None:
    put(place.engine, MARKET, [a_company(1)])
    with write(place.engine) as connection:
        (number,) = enqueue(connection, place.site)
        assert enqueue(connection, place.site) == []
    assert number
    told = work_now(place.site, place.engine, KIND, {"names": []})
    assert told["marked"][WARNING]["added"] == 1
    with write(place.engine) as connection:
        assert enqueue(connection, place.site) == []  # the last one is just over


def test_the_command(place: Place) -> None:
    put(place.engine, MARKET, [a_company(1)])
    arguments = ["--site", str(place.site.path), "analysis"]
    ran = CliRunner().invoke(hub, [*arguments, "run", "--json"])
    assert json.loads(ran.stdout)["marked"][WARNING]["added"] == 1, ran.output
    (one,) = json.loads(CliRunner().invoke(hub, [*arguments, "list", "--json"]).stdout)
    assert (one["analysis"], one["due"]) == ("marked", False)
    shown = CliRunner().invoke(hub, [*arguments, "list"])
    assert "marked" in shown.stdout
    wrong = CliRunner().invoke(hub, [*arguments, "run", "nothing"])
    assert (wrong.exit_code, "analysis_unknown" in wrong.output) == (1, True)


def test_a_computed_record_has_no_delivered_row(place: Place) -> None:
    put(place.engine, MARKET, [a_company(1)])
    compute(place)
    standard = place.catalogue.get(WARNING)
    with place.engine.connect() as connection:
        told = delivery_of(connection, ledger.dataset_id(connection, WARNING), 1)
        assert told is not None
        with pytest.raises(Refused) as refused:
            source_row(connection, place.site, place.catalogue, standard, told)
    assert refused.value.issue.code == "record_computed"


def test_an_unknown_name() -> None:
    with pytest.raises(Misdeclared) as refused:
        find("nothing")
    assert refused.value.issue.code == "analysis_unknown"


def test_a_site_keeps_its_copies_out_of_backups(place: Place, tmp_path: Path) -> None:
    put(place.engine, MARKET, [a_company(1)])
    compute(place)
    assert (place.site.columns / MARKET).is_dir()
    files = SiteFiles(place.site, keys=False)
    files.begin()
    with place.engine.connect() as connection:
        files.take(connection)
    assert not [name for name, _ in files.files() if name.startswith("columns")]


def test_one_that_fails_keeps_only_those_that_read_what_it_writes(place: Place) -> None:
    put(place.engine, MARKET, [a_company(1)])
    broken = Analysis(
        "broken", "Analyses", (MARKET,), ("typical_case",), "tests.analysis.an_analysis:fail"
    )
    behind = replace(MARKED, name="behind", reads=("typical_case",), writes=("price_alert",))
    with pytest.raises(RuntimeError, match="a file of rules"):
        computing.compute(place.site, place.engine, [broken, behind, MARKED], day=DAY)
    assert titles(place) == [a_company(1)["subject_name"]]
    with place.engine.connect() as connection:
        assert computing.known_seqs(connection, "marked")
        assert not computing.known_seqs(connection, "broken")
        assert not computing.known_seqs(connection, "behind")


def test_what_is_asked_for_waits_behind_what_runs(place: Place) -> None:
    lease = jobs.start(place.engine, KIND, {"names": []}, KIND)
    with write(place.engine) as connection:
        first = ask_for(connection, "marked")
        assert ask_for(connection, "marked") == first  # one that waits is enough
        assert ask_for(connection, "partly") != first
    assert lease.job_id != first


def test_a_job_that_was_asked_for_isnt_taken_before_its_reason_is_there(place: Place) -> None:
    """What a job reads has to have the decision that it was asked for."""
    if place.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    with write(place.engine) as connection:
        number = ask_for(connection, "marked")
    with write(place.engine) as connection, place.engine.connect() as other:
        assert ask_for(connection, "marked") == number
        free = select(job.c.id).where(job.c.id == number).with_for_update(skip_locked=True)
        assert other.scalar(free) is None
