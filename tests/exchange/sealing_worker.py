"""A process that takes entries in and seals, over and over, until it is killed."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from exchange_schemas.catalogue import load_catalogue
from hub.database import connect
from hub.exchange import sealing, snapshots, stream
from hub.exchange.bulk_sealing import seal_from_ledger
from hub.exchange.views import views_of
from hub.progress import Silent
from hub.site import Site

CATALOGUE = load_catalogue()  # once, in the server that forks the others
WAIT = 60  # seconds


def work(told: Connection, folder: str, url: str) -> None:
    """Says when it begins; then goes on until it is killed."""
    site, engine = Site(Path(folder)), connect(url)
    with engine.connect() as connection:
        views = views_of(connection)
    told.send("begun")
    while True:
        for view in views:
            seal_from_ledger(site, engine, CATALOGUE, view, Silent())
            stream.extend(engine, CATALOGUE, view, 150)
            sealing.seal(site, engine, view)
            snapshots.make(site, engine, view)


def begin(folder: Path, url: str) -> ForkServerProcess:
    """A worker that has begun."""
    context: ForkServerContext = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    heard, told = context.Pipe(duplex=False)
    worker = context.Process(target=work, args=(told, str(folder), url), daemon=True)
    worker.start()
    told.close()
    assert heard.poll(WAIT)
    assert heard.recv() == "begun"
    return worker
