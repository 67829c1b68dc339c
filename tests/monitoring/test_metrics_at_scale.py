"""/metrics over a large hub: quick enough to be asked every quarter of a minute."""

from __future__ import annotations

import time

import polars as pl
import pytest
from sqlalchemy import Connection, Engine, text

from hub.database import write
from hub.monitoring.collector import Collector
from hub.monitoring.exposition import exposition
from hub.monitoring.facts import gather
from hub.site import Site
from tests.monitoring.watched_site import declare, ledgers

SHARES = {"published": 90, "expired": 5, "pending": 3, "withdrawn": 2}  # per cent


def fill(engine: Engine, records: int) -> None:
    """So many revisions, and a disclosure for each, made by the database itself."""
    ledgers(engine)
    edges, state = 0, "CASE"
    for name, share in SHARES.items():
        edges += share
        state += f" WHEN n % 100 < {edges} THEN '{name}'"
    state += " END"
    series = (
        f"generate_series(10, {records + 9}) AS s(n)"
        if engine.dialect.name == "postgresql"
        else f"(WITH RECURSIVE s(n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM s WHERE n < {records + 9})"
        " SELECT n FROM s)"
    )
    blob = (
        "decode(repeat('00', 32), 'hex')"
        if engine.dialect.name == "postgresql"
        else "zeroblob(32)"
    )
    with write(engine) as connection:
        _unguard(connection)
        connection.execute(text(
            "INSERT INTO revision (dataset_id, seq, key, operation, digest, run_id)"
            f" SELECT 1, n, 'k' || n, 1, {blob}, 1 FROM {series}"
        ))  # fmt: skip
        connection.execute(text(
            "INSERT INTO disclosure (dataset_id, key, record_id, department, seq, view_digest, state,"
            " decision_id, publish_by, needs, reviewed_by, approved_by, approved_digest, approved_seq,"
            " published_on)"
            f" SELECT 1, 'k' || n, 'r' || n, 'd' || (n % 20), n, {blob}, {state}, 1,"
            f" '2026-0' || (n % 9 + 1) || '-01', 0, 'a', 'b', {blob}, n, '2026-01-01' FROM {series}"
        ))  # fmt: skip
        connection.execute(text(f"UPDATE dataset SET seq = {records + 9} WHERE id = 1"))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _unguard(connection: Connection) -> None:
    """Nobody gets a million records approved in a test: the guard of states is off here."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE disclosure DISABLE TRIGGER USER"))
        return
    named = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'disclosure'"
    for name in connection.execute(text(named)).scalars().all():
        connection.execute(text(f"DROP TRIGGER {name}"))


def measure(site: Site, engine: Engine) -> tuple[float, float]:
    """Milliseconds: looking anew, and what is asked again within the quarter of a minute (median of 5)."""
    catalogue = site.catalogue()
    looks, again = [], []
    for _ in range(5):
        collector = Collector(lambda: gather(site, engine, catalogue))
        for found in (looks, again):
            begin = time.perf_counter()
            exposition(collector)
            found.append(1000 * (time.perf_counter() - begin))
        assert not collector.facts().failed
    return float(pl.Series(looks).median()), float(pl.Series(again).median())  # type: ignore[arg-type]


def test_metrics_of_a_small_hub_are_quick(site: Site, engine: Engine) -> None:
    fill(engine, 20_000)
    declare(site, "town")
    looked, again = measure(site, engine)
    assert again < 100 and looked < 1000


@pytest.mark.slow
def test_metrics_of_a_million_revisions(
    site: Site, engine: Engine, figures: dict[str, int | float]
) -> None:
    fill(engine, 1_000_000)
    declare(site, "town")
    looked, again = measure(site, engine)
    kind = engine.dialect.name
    figures[f"metrics at 1,000,000, {kind}, looking anew, ms"] = round(looked)
    figures[f"metrics at 1,000,000, {kind}, warm, ms"] = round(again, 1)
    assert again < 200
