"""Workers killed in mid-run, with a real broker: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine, func, select

from exchange_schemas.identifiers import uscc_expected
from hub.site import Site, create_site
from hub.tables import head, job, revision, run
from hub.tasks import enqueue
from hub.verify import verify
from hub.work import submit
from tests.hub.ledger_data import made

RECORDS = 250_000  # a run takes over a second, so that every kill comes before its end
KILLS = (
    (0, 0.25),
    (0, 0.1, 0.25, 0.5),
)  # seconds after the job was taken; all of them in `make prove`
COMMAND = [sys.executable, "-c", "from hub.cli.main import hub; hub()"]

FEED = """
feed: many
title: {zh: 许多主体, en: Many entities}
standard: market_entity
source: {kind: file, path: many.csv}
format: {kind: csv, encoding: utf-8}
mode: snapshot
fields:
  subject_name: 名称
  uscc: 代码
  domicile: 地址
  established_on: {value: "2020-01-02"}
"""


def write_delivery(site: Site, *, changed: int = 0) -> None:
    """`RECORDS` entities, of which the first `changed` have moved."""
    number = pl.int_range(RECORDS)
    body = pl.format("91440902MA{}", number.cast(pl.String).str.zfill(7))
    moved = pl.when(number < changed).then(pl.lit("二楼")).otherwise(pl.lit(""))
    rows = pl.select(
        pl.format("第{}号商行", number).alias("名称"),
        (body + "0").alias("代码"),
        pl.format("官渡路{}号{}", number, moved).alias("地址"),
    )
    check_digit = uscc_expected(rows["代码"])
    codes = rows["代码"].str.head(17) + check_digit
    rows.with_columns(codes.alias("代码")).write_csv(site.feeds / "many.csv")
    (site.feeds / "many.yml").write_text(FEED)


@pytest.fixture
def site(
    tmp_path: Path, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> Site:
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    monkeypatch.setenv("HUB_BROKER_URL", redis_url)
    monkeypatch.setenv("HUB_LEASE_SECONDS", "3")
    site = create_site(tmp_path / "site")
    write_delivery(site)
    return site


@contextmanager
def worker(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    words = ["--site", str(site.path), "worker", "--every", "0.5", "--no-schedule"]
    process = subprocess.Popen([*COMMAND, *words], env=os.environ)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def state(engine: Engine, job_id: int) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(select(job.c.state).where(job.c.id == job_id)))


def wait_for(condition: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def attempts(engine: Engine, job_id: int) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(job.c.attempts).where(job.c.id == job_id)) or 0)


def killed_in_mid_run(site: Site, engine: Engine, job_id: int, seconds: float) -> None:
    """A worker that takes the job and is killed so many seconds later."""
    before = attempts(engine, job_id)
    with worker(site) as process:
        wait_for(lambda: attempts(engine, job_id) > before)
        time.sleep(seconds)
        process.kill()
        process.wait()


def done(site: Site, engine: Engine, job_id: int) -> dict[str, int]:
    """What the job gave, done by a worker that nobody kills."""
    with worker(site):
        wait_for(lambda: state(engine, job_id) not in ("queued", "running"))
    assert state(engine, job_id) == "done"
    with engine.connect() as connection:
        return json.loads(connection.scalar(select(job.c.result).where(job.c.id == job_id)) or "")


def ledger(engine: Engine) -> tuple[int, int, int]:
    """(revisions, heads, committed runs)."""
    with engine.connect() as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(revision)),
            connection.scalar(select(func.count()).select_from(head)),
            connection.scalar(select(func.count()).where(run.c.state == "committed")),
        ]
    return tuple(int(count or 0) for count in counts)  # type: ignore[return-value]


def submitted(site: Site, engine: Engine) -> int:
    job_id = submit(engine, "feed_run", {"feed": str(site.feeds / "many.yml")})
    enqueue(site, job_id)
    return job_id


@pytest.mark.parametrize("kills", [KILLS[0], pytest.param(KILLS[1], marks=pytest.mark.slow)])
def test_killed_workers_lose_nothing_and_double_nothing(
    site: Site, kills: tuple[float, ...]
) -> None:
    engine = made(site.database_url)
    first = submitted(site, engine)
    for turn, seconds in enumerate(kills, 1):
        killed_in_mid_run(site, engine, first, seconds)
        assert state(engine, first) == "running"
        assert attempts(engine, first) == turn
        assert ledger(engine) == (0, 0, 0)
    result = done(site, engine, first)
    assert (result["read"], result["added"]) == (RECORDS, RECORDS)
    assert ledger(engine) == (RECORDS, RECORDS, 1)

    write_delivery(site, changed=700)
    second = submitted(site, engine)
    killed_in_mid_run(site, engine, second, 0.3)
    assert ledger(engine) == (RECORDS, RECORDS, 1)
    result = done(site, engine, second)
    assert (result["added"], result["changed"], result["gone"]) == (0, 700, 0)
    assert ledger(engine) == (RECORDS + 700, RECORDS, 2)
    assert verify(site, engine).issues == []
