"""A site on each database, whose analyses a test chooses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue, load_catalogue
from hub.database import connect
from hub.site import Site, create_site
from tests.hub.ledger_data import made


@dataclass(frozen=True)
class Place:
    """A site with its database and the packaged standards."""

    site: Site
    engine: Engine
    catalogue: Catalogue


@pytest.fixture
def place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """On SQLite and on PostgreSQL."""
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    site, engine = create_site(tmp_path / "site"), made(database_url)
    yield Place(site, connect(database_url), load_catalogue())
    engine.dispose()
