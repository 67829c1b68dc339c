"""A proposed version is tried on everything that is there before anybody uses it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from exchange_schemas.catalogue import load_catalogue
from hub import disclosures
from hub.cli.main import hub
from hub.database import connect, write
from hub.site import Site, open_site
from hub.tables import activation, dataset
from hub.tables_of_review import disclosure
from tests.hub.ledger_data import MARKET, put
from tests.reviewing import appoint, approve_all, review_all

FEED = """\
feed: shops
title: {zh: 商户, en: Shops}
standard: market_entity
source: {kind: file, path: shops.csv}
format: {kind: csv, encoding: utf-8}
mode: snapshot
fields: {subject_name: 名称, uscc: 代码, established_on: 成立, email: 邮箱}
"""

COMPANIES = [
    {"subject_name": f"茂名样例{n}", "uscc": code, "established_on": day, "phone": f"0668-{n}"}
    for n, (code, day) in enumerate(
        [
            ("91440902MA0000015X", "2020-01-02"),
            ("91440904MA00000A9G", "2021-01-02"),
            ("92440981MA00001B32", "2022-01-02"),
            ("93440982MA00002C8K", "1989-01-02"),
        ],
        1,
    )
]


@pytest.fixture
def site(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    _hub(tmp_path / "site", "init")
    found = open_site(tmp_path / "site")
    (found.feeds / "shops.yml").write_text(FEED, encoding="utf-8")
    put(connect(database_url), MARKET, COMPANIES)
    return found


@pytest.fixture
def proposed(tmp_path: Path) -> Path:
    folder = load_catalogue().folder(MARKET)
    target = tmp_path / "proposed" / folder.parent.name / folder.name
    shutil.copytree(folder, target)
    return target


def _hub(site: Path, *words: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(site), *words])


def _told(site: Site, *words: str) -> Any:
    done = _hub(site.path, "standard", *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _schema(folder: Path) -> Path:
    return folder / f"v{load_catalogue().get(MARKET).version}.schema.json"


def _without_email(folder: Path) -> None:
    """A field that a feed fills is gone."""
    path = _schema(folder)
    told = json.loads(path.read_text(encoding="utf-8"))
    del told["properties"]["email"]
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    for name in ("valid", "invalid"):
        samples = folder / "samples" / f"{name}.jsonl"
        lines = [json.loads(line) for line in samples.read_text("utf-8").splitlines()]
        for line in lines:
            line.get("record", line).pop("email", None)
        kept = [line for line in lines if not any("email" in i for i in line.get("issues", ()))]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept)
        samples.write_text(text, encoding="utf-8")


def test_impact_counts_records_fields_and_feeds(site: Site, proposed: Path) -> None:
    _without_email(proposed)
    told = json.loads(_schema(proposed).read_text(encoding="utf-8"))
    told["properties"]["established_on"]["pattern"] = "^20"
    told["properties"]["phone"]["pattern"] = "^1"
    _schema(proposed).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    found = _told(site, "impact", MARKET, str(proposed))
    assert (found["records"], found["failing"], found["verdict"]) == (4, 4, "breaking")
    counts = {(one["field"], one["code"]): one["records"] for one in found["fields"]}
    assert counts == {("established_on", "pattern"): 1, ("phone", "pattern"): 4}
    samples = {one["field"]: one["samples"] for one in found["fields"]}
    assert samples["established_on"] == [{"seq": 4, "value": "1989-01-02"}]
    assert {one["value"] for one in samples["phone"]} == {"●●●"}  # nobody reads it by the way
    assert [issue["code"] for issue in found["feeds"]["shops"]] == ["field_unknown"]


def test_what_breaks_is_refused_until_somebody_accepts_it(site: Site, proposed: Path) -> None:
    _without_email(proposed)
    words = ("standard", "activate", MARKET, str(proposed), "--as", "陈工")
    refused = _hub(site.path, *words)
    assert refused.exit_code == 1
    assert "[impact_refused]" in refused.stderr
    assert "须修改" in refused.stderr
    assert "email" in site.catalogue().get(MARKET).fields
    assert _hub(site.path, *words, "--accept-impact").exit_code == 0
    assert "email" not in site.catalogue().get(MARKET).fields
    assert "email" in load_catalogue().get(MARKET).fields
    with connect(site.database_url).connect() as connection:
        (row,) = connection.execute(select(activation)).mappings().all()
    assert (row["dataset"], row["activated_by"], row["verdict"]) == (MARKET, "陈工", "breaking")
    assert (row["records"], row["failing"]) == (4, 0)
    again = _hub(site.path, *words, "--accept-impact")
    assert "[already_active]" in again.stderr


def test_what_hurts_nobody_is_activated_and_views_are_made_anew(
    site: Site, proposed: Path
) -> None:
    engine = connect(site.database_url)
    disclosures.refresh(engine, site.catalogue())
    told = json.loads(_schema(proposed).read_text(encoding="utf-8"))
    told["properties"]["entity_type"]["title"] = "主体类型"
    _schema(proposed).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    found = _told(site, "activate", MARKET, str(proposed), "--as", "陈工")
    assert (found["activation"], found["verdict"], found["failing"]) == (1, "compatible", 0)
    with write(engine) as connection:
        assert connection.scalar(select(dataset.c.reviewed_seq)) == 0
    assert disclosures.refresh(engine, site.catalogue()) == {MARKET: 0}  # nothing looks different
    with engine.connect() as connection:
        assert connection.scalar(select(dataset.c.reviewed_seq)) == 4
        assert set(connection.scalars(select(disclosure.c.state))) == {"pending"}


def test_an_approval_does_not_outlive_what_it_was_given_for(site: Site, proposed: Path) -> None:
    """A mask that goes would show more than was approved."""
    engine = connect(site.database_url)
    told = json.loads(_schema(proposed).read_text(encoding="utf-8"))
    told["properties"]["phone"]["x-tier"] = "public"
    _schema(proposed).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    disclosures.refresh(engine, site.catalogue())
    appoint(engine)
    review_all(engine, MARKET, "wang")
    approve_all(engine, MARKET, "li")
    _told(site, "activate", MARKET, str(proposed), "--as", "陈工", "--accept-impact")
    disclosures.refresh(engine, site.catalogue())
    with engine.connect() as connection:
        states = set(connection.scalars(select(disclosure.c.state)))
    assert states <= {"pending", "blocked"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((MARKET, "nowhere", "--as", "陈工"), "proposal_wrong"),
        ((MARKET, "99", "--as", "陈工"), "version_unknown"),
        (("nothing", "1", "--as", "陈工"), "dataset_unknown"),
        ((MARKET, "1", "--as", "陈工"), "already_active"),
        ((MARKET, "1"), "actor_missing"),
        (("administrative_penalty", "1", "--as", "陈工"), "proposal_wrong"),
    ],
)
def test_what_can_not_be_activated(site: Site, words: tuple[str, ...], code: str) -> None:
    done = _hub(site.path, "standard", "activate", *words)
    assert done.exit_code == 1
    assert f"[{code}]" in done.stderr


def test_a_proposal_that_is_wrong_itself_is_refused(site: Site, proposed: Path) -> None:
    _edit(_schema(proposed), '"maxLength": 36', '"maxLenght": 36')
    words = ("standard", "activate", MARKET, str(proposed), "--as", "陈工", "--accept-impact")
    assert "[keyword_unknown]" in _hub(site.path, *words).stderr


def test_a_record_of_2015_is_tried_the_declared_way(site: Site) -> None:
    found = _told(site, "impact", "administrative_penalty", "1")
    assert (found["records"], found["version"], found["version_before"]) == (0, "1", "2")
