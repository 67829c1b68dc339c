"""Small deliveries made for one test: bytes in a file, and the feed that declares them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from adapters.artefact import Store
from adapters.declaration import load_feed
from adapters.feed import Feed
from adapters.pull import pull, read
from exchange_schemas.batch import Batch
from exchange_schemas.issue import Issue, issues_of
from tests.adapters import converting


@dataclass(frozen=True)
class Read:
    """A delivery read to its end."""

    batches: list[Batch]

    @property
    def rows(self) -> pl.DataFrame:
        return pl.concat([batch.rows for batch in self.batches])

    @property
    def issues(self) -> list[Issue]:
        return issues_of(pl.concat([batch.issues for batch in self.batches]))

    @property
    def unreadable(self) -> int:
        return sum(batch.unreadable for batch in self.batches)


@dataclass(frozen=True)
class Desk:
    """Where a test lays down files and declares feeds for them."""

    folder: Path

    def feed(self, content: bytes | str, name: str = "delivery.csv", **told: Any) -> Feed:
        """A feed of `content`; `told` replaces parts of a plain declaration of a CSV in UTF-8."""
        data = content.encode() if isinstance(content, str) else content
        (self.folder / name).write_bytes(data)
        return self.declare(source={"kind": "file", "path": name}, **told)

    def declare(self, **told: Any) -> Feed:
        plain = {
            "feed": "test_feed",
            "title": {"zh": "测试", "en": "Test"},
            "standard": "market_entity",
            "source": {"kind": "file", "path": "delivery.csv"},
            "format": {"kind": "csv", "encoding": "utf-8"},
            "mode": "snapshot",
            "fields": {"subject_name": "a", "business_scope": "b"},
        }
        path = self.folder / "test_feed.yml"
        path.write_text(
            yaml.safe_dump(plain | told, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        return load_feed(path)

    def read(self, content: bytes | str, name: str = "delivery.csv", **told: Any) -> Read:
        feed = self.feed(content, name, **told)
        return Read(list(read(feed, pull(feed, Store(self.folder / "raw")).artefact)))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def convert() -> Callable[..., list[Any]]:
    """Runs one converter over a list of cells; a cell that can't be read comes out as `...`."""

    def run(name: str, cells: list[str | None], **options: Any) -> list[Any]:
        return converting.convert(name, cells, options)

    return run
