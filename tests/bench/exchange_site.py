"""A site of the bench: penalties in the ledger, and the stream of them, sealed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine, insert

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.days import today
from exchange_schemas.record import KEY, key_expr, with_digest
from hub import ledger
from hub.consumers.consumer import add_consumer, authenticate
from hub.database import connect, create_tables, write
from hub.exchange import sealing, stream
from hub.exchange.segments import folder_of, segments_of
from hub.exchange.views import view_for
from hub.grants.grant import grants_of
from hub.instant import utc_now
from hub.site import Site, create_site
from hub.tables import feed, run
from tests.bench.records import penalty_rows

DATASET = "administrative_penalty"
PART = 50_000  # rows at a time


@dataclass
class Made:
    """`keys` of as many consumers, which share a stream; `files` are its segments' lines, below the
    site's folder of streams, and `names` what they are called over HTTP."""

    site: Site
    engine: Engine
    keys: list[str]
    files: list[str]
    names: list[str]
    size: int  # bytes of the files
    extending: float  # seconds
    sealing: float


def make(folder: Path, url: str, records: int, consumers: int) -> Made:
    """A new site with so many penalties."""
    site = create_site(folder)
    engine = connect(url)
    create_tables(engine)
    put(engine, penalty_rows(load_catalogue().get(DATASET), records, broken=False))
    with write(engine) as connection:
        keys = [
            add_consumer(connection, f"consumer {number}", "government", [DATASET])
            for number in range(consumers)
        ]
    return _sealed(site, engine, keys)


def put(engine: Engine, rows: pl.DataFrame) -> float:
    """One run that adds the rows; returns the monotonic time of its commit."""
    standard = load_catalogue().get(DATASET)
    with write(engine) as connection:
        number = ledger.dataset_id(connection, DATASET)
        feed_id = connection.scalar(
            insert(feed).values(name=f"bench {time.monotonic_ns()}").returning(feed.c.id)
        )
        counts = {"read": rows.height, "accepted": rows.height, "added": rows.height}
        told: dict[str, Any] = {
            "feed_id": feed_id, "dataset_id": number, "standard_version": standard.version,
            "source": "bench", "sha256": "", "state": "committed", **counts,
            "started_at": utc_now(), "ended_at": utc_now(),
        }  # fmt: skip
        run_id = connection.scalar(insert(run).values(told).returning(run.c.id))
        assert run_id is not None
        assert feed_id is not None
        appending = ledger.Appending(connection, number, run_id, feed_id)
        for part in rows.iter_slices(PART):
            made = with_digest(part, standard.dtypes).with_columns(key_expr(standard).alias(KEY))
            appending.write(made.select(key="_key", digest="_digest", json="_json"))
        appending.finish(pl.Series([], dtype=pl.String))
    return time.monotonic()


def _sealed(site: Site, engine: Engine, keys: list[str]) -> Made:
    catalogue = load_catalogue()
    with write(engine) as connection:
        consumer = authenticate(connection, keys[0])
        assert consumer is not None
        (grant,) = grants_of(connection, consumer, today())
        view = view_for(connection, catalogue, consumer, grant)
    begun = time.perf_counter()
    stream.extend(engine, catalogue, view)
    extended = time.perf_counter()
    sealing.seal(site, engine, view)
    sealed = time.perf_counter()
    with engine.connect() as connection:
        segments = segments_of(connection, view)
    below = folder_of(site, view).relative_to(site.exchange)
    return Made(
        site=site,
        engine=engine,
        keys=keys,
        files=[f"{below}/{one.lines_file}" for one in segments],
        names=[f"{one.first}-{one.last}.{one.edition}.ndjson.zst" for one in segments],
        size=sum(one.ndjson_size for one in segments),
        extending=extended - begun,
        sealing=sealed - extended,
    )
