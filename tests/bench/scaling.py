"""Many feeds done by so many workers, each held to one core, on PostgreSQL with Redis. Prints JSON.

python -m tests.bench.scaling DATABASE_URL SITE WORKERS FEEDS ROWS
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, func, select

from hub.database import connect, create_tables
from hub.schedule import topic
from hub.site import Site, create_site
from hub.tables import job, revision
from hub.tasks import enqueue
from hub.work import submit
from tests.scale.processes import COMMAND, STANDARDS, write_feed
from tests.services.redis_server import redis_server

TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """User and system time of a process and of those that it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def others() -> float:
    """The same of all of PostgreSQL's processes."""
    total = 0.0
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() == "postgres":
                total += processor_seconds(int(path.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def done(engine: Engine) -> int:
    with engine.connect() as connection:
        ended = select(func.count()).where(job.c.state == "done", job.c.kind == "feed_run")
        return int(connection.scalar(ended) or 0)


def wait(condition: Callable[[], bool], seconds: float = 900) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)


def main() -> None:
    url, folder, workers, feeds, rows = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:6])
    os.environ["HUB_DATABASE_URL"] = url
    with redis_server() as broker:
        os.environ["HUB_BROKER_URL"] = broker
        site = create_site(folder)
        engine = connect(url)
        create_tables(engine)
        # of four datasets: runs into one dataset wait for each other
        names = list(STANDARDS)
        paths = [
            write_feed(site, number, rows, standard=names[number % len(names)])
            for number in range(feeds + workers)
        ]
        running = [begin(site.path, core) for core in range(workers)]
        try:
            for path in paths[:workers]:  # every worker is awake before it counts
                enqueue(site, submit(engine, "feed_run", {"feed": str(path)}, topic(path.stem)))
            wait(lambda: done(engine) == workers)
            time.sleep(3)
            print(json.dumps(measured(site, engine, paths[workers:], running, rows, workers)))
        finally:
            for process in running:
                process.kill()
                process.wait()


def begin(site: Path, core: int) -> subprocess.Popen[bytes]:
    """A worker that has one core, and Polars with one thread."""
    words = [*COMMAND, "--site", str(site), "worker", "--no-schedule", "--every", "1"]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)
    os.sched_setaffinity(process.pid, {core % (os.cpu_count() or 1)})
    return process


def measured(
    site: Site,
    engine: Engine,
    paths: list[Path],
    running: list[subprocess.Popen[bytes]],
    rows: int,
    workers: int,
) -> dict[str, object]:
    before = [processor_seconds(one.pid) for one in running]
    database, begun = others(), time.perf_counter()
    ids = [submit(engine, "feed_run", {"feed": str(path)}, topic(path.stem)) for path in paths]
    for job_id in ids:
        enqueue(site, job_id)
    wait(lambda: done(engine) == len(paths) + workers)
    seconds = time.perf_counter() - begun
    with engine.connect() as connection:
        count = connection.scalar(select(func.count()).select_from(revision))
    return {
        "workers": workers,
        "feeds": len(paths),
        "rows": len(paths) * rows,
        "revisions": count,
        "seconds": round(seconds, 2),
        "rows_per_s": round(len(paths) * rows / seconds),
        "worker_processor_s": [
            round(processor_seconds(one.pid) - was, 2)
            for one, was in zip(running, before, strict=True)
        ],
        "database_processor_s": round(others() - database, 2),
    }


if __name__ == "__main__":
    main()
