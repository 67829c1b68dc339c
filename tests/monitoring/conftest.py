"""A site of one's own on each kind of database, and a log that tests can read."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from hub.monitoring.logs import Lines
from hub.site import Site, create_site
from tests.hub.ledger_data import made


@pytest.fixture
def site(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    return create_site(tmp_path / "site")


@pytest.fixture
def engine(site: Site) -> Iterator[Engine]:
    engine = made(site.database_url)
    yield engine
    engine.dispose()


@dataclass
class Written:
    """What standard error has."""

    capture: pytest.CaptureFixture[str]
    _text: str = ""

    @property
    def text(self) -> str:
        self._text += self.capture.readouterr().err
        return self._text

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Written]:
    """What is logged from now on; afterwards logging is as it was."""
    root, names = logging.getLogger(), ("hub", "adapters", "publisher", "exchange_schemas")
    before = root.level, [logging.getLogger(name).level for name in names]
    yield Written(capsys)
    root.handlers = [one for one in root.handlers if not isinstance(one, Lines)]
    root.setLevel(before[0])
    for name, level in zip(names, before[1], strict=True):
        logging.getLogger(name).setLevel(level)
