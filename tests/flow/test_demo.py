"""`hub demo` as a newcomer runs it: a process of its own, in an empty folder, twice."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from exchange_schemas.catalogue import load_catalogue
from hub import ledger
from hub.analysis.analyses import ANALYSES
from hub.database import connect
from hub.site import open_site
from hub.tables import dataset

CATALOGUE = load_catalogue()
NOT_SHARED = {n for n in CATALOGUE.datasets() if CATALOGUE.get(n).share_type == "none"}
SAMPLES = {"sample_registration", "sample_penalties", "sample_food", "sample_abnormal"}


def hub(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("hub")
    command = [str(program), "--site", str(site), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def demo(site: Path) -> dict[str, Any]:
    done = hub(site, "demo", "--json")
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    site = tmp_path_factory.mktemp("demo") / "site"
    return site, demo(site), demo(site)


def ended(site: Path, name: str) -> int:
    """How many approved records of a dataset were over before their first day."""
    with closing(sqlite3.connect(site / "hub.sqlite")) as connection:
        query = (
            "SELECT count(*) FROM disclosure d JOIN dataset s ON s.id = d.dataset_id"
            " WHERE s.name = ? AND d.state = 'expired' AND d.published_on IS NULL"
        )
        return int(connection.execute(query, (name,)).fetchone()[0])


def test_the_whole_main_job(twice: tuple[Path, dict[str, Any], dict[str, Any]]) -> None:
    site, first, _ = twice
    assert {run["feed"] for run in first["runs"]} == SAMPLES
    for run in first["runs"]:
        assert run["read"] == run["accepted"] + run["rejected"]
        assert run["accepted"] == run["added"]
        assert run["rejected"] > 0  # each sample has rows that are wrong on purpose
    assert all(run["added"] == run["accepted"] == run["read"] for run in first["others"])
    assert len({run["dataset"] for run in first["others"]}) == len(first["others"]) > 40
    assert first["blocked"] == 0
    penalties = site / "releases" / "administrative_penalty" / "1" / "records.jsonl"
    text = penalties.read_text(encoding="utf-8")
    assert (
        text.count("经办人身份证号码为〔身份证号略〕") == 1
    )  # an identity number in a decision's facts
    for name, release in first["releases"].items():
        folder = site / "releases" / name / str(release["release"])
        assert sorted(p.name for p in folder.iterdir()) == sorted(
            [*release["files"], "manifest.json", "manifest.sig", "verify.py", "internal"]
        )
        lines = (folder / "records.jsonl").read_text(encoding="utf-8").splitlines()
        over = ended(site, name)  # off the list of abnormal operation since long
        assert len(lines) == release["records"] == first["approved"][name] - over
        assert over > 0 or name != "abnormal_operation_list"


def test_the_province_holds_what_the_ledger_holds(
    twice: tuple[Path, dict[str, Any], dict[str, Any]],
) -> None:
    site, first, second = twice
    with connect(open_site(site).database_url).connect() as connection:
        names = set(connection.scalars(select(dataset.c.name).where(dataset.c.seq > 0)))
        assert names - set(first["pulled"]) <= NOT_SHARED
        for name in first["pulled"]:
            kept = [
                json.loads(line)
                for path in sorted((site / "province" / name).glob("*.ndjson"))
                for line in path.read_text(encoding="utf-8").splitlines()
            ]
            entries = ledger.entries(connection, name, 0, 10_000)
            assert [(k["seq"], k["operation"], k["key"]) for k in kept] == [
                (e.seq, e.operation, e.key) for e in entries
            ]
            if not any(one.tier == "sealed" for one in CATALOGUE.get(name).fields.values()):
                assert [k["digest"] for k in kept] == [e.digest.hex() for e in entries]
            assert first["pulled"][name] == len(entries) > 0
            assert second["pulled"][name] == 0


def test_a_second_run_adds_nothing(twice: tuple[Path, dict[str, Any], dict[str, Any]]) -> None:
    _, first, second = twice
    for run in second["runs"] + second["others"]:
        assert (run["added"], run["changed"], run["gone"]) == (0, 0, 0)
        assert run["unchanged"] == run["accepted"]
    assert not any(second["approved"].values())
    for name, release in second["releases"].items():
        assert release["release"] == first["releases"][name]["release"]


def test_what_is_computed_is_released_like_any_other_record(
    twice: tuple[Path, dict[str, Any], dict[str, Any]],
) -> None:
    """Each public dataset of an analysis: two people approved what it said, and a release has just that."""
    _, first, second = twice
    assert set(first["analyses"]) == set(ANALYSES)
    for counts in (*first["analyses"].values(), *second["analyses"].values()):
        assert not any(one["rejected"] for one in counts.values())
    computed = {one.name: set(one.writes) for one in ANALYSES.values()}
    public = {name for name in set().union(*computed.values()) if CATALOGUE.get(name).public}
    waiting = {
        "price_alert",
        "product_recall",
    }  # a person decides before there is anything to release
    assert public - waiting <= set(first["releases"])
    for name in public - waiting - {"complaint_statistic"}:  # of which some also come by a feed
        (count,) = [c[name]["accepted"] for c in first["analyses"].values() if name in c]
        refused = count - first["approved"][name]
        assert count > 0
        assert (refused > 0) == (name == "document_validity")  # of one without every step


def test_everything_can_be_verified_and_shown(
    twice: tuple[Path, dict[str, Any], dict[str, Any]],
) -> None:
    site, _, _ = twice
    assert hub(site, "verify").returncode == 0
    table = hub(site, "demo", "--no-serve", "--small")
    assert table.returncode == 0
    for word in ("sample_registration", "administrative_penalty", "省平台已取"):
        assert word in table.stdout
