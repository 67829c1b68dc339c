"""Two sites: "the city", served by a process, and "the province" with a database of its own.

The province pulls every dataset that it shares, both prove that they hold the same, damage is found and
repaired, and a penalty that the city repairs disappears everywhere, with confirmations.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, create_engine, text

from hub import people
from hub.database import connect, write
from hub.demo import PROVINCE
from hub.site import open_site
from hub.tree.checkpoint import read
from hub.tree.frontier import Frontier
from tests.filings.conftest import STAFF, Office, a_penalty
from tests.hub.ledger_data import PENALTY

OTHER = "91440904MA00000A9G"  # has no other penalty in the samples
COMMAND = [sys.executable, "-c", "from hub.cli.main import hub; hub()"]


def hub(*arguments: str, **environment: str) -> Any:
    """What a command prints as JSON; it must succeed."""
    done = subprocess.run(
        [*COMMAND, *arguments, "--json"],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


@dataclass
class Sites:
    """The city's site and address; the province's database and its key."""

    city: Path
    url: str
    key: str
    database: str

    def at_city(self, *arguments: str) -> Any:
        return hub("--site", str(self.city), *arguments)

    def province(self, *more: str) -> Any:
        """`hub consume --all`, as its operator's timer runs it."""
        receive = ("consume", self.url, "--all", "--database", self.database)
        return hub(*receive, *more, HUB_CONSUMER_KEY=self.key)

    def rows(self, query: str, **words: object) -> list[tuple[Any, ...]]:
        """Of the province's database."""
        engine = create_engine(self.database.replace("postgresql:", "postgresql+psycopg:"))
        try:
            with engine.begin() as connection:
                found = connection.execute(text(query), words)
                return [tuple(row) for row in found] if found.returns_rows else []
        finally:
            engine.dispose()


@contextmanager
def served(site: Path) -> Iterator[str]:
    """`hub serve` in a process of its own."""
    command = [*COMMAND, "--site", str(site), "serve", "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = ""
    while not told.rstrip().endswith("}"):
        line = process.stdout.readline()
        assert line, "the city's server ended"
        told += line
    try:
        yield json.loads(told)["portal"].rstrip("/")
    finally:
        process.terminate()
        assert process.wait(20) == 0


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Office, str]]:
    """The demo's site, with staff and one penalty more, which can be repaired."""
    path = tmp_path_factory.mktemp("city") / "site"
    hub("--site", str(path), "demo")
    site = open_site(path)
    engine: Engine = connect(site.database_url)
    with write(engine) as connection:
        for person, (department, role) in STAFF.items():
            people.grant(connection, person, department, role, "tests")
    office = Office(site, engine, site.catalogue())
    office.publish(a_penalty(1, uscc=OTHER, subject_name="高州市未有他案商行"))
    query = "SELECT record_id FROM disclosure WHERE key LIKE '%茂市监处罚〔2026〕1号%'"
    with engine.connect() as connection:
        record = str(connection.scalar(text(query)))
    yield path, office, record
    engine.dispose()


