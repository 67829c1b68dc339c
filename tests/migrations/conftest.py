"""Empty databases, into which sites of before are filled, and one of a new site beside them, of the same kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.database import connect, create_tables
from tests.services.postgres_server import fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hub.sqlite'}"
        return
    with fresh_database(request.getfixturevalue("postgres_server_url")) as url:
        yield url


@pytest.fixture
def new_site(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Engine]:
    """A new site's database, made by this program."""
    if database_url.startswith("sqlite"):
        engine = connect(f"sqlite:///{tmp_path / 'new.sqlite'}")
        create_tables(engine)
        yield engine
        engine.dispose()
        return
    with fresh_database(request.getfixturevalue("postgres_server_url")) as url:
        engine = connect(url)
        create_tables(engine)
        yield engine
        engine.dispose()
