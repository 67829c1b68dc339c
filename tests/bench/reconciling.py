"""Reconciling a copy: python -m tests.bench.reconciling make FOLDER ENTRIES | run FOLDER.

`make` writes a site with a stream of so many entries, sealed, and pulls it into files as a consumer
does, over HTTP; `run` damages ten entries of that copy and reconciles it. The hub is a process of its
own; its work is the processor time that the requests took there.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import update
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.days import today
from hub.consume import consume
from hub.consume.asker import Bearer
from hub.consume.asking import Hub
from hub.consume.file_store import FileStore, RememberedKeys
from hub.consume.pull import hub_keys_of
from hub.consume.reconcile import reconcile
from hub.consume.trust import Given
from hub.consumers.consumer import add_consumer, authenticate
from hub.database import connect, create_tables, write
from hub.exchange import sealing
from hub.exchange.blocks import blocks_of, insert_blocks, sealed_in
from hub.exchange.tables import exchange_view
from hub.exchange.views import View, view_for
from hub.grants.grant import grant_of
from hub.site import Site, create_site
from hub.tree.frontier import Frontier
from hub.web.exchange import PREFIX, create_exchange
from hub.web.listener import Listener
from tests.bench.memory import peak_megabytes
from tests.bench.tree import some_entries

DATASET = "administrative_penalty"
SLICE = 65_536
DAMAGED = 10


def site_in(folder: Path) -> Site:
    return create_site(folder / "site")


def make(folder: Path, count: int) -> dict[str, Any]:
    """The site and the consumer's copy; the consumer's key is in `key`."""
    site = site_in(folder)
    engine = connect(site.database_url)
    create_tables(engine)
    with write(engine) as connection:
        key = add_consumer(connection, "the province", "government", (DATASET,))
    (folder / "key").write_text(key, encoding="utf-8")
    with write(engine) as connection:
        consumer = authenticate(connection, key)
        assert consumer is not None
        grant = grant_of(connection, consumer, DATASET, today())
        assert grant is not None
        view = view_for(connection, load_catalogue(), consumer, grant)
    fill(engine, view, count)
    sealing.seal(site, engine, view)
    with serving(folder) as (url, _):
        begun = time.perf_counter()
        done = consume(url, DATASET, folder / "copy", key)
        seconds = time.perf_counter() - begun
    assert done["last"] == count
    return {"entries": count, "pull_seconds": seconds}


def fill(engine: Any, view: View, count: int) -> None:
    entries = some_entries(count).with_columns(
        pl.lit(None, pl.String).alias("was"),
        pl.col("record").chash.sha2_256().alias("digest"),  # type: ignore[attr-defined]
    )
    frontier = Frontier()
    for part in entries.iter_slices(SLICE):
        with write(engine) as connection:
            blocks, hashes = blocks_of(view, sealed_in(part))
            insert_blocks(connection, view, blocks)
            frontier = frontier.extend(hashes)
            now = {"size": frontier.size, "frontier": json.dumps(frontier.to_json())}
            mine = exchange_view.c.id == view.id
            connection.execute(update(exchange_view).where(mine).values(now))


def serve(folder: Path) -> None:
    """The exchange on a free port, which is told; until this process is ended."""
    site = Site(folder / "site")
    exchange = create_exchange(site, connect(site.database_url), load_catalogue())
    listener = Listener(
        DispatcherMiddleware(NotFound(), {PREFIX: exchange.wsgi_app}), "127.0.0.1", 0
    )
    print(f"http://127.0.0.1:{listener.effective_port}", flush=True)
    listener.run()


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, int]]:
    """The hub as a process of its own: (address, its number)."""
    command = [sys.executable, "-m", "tests.bench.reconciling", "serve", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process.pid
        process.terminate()


def worked(process: int) -> float:
    """Seconds of processors that a process has taken so far (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def damage(folder: Path) -> list[int]:
    """Four entries altered, two lost, two pairs whose contents changed places; their numbers."""
    pages = sorted(folder.glob("*.ndjson"))
    chance, wrong = random.Random(time.time_ns()), list[int]()
    for kind in ("altered", "altered", "altered", "altered", "lost", "lost", "swapped", "swapped"):
        path = chance.choice(pages)
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        place, other = chance.sample(range(len(lines)), 2)
        while any(int(lines[one][7:].split(",")[0]) in wrong for one in (place, other)):
            place, other = chance.sample(range(len(lines)), 2)
        mine, its = lines[place].partition(","), lines[other].partition(",")
        wrong.append(int(mine[0][7:]))
        if kind == "altered":
            lines[place] = lines[place].replace("罚款", "警告", 1)
        elif kind == "lost":
            del lines[place]
        else:
            wrong.append(int(its[0][7:]))
            lines[place], lines[other] = mine[0] + "," + its[2], its[0] + "," + mine[2]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return sorted(wrong)


def run(folder: Path) -> dict[str, Any]:
    """Ten differences found and repaired; then a look at a copy that is right."""
    key = (folder / "key").read_text(encoding="utf-8")
    told: dict[str, Any] = {"damaged": DAMAGED}
    with serving(folder) as (url, number), Hub(url, Bearer(key)) as hub:
        keys = hub_keys_of(hub, RememberedKeys(folder / "copy"), Given())
        for name in ("repair", "equal"):
            store = FileStore(folder / "copy", DATASET)
            wrong = damage(store.folder) if name == "repair" else []
            before, mine = worked(number), time.process_time()
            outcome = reconcile(hub, store, DATASET, keys)
            told[name] = {
                "seconds": outcome.seconds,
                "hashing_s": outcome.hashing_seconds,
                "processor_s": time.process_time() - mine,
                "hub_s": worked(number) - before,
                "kb": outcome.transferred_bytes / 1000,
                "requests": outcome.requests,
                "right": list(outcome.differing) == wrong,
            }
    return told | {"entries": outcome.size, "peak_mb": peak_megabytes()}


def main(step: str, folder: str, *given: str) -> None:
    if step == "serve":
        serve(Path(folder))
    else:
        told = make(Path(folder), int(given[0])) if step == "make" else run(Path(folder))
        print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
