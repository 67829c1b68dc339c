"""The drill: a backup while others work, restored; nothing is lost up to its moment, nothing half there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from exchange_schemas.errors import Refused
from hub import demo
from hub.backup.checking import check
from hub.backup.making import back_up
from hub.backup.places import SUFFIX
from hub.backup.restoring import restore
from hub.database import connect
from hub.site import Site, open_site
from hub.tables import exchange_log, run
from hub.verify import verify
from tests.backup.busy_site import MARKET, last_seq
from tests.backup.conftest import Working, at_work
from tests.services.postgres_server import fresh_database


def rows(engine, seq: int) -> list[tuple[object, ...]]:
    """The runs of a ledger up to a sequence number."""
    columns = (run.c.id, run.c.sha256, run.c.first_seq, run.c.last_seq)
    query = select(*columns).where(run.c.last_seq <= seq, run.c.state == "committed")
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(run.c.id))]


def served(site: Site, paths: list[str], key: str) -> dict[str, bytes]:
    with demo.serving(site) as url:
        headers = {"Authorization": f"Bearer {key}"}
        return {
            path: requests.get(url + path, headers=headers, timeout=60).content for path in paths
        }


def of_release(site: Site, number: int) -> list[str]:
    """What the portal and the exchange say that doesn't change with later work."""
    files = ["records.csv", "records.jsonl", "delta.csv", "manifest.json"]
    return [
        *(f"/datasets/{MARKET}/releases/{number}/{name}" for name in files),
        f"/exchange/v1/datasets/{MARKET}/entries?after=0&limit=200",
        f"/exchange/v1/datasets/{MARKET}/entries?after=200&limit=100",
    ]


@pytest.mark.parametrize("kind", ["archive", pytest.param("folder", marks=pytest.mark.slow)])
def test_a_backup_while_others_work(
    busy: Working, kind: str, tmp_path: Path, request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    to = tmp_path / (f"one{SUFFIX}" if kind == "archive" else "backups")
    with at_work(busy.site) as other:
        assert other.stdout
        said = [int(other.stdout.readline()) for _ in range(3)]
        made = back_up(busy.site, busy.engine, to)
        said.append(int(other.stdout.readline()))  # it went on
    seq = made.manifest.heads[MARKET]
    assert said[2] <= seq <= said[3]
    assert check(made.place, [made.sha256, str(made.manifest.key_id)]).manifest == made.manifest
    key = demo.province_key(busy.site, busy.engine)
    paths = of_release(busy.site, 1)
    before = served(busy.site, paths, key)
    if busy.engine.dialect.name == "sqlite":
        _look(busy, restore(made.place, tmp_path / "again").site, seq, paths, before, key)
        return
    with fresh_database(request.getfixturevalue("postgres_server_url")) as url:
        found = restore(made.place, tmp_path / "again", url).site
        monkeypatch.setenv("HUB_DATABASE_URL", url)
        _look(busy, found, seq, paths, before, key)


def _look(busy: Working, found: Site, seq: int, paths: list[str], before: dict[str, bytes], key: str) -> None:  # fmt: skip
    with pytest.raises(Refused) as refused:  # it would make new ones
        open_site(found.path)
    assert refused.value.issue.code == "site_keys_missing"
    shutil.copytree(busy.site.keys, found.keys)
    shutil.copy(busy.site.path / "demo-province.key", found.path)
    site = open_site(found.path)
    engine = connect(site.database_url)
    assert verify(site, engine).issues == []
    assert last_seq(engine) == seq
    assert rows(engine, seq) == rows(busy.engine, seq) != []
    assert served(site, paths, key) == before
    with engine.connect() as connection:
        assert connection.execute(select(exchange_log)).first() is not None
    assert (site.path / "exchange" / MARKET).is_dir()
    engine.dispose()
