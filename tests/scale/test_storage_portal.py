"""A public portal that has nothing but the storage: no folder of the hub's, no database."""

from __future__ import annotations

import subprocess
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from exchange_schemas.catalogue import load_catalogue
from hub import disclosures, publishing
from hub.site import create_site
from hub.storage import pushing
from hub.tables_of_review import disclosure
from hub.work import work_now
from tests.hub.ledger_data import MARKET, made
from tests.reviewing import appoint, release, withdraw
from tests.scale.conftest import Storage
from tests.scale.processes import running, wait_for, write_feed


def address(process: subprocess.Popen[bytes]) -> str:
    """Of the portal that says so on its standard output."""
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    return line.partition(": ")[2].strip().strip('"').rstrip("/")


def test_a_portal_shows_and_forgets_what_the_storage_has(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = create_site(tmp_path / "hub")
    engine = made(site.database_url)
    appoint(engine)
    work_now(site, engine, "feed_run", {"feed": str(write_feed(site, 0, 20))})
    disclosures.refresh(engine, load_catalogue())
    release(engine, MARKET)

    def publish() -> None:
        publishing.publish(site, engine, load_catalogue(), MARKET)
        pushing.push_noted(site)

    publish()
    with engine.connect() as connection:
        record = str(connection.scalar(select(disclosure.c.record_id)))
    folder = tmp_path / "portal"
    monkeypatch.setenv("HUB_SITE", str(folder))
    words = ("portal", "--port", "0", "--workers", "1", "--pull-every", "0.5", "--json")
    with running(type(site)(folder), *words, told=True) as process:
        url = address(process)
        page = f"{url}/datasets/{MARKET}/records/{record}"
        wait_for(lambda: httpx.get(page).status_code == 200)
        withdraw(engine, MARKET, "zhao", record)
        publish()
        wait_for(lambda: httpx.get(page).status_code != 200)
        assert not (folder / "hub.sqlite").exists()
        assert not list((folder / "releases" / MARKET / "1").glob("records*"))