@pytest.fixture(scope="module")
def sites(
    city: tuple[Path, Office, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sites]:
    path, _, _ = city
    key = (path / "demo-province.key").read_text()  # the demo has granted it all that is shared
    database = f"sqlite:///{tmp_path_factory.mktemp('province') / 'province.sqlite'}"
    with served(path) as url:
        yield Sites(path, url, key, database)


def status(url: str) -> int:
    return httpx.get(url, timeout=20).status_code


def test_the_province_holds_all_that_the_city_shares(
    sites: Sites, city: tuple[Path, Office, str], figures: dict[str, int | float]
) -> None:
    done = sites.province()
    told = {one["dataset"]: one for one in done["datasets"]}
    with city[1].engine.connect() as connection:
        query = "SELECT d.name, max(r.seq) FROM revision r JOIN dataset d ON d.id = r.dataset_id GROUP BY d.name"
        heads = {name: seq for name, seq in connection.execute(text(query)) if name in told}
    assert len(heads) >= 5
    assert {name: one["last"] for name, one in told.items() if one["last"]} == heads
    assert all(one["receipts_waiting"] == 0 for one in told.values())
    assert all(one["entries"] == 0 for one in sites.province()["datasets"])
    figures["two sites: datasets"] = len(told)
    figures["two sites: entries"] = sum(heads.values())


def test_both_sides_sign_and_hold_one_root_and_damage_is_repaired(sites: Sites) -> None:
    before = {one["dataset"]: one for one in sites.province("--reconcile")["datasets"]}
    assert all(one["differing"] == [] for one in before.values())
    damage = (
        f"UPDATE exchange_entry SET record = '{{}}' WHERE dataset = '{PENALTY}' AND seq IN (3, 40)"
    )
    sites.rows(damage)
    sites.rows(f"DELETE FROM exchange_entry WHERE dataset = '{PENALTY}' AND seq = 50")
    sites.rows(f"DELETE FROM exchange_current WHERE dataset = '{PENALTY}'")
    found = {one["dataset"]: one for one in sites.province("--reconcile")["datasets"]}
    assert found[PENALTY]["differing"] == [3, 40, 50]
    assert found[PENALTY]["repaired"] == 3
    again = sites.province("--reconcile")["datasets"]
    assert all(one["differing"] == [] for one in again)
    held = sites.rows(
        f"SELECT frontier, checkpoint FROM exchange_cursor WHERE dataset = '{PENALTY}'"
    )
    root = Frontier.from_json(json.loads(held[0][0])).root()
    note = httpx.get(
        f"{sites.url}/exchange/v1/datasets/{PENALTY}/checkpoint",
        headers={"Authorization": f"Bearer {sites.key}"},
    )
    assert read(note.text).root == root == read(held[0][1]).root
    assert sites.rows(f"SELECT count(*) FROM exchange_record WHERE dataset = '{PENALTY}'") != [
        (0,)
    ]


def test_a_repaired_penalty_disappears_everywhere_and_each_confirms(
    sites: Sites, city: tuple[Path, Office, str], tmp_path: Path
) -> None:
    _, office, record = city
    sites.province()
    key = "茂市监处罚〔2026〕1号"
    shown = (
        f"SELECT count(*) FROM exchange_record WHERE dataset = '{PENALTY}' AND key LIKE '%{key}%'"
    )
    assert sites.rows(shown) == [(1,)]
    page = f"{sites.url}/datasets/{PENALTY}/records/{record}"
    assert status(page) == 200
    reader = _public_reader(sites, tmp_path)
    assert reader()["last"] > 0

    number = office.file(record, "repair")  # the party, on the portal
    sites.at_city("filing", "take")
    sites.at_city("filing", "accept", number, "--as", "zhao")
    repair = ("filing", "repair", number)
    found = ("--confirm", "performed", "--confirm", "remedied", "--note", "缴款凭证")
    sites.at_city(*repair, *found, "--as", "zhao")
    done = sites.at_city(*repair, "--grant", "--answer", "准予信用修复。", "--as", "li")
    assert done["record_state"] == "repaired"

    assert status(page) == 410
    public = Path(reader()["current"]).read_text()  # the public stream has a delete for it
    assert record not in public
    assert public
    told = sites.province()
    assert (told["notices"], told["confirmed"]) == (1, 1)
    assert sites.rows(shown) == [(0,)]
    marked = "SELECT count(*) FROM exchange_current WHERE withdrawn_at IS NOT NULL"
    assert sites.rows(marked) == [(1,)]
    holders = sites.at_city("review", "holders", PENALTY, record)["holders"]
    province = next(one for one in holders if one["consumer"] == PROVINCE)
    assert province["confirmed_at"]


def _public_reader(sites: Sites, folder: Path) -> Any:
    """Another consumer, which is given the public's view, and how it pulls."""
    made = sites.at_city(
        "consumer", "add", "市信用办", "--audience", "government", "--dataset", PENALTY
    )
    terms = ("--audience", "public", "--as", "li")
    sites.at_city("grant", "apply", "市信用办", "--dataset", PENALTY, *terms)

    def pull() -> Any:
        to = ("--to", str(folder / "credit"), "--current")
        receive = ("consume", sites.url, "--dataset", PENALTY, *to)
        return hub(*receive, HUB_CONSUMER_KEY=made["key"])

    return pull
