"""`hub subject`: looked up, shown, decided and undone from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from hub import jobs, people
from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.analysis.work import KIND
from hub.cli.main import hub
from hub.database import connect, create_tables, write
from hub.site import Site, create_site
from hub.subjects.decisions import DEPARTMENT
from hub.tables import job
from tests.analysis.test_subjects import complaint, entity
from tests.hub.ledger_data import put

PART = "红荔第5食品"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = create_site(tmp_path / "site")
    engine = connect(made.database_url)
    create_tables(engine)
    put(
        engine,
        "market_entity",
        [entity(n, former_names=[f"茂名市旧荔第{n}食品有限公司"]) for n in (4, 5)],
    )
    put(engine, "complaint_report", [complaint(1, PART, division_code="440902")])
    computing.compute(made, engine, [ANALYSES["subjects"]])
    with write(engine) as connection:
        people.grant(connection, "lin", DEPARTMENT, "reviewer", "tests")
    return made


def ran(site: Site, *words: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(site.path), "subject", *words])


def told(site: Site, *words: str) -> Any:
    result = ran(site, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_pair_is_decided_and_undone(site: Site) -> None:
    code = entity(5)["uscc"]
    (pair,) = told(site, "pairs")["pairs"]
    assert (pair["other"]["node"], pair["one"]["name"]) == (code, PART)
    both = (pair["one"]["node"], code)
    assert told(site, "show", code)["total"] == 1
    decision = told(site, "same", *both, "--why", "现场核实", "--as", "lin")["decision"]
    assert told(site, "show", code)["total"] == 2
    assert told(site, "pairs")["total"] == 0
    (kept,) = told(site, "history", code)
    assert kept["evidence"]["reasons"] == pair["reasons"]
    told(site, "undo", str(decision), "--why", "认定有误", "--as", "lin")
    assert told(site, "show", code)["total"] == 1
    told(site, "differ", *both, "--why", "同名不同户", "--as", "lin")
    assert told(site, "pairs")["total"] == 0


def test_found_by_code_name_and_former_name(site: Site) -> None:
    code = entity(4)["uscc"]
    for text in (code, "红荔第4", "茂名市旧荔第4食品有限公司"):
        assert [one["subject"] for one in told(site, "find", text)] == [code]
    assert told(site, "show", "茂名市旧荔第4食品有限公司")["subject"] == code
    assert told(site, "show", code, "--face", "public")["entries"] == []
    assert "登记状态" in ran(site, "show", code).output
    wrong = ran(site, "show", "没有这户")
    assert (wrong.exit_code, "subject_unknown" in wrong.output) == (1, True)
    assert (
        ran(site, "pairs").exit_code
        == ran(site, "find", "红荔").exit_code
        == ran(site, "history").exit_code
        == 0
    )
    refused = ran(site, "same", code, "NAM-1", "--why", "x", "--as", "lin")
    assert (refused.exit_code, "subject_unknown" in refused.output) == (1, True)


def test_a_decision_while_a_worker_computes_waits_for_it(site: Site) -> None:
    engine = connect(site.database_url)
    (pair,) = told(site, "pairs")["pairs"]
    both = (pair["one"]["node"], pair["other"]["node"])
    jobs.start(engine, KIND, {}, KIND)
    result = ran(site, "same", *both, "--why", "现场核实", "--as", "lin")
    assert (result.exit_code, "计算结束后" in result.output) == (0, True)
    with engine.connect() as connection:
        (waiting,) = connection.execute(select(job.c.arguments).where(job.c.state == "queued"))
    assert json.loads(waiting[0]) == {"names": ["subjects"]}
