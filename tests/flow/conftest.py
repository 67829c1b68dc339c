"""A site of one's own, and small deliveries into it, through the whole pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, func, select

from adapters.declaration import load_feed
from adapters.feed import Feed
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.identifiers import uscc_check_digit
from hub import pipeline
from hub.database import connect, create_tables
from hub.site import Site, create_site
from hub.tables import metadata

HEADER = "名称,代码,成立日期,资本,地址"
FEEDS = Path(__file__).parents[2] / "adapters" / "feeds"


def code(number: int) -> str:
    """A credit code with a right check digit, different for each number below 10,000."""
    body = f"91440902MA00{number:05d}"
    return body + uscc_check_digit(body)


def row(number: int, **cells: str) -> str:
    """One good row; cells may be replaced by their column."""
    good = {
        "名称": f"茂名测试{number}有限公司",
        "代码": code(number),
        "成立日期": "2020-01-31",
        "资本": "100万人民币",
        "地址": "茂名市茂南区",
    }
    return ",".join({**good, **cells}.values())


@dataclass(frozen=True)
class Desk:
    """A site with one feed, of which tests write the deliveries."""

    site: Site
    engine: Engine
    folder: Path

    def feed(self, **told: Any) -> Feed:
        """The feed; `told` replaces parts of its declaration."""
        declared = {
            "feed": "desk",
            "title": {"zh": "测试", "en": "Test"},
            "standard": "market_entity",
            "source": {"kind": "file", "path": "delivery.csv"},
            "format": {"kind": "csv", "encoding": "utf-8"},
            "mode": "snapshot",
            "fields": {
                "subject_name": "名称",
                "uscc": "代码",
                "established_on": "成立日期",
                "registered_capital": {"from": "资本", "convert": "amount_wan"},
                "domicile": "地址",
            },
            **told,
        }
        path = self.folder / f"{declared['feed']}.yml"
        path.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
        return load_feed(path)

    def write(self, *rows: str, header: str = HEADER) -> None:
        """The delivery as UTF-8 lines."""
        self.write_bytes("\n".join([header, *rows, ""]).encode())

    def write_bytes(self, data: bytes) -> None:
        (self.folder / "delivery.csv").write_bytes(data)

    def run(self, feed: Feed | None = None, **options: Any) -> dict[str, Any]:
        catalogue = load_catalogue()
        delivery = pipeline.deliver(
            self.site, self.engine, catalogue, feed or self.feed(), **options
        )
        return pipeline.run_feed(delivery)

    def count(self, table: str) -> int:
        with self.engine.connect() as connection:
            query = select(func.count()).select_from(metadata.tables[table])
            return int(connection.execute(query).scalar_one())


@pytest.fixture
def desk(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    site = create_site(tmp_path / "site")
    engine = connect(database_url)
    create_tables(engine)
    folder = tmp_path / "department"
    folder.mkdir()
    yield Desk(site, engine, folder)
    engine.dispose()


COUNTS = ("read", "accepted", "rejected", "added", "changed", "unchanged", "gone")


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    """The seven counts of a run, in the order of `COUNTS`."""
    return tuple(result[name] for name in COUNTS)
