"""What activating a standard must never do: lose what was recorded, stop runs, be half done."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Refused
from hub import activation as activating
from hub import disclosures, repeat
from hub.activation import activate
from hub.cli.main import hub
from hub.database import connect, write
from hub.feeds import list_feeds
from hub.progress import Silent
from hub.proposal import impact, propose
from hub.site import Site, open_site
from hub.tables import activation, run
from hub.tables_of_review import disclosure
from tests.hub.ledger_data import MARKET, put

FOOD = "food_sampling_result"
FEED = """\
feed: shops
title: {zh: 商户, en: Shops}
standard: market_entity
source: {kind: file, path: "${SHOPS}"}
format: {kind: csv, encoding: utf-8}
mode: snapshot
fields: {subject_name: 名称, uscc: 代码, established_on: 成立, domicile: 住所}
"""
ROWS = [
    "名称,代码,成立,住所",
    "茂名样例甲,91440902MA0000015X,2020-01-02,官渡路 8 号",
    "茂名样例乙,91440904MA00000A9G,2021-01-02,一条名字很长很长的路 8 号",
]


@pytest.fixture
def site(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    monkeypatch.setenv("SHOPS", str(tmp_path / "shops.csv"))
    (tmp_path / "shops.csv").write_text("\n".join([*ROWS, ""]), encoding="utf-8")
    _hub(tmp_path / "site", "init")
    found = open_site(tmp_path / "site")
    for sample in found.feeds.glob("*.yml"):
        sample.unlink()
    (found.feeds / "shops.yml").write_text(FEED, encoding="utf-8")
    _run(found)
    return found


def _hub(site: Path, *words: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(site), *words])


def _run(site: Site) -> Any:
    return json.loads(_hub(site.path, "feed", "run", "shops", "--json").stdout)


def _standard(site: Site, *words: str) -> Any:
    done = _hub(site.path, "standard", *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


Edit = Callable[[dict[str, Any]], None]


def _version_2(root: Path, name: str, edit: Edit, versions: tuple[str, ...] = ("1", "2")) -> Path:
    """A proposed folder whose version 2 is version 1, edited."""
    packaged = load_catalogue().folder(name)
    folder = root / "proposed" / packaged.parent.name / packaged.name
    shutil.copytree(packaged, folder)
    schema = json.loads((folder / "v1.schema.json").read_text(encoding="utf-8"))
    schema["$id"] = schema["$id"].replace(":1", ":2")
    edit(schema["properties"])
    (folder / "v2.schema.json").write_text(json.dumps(schema, ensure_ascii=False), "utf-8")
    path = folder / "standard.yml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    told["versions"] = [{"version": one, "valid_from": date(2026, 11, 23)} for one in versions]
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    for way in (("1", "2"), ("2", "1")) if len(versions) == 2 else ():
        text = 'from: "{}"\nto: "{}"\n'.format(*way)
        (folder / "v{}-v{}.migration.yml".format(*way)).write_text(text, encoding="utf-8")
    return folder


def _nothing(_properties: dict[str, Any]) -> None:
    """Version 2 says what version 1 says."""


def _short(properties: dict[str, Any]) -> None:
    properties["domicile"]["maxLength"] = 36  # the samples' longest; one row has more
    properties["domicile"]["pattern"] = "^[^很]*$"


def test_the_same_bytes_are_judged_by_what_is_in_force_now(site: Site, tmp_path: Path) -> None:
    assert _run(site)["unchanged"] == 2
    folder = _version_2(tmp_path, MARKET, _short)
    _hub(folder, "standard", "samples", str(folder))
    words = ("activate", MARKET, str(folder), "--as", "陈工", "--accept-impact")
    assert _standard(site, *words)["failing"] == 1
    again = _run(site)
    assert (again["accepted"], again["rejected"]) == (1, 1)
    with connect(site.database_url).connect() as connection:
        versions = connection.scalars(select(run.c.standard_version).order_by(run.c.id)).all()
    assert versions == ["1", "1", "2"]


def test_a_version_that_entries_say_stays(site: Site, tmp_path: Path) -> None:
    folder = _version_2(tmp_path, MARKET, _nothing, versions=("2",))
    found = _standard(site, "impact", MARKET, str(folder))
    assert [(i["code"], i["value"]) for i in found["lost"]] == [("version_in_use", "1")]
    words = ("standard", "activate", MARKET, str(folder), "--as", "陈工", "--accept-impact")
    done = _hub(site.path, *words)
    assert done.exit_code == 1
    assert "[version_in_use]" in done.stderr and "{" not in done.stderr
    assert site.catalogue().get(MARKET).version == "1"


def test_a_standard_that_others_follow_from_keeps_what_they_take(
    site: Site, tmp_path: Path
) -> None:
    def rename(properties: dict[str, Any]) -> None:
        properties["brand_name"] = properties.pop("brand")

    folder = _version_2(tmp_path, FOOD, rename)
    for path in (folder / "samples").iterdir():
        text = path.read_text(encoding="utf-8").replace('"brand":', '"brand_name":')
        path.write_text(text.replace(':brand"', ':brand_name"'), encoding="utf-8")
    for name in ("v1-v2", "v2-v1"):
        pair = ["brand_name: brand", "brand: brand_name"]
        with (folder / f"{name}.migration.yml").open("a") as file:
            file.write(f"fields:\n  {pair[name == 'v2-v1']}\n")
    found = _standard(site, "impact", FOOD, str(folder))
    (issue,) = found["dependents"]["unqualified_product"]
    assert (issue["code"], issue["value"]) == ("derivation_broken", "brand")
    done = _hub(
        site.path, "standard", "activate", FOOD, str(folder), "--as", "陈工", "--accept-impact"
    )
    assert (done.exit_code, "[derivation_broken]" in done.stderr) == (1, True), done.output


def test_what_is_recorded_after_the_impact_was_shown_is_looked_at_too(
    site: Site, tmp_path: Path
) -> None:
    engine = connect(site.database_url)
    folder = _version_2(tmp_path, MARKET, _short)
    _hub(folder, "standard", "samples", str(folder))
    proposal = propose(site.catalogue(), MARKET, str(folder))
    found = impact(engine, proposal, list_feeds(site.feeds), Silent())
    assert found.failing == 1
    found.failing, found.seq = 0, 1  # as if the second record had come in since
    with pytest.raises(Refused) as caught:
        activate(site, engine, proposal, found, "陈工", accept=False)
    assert caught.value.issue.code == "impact_refused"
    assert "1 of 2 records" in caught.value.issue.message("en")
    with engine.connect() as connection:
        assert connection.execute(select(activation)).all() == []


def test_a_crash_between_record_and_folder_is_made_good(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect(site.database_url)
    proposal = propose(site.catalogue(), MARKET, str(_version_2(tmp_path, MARKET, _nothing)))
    found = impact(engine, proposal, [], Silent())
    with monkeypatch.context() as patch:
        patch.setattr(activating, "settle", lambda *_: None)  # the process ends before
        activate(site, engine, proposal, found, "陈工", accept=True)
    assert site.catalogue().get(MARKET).version == "1"
    listed = {one["dataset"]: one for one in _standard(site, "list")}
    assert (listed[MARKET]["version"], listed[MARKET]["activation"]["activated_by"]) == (
        "2",
        "陈工",
    )
    assert listed[FOOD]["activation"] is None
    assert "陈工" in _hub(site.path, "standard", "list").output


def test_a_copy_that_was_never_recorded_does_not_count(site: Site, tmp_path: Path) -> None:
    folder = _version_2(tmp_path, MARKET, _nothing)
    shutil.copytree(folder, site.standards / ".1" / folder.parent.name / folder.name)
    assert _standard(site, "list") and site.catalogue().get(MARKET).version == "1"
    assert _standard(site, "activate", MARKET, str(folder), "--as", "陈工")["activation"] == 1
    assert site.catalogue().get(MARKET).version == "2"


def test_blocks_are_kept_as_they_were(site: Site, tmp_path: Path) -> None:
    folder = _version_2(tmp_path, MARKET, _nothing)
    _standard(site, "activate", MARKET, str(folder), "--as", "陈工")
    assert (site.standards / "1" / "blocks" / "provenance.schema.json").is_file()


def test_a_changed_declaration_is_no_standard_that_is_used_already(
    site: Site, tmp_path: Path
) -> None:
    packaged = load_catalogue().folder(MARKET)
    folder = tmp_path / "proposed" / packaged.parent.name / packaged.name
    shutil.copytree(packaged, folder)
    words = ("standard", "activate", MARKET, str(folder), "--as", "陈工")
    assert "[already_active]" in _hub(site.path, *words).stderr
    path = folder / "standard.yml"
    path.write_text(path.read_text("utf-8").replace("cycle: daily", "cycle: weekly"), "utf-8")
    assert _hub(site.path, *words).exit_code == 0
    assert site.catalogue().get(MARKET).cycle == "weekly"


def test_values_that_are_hidden_now_are_not_shown_because_they_would_be_open(
    site: Site, tmp_path: Path
) -> None:
    put(connect(site.database_url), MARKET, [
        {"subject_name": "丙", "uscc": "92440981MA00001B32", "established_on": "2022-01-02",
         "phone": "0668-1234567"},
    ])  # fmt: skip

    def opened(properties: dict[str, Any]) -> None:
        properties["phone"] |= {"x-tier": "public", "pattern": "^1"}

    told = _standard(site, "impact", MARKET, str(_version_2(tmp_path, MARKET, opened)))
    assert told["failing"] == 1
    assert "1234567" not in json.dumps(told)


def test_a_feed_is_only_blamed_for_what_would_be_new(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOPS")  # wrong, but not because of the proposal
    assert (
        _standard(site, "impact", MARKET, str(_version_2(tmp_path, MARKET, _nothing)))["feeds"]
        == {}
    )


def test_another_program_or_standard_makes_all_views_anew(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade of the hub may mask more: what was approved before isn't what would be shown."""
    engine, catalogue = connect(site.database_url), site.catalogue()
    assert disclosures.refresh(engine, catalogue) == {MARKET: 0}
    with write(engine) as connection:
        connection.execute(update(disclosure).values(view_digest=bytes(32)))
    assert disclosures.refresh(engine, catalogue) == {MARKET: 0}
    monkeypatch.setattr(disclosures, "views_digest", lambda *_: "0" * 64)
    assert disclosures.refresh(engine, catalogue) == {MARKET: 2}
    assert disclosures.refresh(engine, catalogue) == {MARKET: 0}


def test_the_site_s_own_codes_and_standards_are_part_of_the_declaration(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (feed,) = list_feeds(site.feeds)
    before = repeat.declaration_digest(feed, site.catalogue())
    views = repeat.views_digest(site.catalogue(), MARKET)
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / "own.csv").write_text("code,title,title_en,valid_from,valid_to\n")
    with monkeypatch.context() as patch:
        patch.setenv("HUB_CODES", str(tmp_path / "codes"))
        assert repeat.declaration_digest(feed, site.catalogue()) != before
        assert repeat.views_digest(site.catalogue(), MARKET) != views
    folder = _version_2(tmp_path, MARKET, _nothing)
    _standard(site, "activate", MARKET, str(folder), "--as", "陈工")
    assert repeat.declaration_digest(feed, site.catalogue()) != before
    assert repeat.views_digest(site.catalogue(), MARKET) != views
    assert repeat.views_digest(site.catalogue(), FOOD) == repeat.views_digest(
        load_catalogue(), FOOD
    )
