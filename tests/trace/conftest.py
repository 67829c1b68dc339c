"""A site on each database, with the ledger of a small trade in chickens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange_schemas.catalogue import load_catalogue
from hub.database import connect
from hub.site import create_site
from tests.analysis.conftest import Place
from tests.hub.ledger_data import made


@pytest.fixture
def place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """On SQLite and on PostgreSQL."""
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    site, engine = create_site(tmp_path / "site"), made(database_url)
    yield Place(site, connect(database_url), load_catalogue())
    engine.dispose()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Place]:
    """On SQLite alone, for what asks the database nothing of its own."""
    url = f"sqlite:///{tmp_path / 'small.sqlite'}"
    site, engine = create_site(tmp_path / "small"), made(url)
    yield Place(site, engine, load_catalogue())
    engine.dispose()
