"""Releases in a database of the portal's own: a reader sees the old one or the new one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest

from exchange_schemas.errors import Misdeclared
from publisher.chosen_store import SETTING, store_of
from publisher.disk import sha256
from publisher.library import Library
from publisher.manifest import MANIFEST
from publisher.postgres_load import Replaced, load
from publisher.postgres_store import PostgresStore
from publisher.release import Release
from publisher.store import FileStore
from tests.publisher.shelf import CATALOGUE, ENTITIES, release
from tests.services.postgres_server import fresh_database

NAME = "market_entity"


@pytest.fixture
def url(postgres_server_url: str) -> Iterator[str]:
    with fresh_database(postgres_server_url) as found:
        yield found.replace("+psycopg", "", 1)


def loaded(url: str, made: Release) -> bool:
    return load(url, made, sha256(made.path / MANIFEST))


def asked(url: str, query: str, *values: Any) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, values).fetchall()


def schemas(url: str) -> list[str]:
    found = asked(url, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'portal_release_%%'")
    return [name for (name,) in found]


def test_a_release_is_loaded_once(url: str, tmp_path: Path) -> None:
    made = release(tmp_path, NAME, ENTITIES)
    assert loaded(url, made)
    assert not loaded(url, made)
    assert schemas(url) == ["portal_release_1"]


def test_the_release_before_is_gone_whole(url: str, tmp_path: Path) -> None:
    old = release(tmp_path, NAME, ENTITIES)
    loaded(url, old)
    new = release(tmp_path, NAME, ENTITIES[1:])
    assert loaded(url, new)
    assert schemas(url) == ["portal_release_2"]
    assert asked(url, "SELECT dataset, number FROM portal_shelf") == [(NAME, 2)]
    with pytest.raises(Replaced):
        loaded(url, old)


def test_a_load_that_fails_leaves_what_was_there(url: str, tmp_path: Path) -> None:
    loaded(url, release(tmp_path, NAME, ENTITIES))
    new = release(tmp_path, NAME, ENTITIES[1:])
    records = new.path / "records.jsonl"
    records.chmod(0o644)
    records.write_text("")
    with pytest.raises(ValueError, match="zip"):
        loaded(url, new)
    assert asked(url, "SELECT dataset, number FROM portal_shelf") == [(NAME, 1)]
    assert schemas(url) == ["portal_release_1"]


def test_a_reader_sees_a_release_to_its_end(url: str, tmp_path: Path) -> None:
    """A reading that has begun has what was there, while the next release waits for it."""
    store = PostgresStore(url)
    library = Library(tmp_path, CATALOGUE, store=store)
    old = release(tmp_path, NAME, ENTITIES)
    assert library.search("供销").total == 1
    new = release(tmp_path, NAME, ENTITIES[1:])
    with store._reading(old) as reading:
        before = reading.lines(["e1", "e2"])
        thread = Thread(target=loaded, args=(url, new))
        thread.start()
        thread.join(0.3)
        assert reading.lines(["e1", "e2"]) == before
    thread.join()
    assert library.search("供销").total == 0
    with pytest.raises(Replaced), store._reading(old):
        pass


def test_two_portals_load_at_once(url: str, tmp_path: Path) -> None:
    release(tmp_path, NAME, ENTITIES)
    totals: list[int] = []

    def ask() -> None:
        library = Library(tmp_path, CATALOGUE, store=PostgresStore(url))
        totals.append(library.search("茂名").total)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert totals == [1, 1, 1, 1]
    assert schemas(url) == ["portal_release_1"]


def test_connections_that_the_server_ended_are_replaced(url: str, tmp_path: Path) -> None:
    release(tmp_path, NAME, ENTITIES)
    library = Library(tmp_path, CATALOGUE, store=PostgresStore(url))
    assert library.search("茂名").total == 1
    asked(
        url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )  # fmt: skip
    assert library.search("茂名").total == 1


def test_a_database_that_is_away_leaves_datasets_out(tmp_path: Path) -> None:
    release(tmp_path, NAME, ENTITIES)
    store = PostgresStore("postgresql://nobody@127.0.0.1:1/none")
    hits = Library(tmp_path, CATALOGUE, store=store).search("茂名")
    assert (hits.total, hits.updating) == (0, (NAME,))


def test_a_release_that_was_made_again_is_another_one(url: str, tmp_path: Path) -> None:
    """The same number with another manifest, as when a site was begun anew."""
    made = release(tmp_path / "a", NAME, ENTITIES)
    loaded(url, made)
    again = release(tmp_path / "b", NAME, ENTITIES[1:])
    assert loaded(url, replace(again))
    library = Library(tmp_path / "b", CATALOGUE, store=PostgresStore(url))
    assert library.search("供销").total == 0
    assert library.record(NAME, "e2") is not None


@pytest.mark.parametrize("value", ["mysql://x/y", "portal.sqlite", "sqlite:///x"])
def test_only_postgresql_will_do(value: str) -> None:
    with pytest.raises(Misdeclared) as caught:
        store_of({SETTING: value})
    assert caught.value.issue.code == "portal_database_unknown"


def test_without_the_setting_the_files_are_read() -> None:
    assert isinstance(store_of({}), FileStore)
    assert isinstance(store_of({SETTING: " "}), FileStore)
    assert isinstance(store_of({SETTING: "postgresql://a@b/c"}), PostgresStore)
