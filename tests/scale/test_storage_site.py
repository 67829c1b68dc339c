"""A site on several machines with one storage: deliveries, releases, filings and wishes, each once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select

from adapters.artefact import Store
from adapters.declaration import load_feed
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Corrupt, Refused, TargetUnavailable
from hub import disclosures, filing_intake, pipeline, publishing
from hub.cli.main import hub
from hub.database import connect
from hub.replay import kept_delivery
from hub.site import Site, create_site
from hub.storage import pushing
from hub.storage.pulling import pull
from hub.tables import dataset, run
from hub.verify import verify
from hub.work import work_now
from publisher.filings import DropFolder, Filing
from publisher.release import current_release
from publisher.subscribing import SUBSCRIBE, Topic, Wish, WishFolder
from tests.hub.ledger_data import MARKET, made
from tests.reviewing import appoint, release
from tests.scale.conftest import Storage, set_storage
from tests.scale.processes import sizes, write_feed
from tests.services.postgres_server import fresh_database
from tests.services.server import free_port


@dataclass
class City:
    """Two machines of the hub on one database and one storage, and a public portal."""

    engine: Engine
    one: Site
    other: Site
    portal: Site

    def release(self, site: Site) -> int | None:
        disclosures.refresh(self.engine, load_catalogue())
        with suppress(Refused):  # nothing is left to decide on
            release(self.engine, MARKET)
        found = publishing.publish(site, self.engine, load_catalogue(), MARKET)
        pushing.push_noted(site)
        return found.number if found else None


@pytest.fixture
def city(
    storage: Storage, tmp_path: Path, postgres_server_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[City]:
    with fresh_database(postgres_server_url) as url:
        monkeypatch.setenv("HUB_DATABASE_URL", url)
        one, other = create_site(tmp_path / "one"), create_site(tmp_path / "other")
        engine = made(url)
        appoint(engine)
        yield City(engine, one, other, Site(tmp_path / "portal"))
        engine.dispose()


def deliver(city: City, site: Site, number: int, rows: int = 20) -> None:
    path = write_feed(site, number, rows)
    work_now(site, city.engine, "feed_run", {"feed": str(path)})


def test_a_delivery_is_in_the_storage_before_its_run_is_committed(
    city: City, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(city, city.one, 0)
    with city.engine.connect() as connection:
        (sha256,) = connection.scalars(select(run.c.sha256).distinct())
    assert f"city/raw/{sha256[:2]}/{sha256}" in storage.objects()
    # while the storage is away nothing is committed, and the delivery stays
    set_storage(monkeypatch, f"127.0.0.1:{free_port()}", storage.name)
    before = sizes(city.engine)
    delivery = pipeline.deliver(
        city.one, city.engine, load_catalogue(), load_feed(write_feed(city.one, 1, 20))
    )
    with pytest.raises(TargetUnavailable):
        pipeline.run_feed(delivery)
    assert sizes(city.engine) == before


def test_another_machine_reads_a_delivery_again(city: City, storage: Storage) -> None:
    deliver(city, city.one, 0)
    with city.engine.connect() as connection:
        number, again = kept_delivery(connection, city.other, "many0")
    here = Store(city.one.raw).find(again.artefact.sha256)
    assert again.artefact.path.read_bytes() == here.read_bytes()
    assert again.artefact.path.is_relative_to(city.other.raw)
    assert verify(city.other, connect(city.other.database_url)).issues == []
    # what was damaged there isn't used
    again.artefact.path.unlink()
    storage.damage(f"raw/{here.name[:2]}/{here.name}")
    with city.engine.connect() as connection, pytest.raises(Corrupt) as caught:
        kept_delivery(connection, city.other, "many0", number)
    assert caught.value.issue.code == "storage_wrong"
    assert not again.artefact.path.exists()


def test_machines_make_releases_in_turns(city: City, storage: Storage) -> None:
    for turn, site in enumerate((city.one, city.other, city.one)):
        deliver(city, site, turn)
        assert city.release(site) == turn + 1
        if turn == 0:  # the machines of one hub sign with one key
            shutil.copytree(city.one.keys, city.other.keys)
            shutil.copy(city.one.releases / "keys.json", city.other.releases)
    pull(city.portal, storage.bucket)
    newest = current_release(city.portal.releases, MARKET)
    assert newest is not None
    assert (newest.number, newest.counts["records"]) == (3, 60)
    assert verify(city.one, city.engine).issues == []


def test_a_release_that_is_still_elsewhere_is_waited_for(
    city: City, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(city, city.one, 0)
    monkeypatch.setattr(
        pushing, "push_noted", lambda _: []
    )  # it was made, and its machine is slow
    assert city.release(city.one) == 1
    deliver(city, city.other, 1)
    with pytest.raises(TargetUnavailable) as caught:
        city.release(city.other)
    assert caught.value.issue.code == "release_elsewhere"
    monkeypatch.undo()


def test_the_machine_of_the_newest_release_is_gone_for_good(city: City, storage: Storage) -> None:
    deliver(city, city.one, 0)
    assert city.release(city.one) == 1
    with city.engine.begin() as connection:  # … which was made as number 2 and never came
        values = {"published_release": 2}
        connection.execute(dataset.update().where(dataset.c.name == MARKET).values(values))
    shutil.rmtree(city.one.path)
    deliver(city, city.other, 1)
    with pytest.raises(TargetUnavailable):
        city.release(city.other)
    words = ["--site", str(city.other.path), "storage", "adopt", MARKET, "--json"]
    done = CliRunner().invoke(hub, words)
    assert (done.exit_code, '"release": 1' in done.output) == (0, True)
    assert city.release(city.other) == 2


def test_a_filing_reaches_the_hub_once_and_leaves_the_portal(city: City, storage: Storage) -> None:
    deliver(city, city.one, 0)
    city.release(city.one)
    pull(city.portal, storage.bucket)
    filed = Filing("objection", MARKET, "0" * 32, "张三", "住所写错了", phone="0668-1")
    number = DropFolder(city.portal.filings).drop(filed)
    wish = Wish(SUBSCRIBE, "email", "a@example.org", Topic(dataset=MARKET))
    WishFolder(city.portal.subscriptions).drop(wish)
    assert pull(city.portal, storage.bucket).drops == 2
    assert DropFolder(city.portal.filings).has(number)
    left = [path for path in city.portal.path.rglob("*") if path.is_file()]
    assert not any("张三".encode() in path.read_bytes() for path in left)
    assert pushing.take_drops(city.one) == 2
    assert DropFolder(city.one.filings).read(number).statement == "住所写错了"
    assert len(WishFolder(city.one.subscriptions).waiting()) == 1
    assert not [key for key in storage.objects() if "drops/" in key]
    assert pushing.take_drops(city.one) == 0


def test_a_filing_that_was_taken_by_who_died_then_is_not_taken_twice(
    city: City, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = Filing("objection", MARKET, "0" * 32, "李四", "不是我")
    number = DropFolder(city.portal.filings).drop(filed)
    pull_all = pull(Site(city.portal.path), storage.bucket)
    assert pull_all.drops == 1
    with monkeypatch.context() as died:
        died.setattr("hub.storage.bucket.Bucket.remove", _dies)
        with pytest.raises(KeyboardInterrupt):
            pushing.take_drops(city.one)
    filing_intake.take_in(city.one, city.engine, load_catalogue())
    assert not DropFolder(city.one.filings).waiting()
    assert pushing.take_drops(city.one) == 0
    assert not DropFolder(city.one.filings).waiting()
    assert DropFolder(city.one.filings).has(number)


def _dies(*_: object) -> None:
    raise KeyboardInterrupt
