"""Sites to back up, made once for each kind of database."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adapters.artefact import Store
from hub.database import connect
from hub.site import Site, create_site
from tests.hub.ledger_data import MARKET, PENALTY, a_company, a_penalty, made, put
from tests.source_tree import ROOT


@dataclass(frozen=True, slots=True)
class Working:
    """A site; its engine."""

    site: Site
    engine: Engine


@pytest.fixture
def busy(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Working:
    """A site in which everything was done once, on either kind of database. It is made by another
    process, so that this one has nothing open."""
    if database_url.startswith("sqlite"):
        monkeypatch.delenv("HUB_DATABASE_URL", raising=False)
    else:
        monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    monkeypatch.setenv("HUB_LEASE_SECONDS", "1")  # of jobs whose process is killed here
    command = [sys.executable, "-m", "tests.backup.busy_site", str(tmp_path / "site")]
    subprocess.run(command, cwd=ROOT, check=True)
    site = Site(tmp_path / "site")
    return Working(site, connect(site.database_url))


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Working:
    """A small site on SQLite, signed for by nobody."""
    monkeypatch.delenv("HUB_DATABASE_URL", raising=False)
    site = create_site(tmp_path / "site")
    engine = made(site.database_url)
    put(engine, PENALTY, [a_penalty(1, "张三")])
    put(engine, MARKET, [a_company(n) for n in range(300)])
    Store(site.raw).keep(io.BytesIO(b"first"), "a.csv")
    Store(site.raw).keep(io.BytesIO(b"second"), "b.csv")
    return Working(site, engine)


@contextmanager
def at_work(site: Site) -> Iterator[subprocess.Popen[str]]:
    """Another process that works in the site until the block ends."""
    command = [sys.executable, "-m", "tests.backup.busy_site", str(site.path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
