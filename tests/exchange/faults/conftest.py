"""What the fault tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exchange.faults.living_city import City, a_living_city
from tests.exchange.faults.processes import Nursery, nursery


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Nursery]:
    """Where processes come from; none outlives the test."""
    with nursery(tmp_path / "processes") as found:
        yield found


@pytest.fixture
def city(tmp_path: Path, children: Nursery) -> Iterator[City]:
    """A city on SQLite."""
    found = a_living_city(tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}", children)
    yield found
    found.engine.dispose()


@pytest.fixture
def any_city(tmp_path: Path, children: Nursery, database_url: str) -> Iterator[City]:
    """A city on SQLite, and one on PostgreSQL."""
    found = a_living_city(tmp_path, database_url, children)
    yield found
    found.engine.dispose()
