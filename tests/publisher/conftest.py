"""Fixtures of the publisher's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.library import Library
from publisher.postgres_store import PostgresStore
from publisher.store import FileStore, Store
from tests.publisher.shelf import CATALOGUE, ENTITIES, PENALTIES, release
from tests.services.postgres_server import fresh_database


@pytest.fixture(params=["files", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Every test that asks for the library has it from both."""
    if request.param == "files":
        yield FileStore()
        return
    with fresh_database(request.getfixturevalue("postgres_server_url")) as url:
        yield PostgresStore(url.replace("+psycopg", "", 1))


@pytest.fixture
def library(tmp_path: Path, store: Store) -> Library:
    release(tmp_path, "market_entity", ENTITIES)
    release(tmp_path, "administrative_penalty", PENALTIES)
    return Library(tmp_path, CATALOGUE, store=store)
