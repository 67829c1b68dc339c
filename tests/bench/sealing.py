"""Streams at full size, in a process of its own: taken from the ledger, sealed, proved, read.

python -m tests.bench.sealing RECORDS SITE [POSTGRES_URL] → JSON: seconds by step, peak memory.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete, update

from exchange_schemas.catalogue import Catalogue, load_catalogue
from hub.consumers.consumer import Consumer
from hub.database import connect, create_tables, write
from hub.exchange import checkpoints, keeping, proofs, sealing, snapshots, stream
from hub.exchange.segments import folder_of
from hub.exchange.tables import (
    exchange_block,
    exchange_checkpoint,
    exchange_segment,
    exchange_snapshot,
    exchange_view,
)
from hub.exchange.views import View, view_for, views_of
from hub.progress import Silent
from hub.site import Site, create_site, open_site
from tests.bench.disclosure import DATASET, Steps, fill
from tests.bench.memory import peak_megabytes

NOBODY = Consumer(0, "nobody", "government", (), "", None, b"")


@dataclass(frozen=True)
class Grant:
    """What the view is made of."""

    dataset: str = DATASET
    audience: str = "government"
    association: str | None = None
    fields: tuple[str, ...] | None = None


def emptied(site: Site, engine: Engine, view: View) -> None:
    """Throw the stream away, so that it can be made again."""
    shutil.rmtree(folder_of(site, view), ignore_errors=True)
    with write(engine) as connection:
        for table in (exchange_block, exchange_segment, exchange_snapshot, exchange_checkpoint):
            connection.execute(delete(table).where(table.c.view_id == view.id))
        mine = exchange_view.c.id == view.id
        values = {"size": 0, "sealed": 0, "frontier": None}
        connection.execute(update(exchange_view).where(mine).values(values))


def measured(site: Site, engine: Engine, catalogue: Catalogue, view: View, steps: Steps) -> None:
    with steps.of("entries taken from the ledger"):
        stream.extend(engine, catalogue, view)
    with steps.of("… and sealed"):
        sealing.seal(site, engine, view)
    with steps.of("signed checkpoint"):
        checkpoints.checkpoint(site, engine, view)
    with engine.connect() as connection, steps.of("100 proofs of inclusion"):
        size = stream.size(connection, view)
        for number in range(1, size, size // 100):
            proofs.inclusion(site, connection, view, number, size)
    with steps.of("snapshot"):
        snapshots.make(site, engine, view)


def ledger_of(records: int, folder: Path) -> None:
    """A site with that many penalties in its ledger, and a view of them."""
    site, catalogue = create_site(folder), load_catalogue()
    engine = connect(site.database_url)
    create_tables(engine)
    fill(engine, catalogue, records)
    with write(engine) as connection:
        view_for(connection, catalogue, NOBODY, Grant())


def main(records: int, folder: Path, url: str | None) -> dict[str, Any]:
    if url:
        os.environ["HUB_DATABASE_URL"] = url
    # In a process of its own: its memory isn't that of sealing.
    filling = get_context("spawn").Process(target=ledger_of, args=(records, folder))
    filling.start()
    filling.join()
    site, catalogue, steps = open_site(folder), load_catalogue(), Steps()
    engine = connect(site.database_url)
    with engine.connect() as connection:
        (view,) = views_of(connection, DATASET)
    measured(site, engine, catalogue, view, steps)
    emptied(site, engine, view)
    with steps.of("taken and sealed by one job"):
        keeping.keep(site, engine, catalogue, view, Silent())
    kept = sum(path.stat().st_size for path in folder_of(site, view).glob("*.zst"))
    return {
        "records": records, "steps": steps, "zst_mb": round(kept / 1e6, 1),
        "peak_mb": peak_megabytes(),
    }  # fmt: skip


if __name__ == "__main__":
    told = sys.argv[1:]
    print(json.dumps(main(int(told[0]), Path(told[1]), told[2] if told[2:] else None)))
