"""A consumer that comes back after years: superseded entries, versions of the standard, sealed files."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exchange_schemas.days import today
from hub.consume.places import InFolder
from hub.consumers.consumer import add_consumer
from hub.database import write
from hub.exchange import checkpoints, snapshots, stream
from hub.exchange.keeping import keep
from hub.exchange.views import View, views_of
from hub.progress import Silent
from hub.tree.checkpoint import read
from hub.tree.frontier import Frontier
from tests.exchange.faults.history import tally
from tests.exchange.faults.living_city import CATALOGUE, City
from tests.exchange.faults.processes import Started
from tests.hub.ledger_data import PENALTY, put
from tests.hub.test_versions import NEW, OLD

RECORDS = 60


@dataclass
class Archive:
    """A city's penalties over the years."""

    city: City
    key: str
    size: int = 0
    turn: int = 0

    def years(self, runs: int, version: str) -> None:
        """So many runs, each of which says something new of many records."""
        chance = random.Random(runs)
        for _ in range(runs):
            self.turn += 1
            some = chance.sample(range(RECORDS), RECORDS // 2)
            told = [_old(n, self.turn) if version == "1" else _new(n, self.turn) for n in some]
            put(self.city.engine, PENALTY, told, version=version, catalogue=CATALOGUE)
            self.size += len(told)

    def view(self) -> View:
        with self.city.engine.connect() as connection:
            return views_of(connection, PENALTY)[0]

    def seal(self) -> None:
        """As the worker would, with a snapshot."""
        keep(self.city.site, self.city.engine, CATALOGUE, self.view(), Silent())
        snapshots.make(self.city.site, self.city.engine, self.view())

    def root(self) -> bytes:
        view = self.view()
        assert stream.extend(self.city.engine, CATALOGUE, view) == self.size
        return read(checkpoints.checkpoint(self.city.site, self.city.engine, view)).root

    def consume(self, folder: Path, *more: str) -> Started:
        """A process that receives into the folder."""
        what = ("--dataset", PENALTY, "--to", str(folder), "--json", *more)
        found = self.city.nursery.start("consume", self.city.url, *what, HUB_CONSUMER_KEY=self.key)
        found.wait()
        return found


def _old(number: int, turn: int) -> dict[str, Any]:
    doc = f"茂工商处字〔2016〕{number}号"
    return {**OLD, "doc_no": doc, "facts": f"货架上有过期食品，第{turn}次记录。"}


def _new(number: int, turn: int) -> dict[str, Any]:
    doc = f"茂市监处罚〔2025〕{number}号"
    return {**NEW, "doc_no": doc, "facts": f"广告有误，第{turn}次记录。"}


def root_of(folder: Path) -> bytes:
    store = InFolder(folder).store(PENALTY, None)
    return Frontier().extend(store.leaves()).root()


def current(folder: Path) -> dict[str, str]:
    lines = InFolder(folder).store(PENALTY, None).current().read_text("utf-8").splitlines()  # type: ignore[attr-defined]
    told = [json.loads(line) for line in lines]
    return {one["key"]: one["digest"] for one in told}


def prove(city: City, folder: Path, runs: int, figures: dict[str, int | float]) -> None:
    with write(city.engine) as connection:
        archive = Archive(city, add_consumer(connection, "省平台", "government", (PENALTY,)))
    archive.years(3, "1")
    city.serve()
    assert archive.consume(folder / "late").code == 0  # and then not for years
    assert archive.consume(folder / "never").code == 0
    before = archive.size
    archive.years(runs, "1")
    archive.years(runs, "2")
    archive.seal()
    archive.years(2, "2")  # a tail
    whole, root = (
        {"late": (), "new": (), "pages": ("--limit", "100"), "snap": ("--snapshot",)},
        b"",
    )
    for name, more in whole.items():
        done = archive.consume(folder / name, *more)
        assert done.code == 0, done.errors()
        assert done.told()["last"] == archive.size
        root = root or archive.root()
        assert root_of(folder / name) == root
        assert current(folder / name) == current(folder / "late")
        assert archive.consume(folder / name, "--reconcile").told()["differing"] == []
    assert InFolder(folder / "late").store(PENALTY, None).place().last > before
    tally(figures, "faults: entries that a consumer was behind", archive.size - before)
    tally(figures, "… records that stand after them", len(current(folder / "late")))
    _versions(archive, folder)


def _versions(archive: Archive, folder: Path) -> None:
    """The versions of today are given; one whose time is over is refused, and what is held stays."""
    for version in ("1", "2"):
        done = archive.consume(folder / "versions", "--version", version)
        assert (done.code, done.told()["last"]) == (0, archive.size)
    held = (folder / "versions" / f"{PENALTY}@1").stat().st_mtime_ns
    city, until = archive.city, CATALOGUE.get(PENALTY).version_days["1"][1]
    assert until is not None
    city.kill_server()
    city.serve(hours=24 * ((until - today()).days + 2))
    archive.years(2, "2")
    old = archive.consume(folder / "versions", "--version", "1")
    assert old.code == 1
    assert "410" in json.dumps(old.told())
    assert (folder / "versions" / f"{PENALTY}@1").stat().st_mtime_ns == held
    for name, more in (("versions", ("--version", "2")), ("late", ())):
        assert archive.consume(folder / name, *more).told()["last"] == archive.size
    assert root_of(folder / "late") == archive.root()


@pytest.mark.slow
def test_a_consumer_that_is_years_behind(
    city: City, tmp_path: Path, figures: dict[str, int | float]
) -> None:
    prove(city, tmp_path, 20, figures)


@pytest.mark.slow
def test_a_consumer_that_is_decades_behind(
    any_city: City, tmp_path: Path, figures: dict[str, int | float]
) -> None:
    prove(any_city, tmp_path, 300, figures)
