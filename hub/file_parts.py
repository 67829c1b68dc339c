"""A large delivery of several files is read file by file, by whoever has time: each is a job of its own.

What needs no look at the ledger (reading, normalising, the rules, keys and digests) is done for each file by
one worker. The run waits for all of them before it takes its lock, then compares and appends in the order of
the files, in its one transaction: the result is the same as without parts. Files that nobody takes are read by
the run itself, so it never waits for workers that aren't there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, RowMapping, select

from adapters.members import is_archive
from exchange_schemas.errors import Refused
from hub import jobs, part_file
from hub.database import write
from hub.delivery import Delivery
from hub.instant import utc_now
from hub.jobs import Lease
from hub.part_file import Read
from hub.part_work import KIND, Part, do_job, read_part, store_of
from hub.site import Site
from hub.storage.parts import fetch_part, forget_parts
from hub.tables import job

LEAST = 32 << 20  # bytes of a delivery; a smaller one is read before others have heard of it
MOST = (
    64  # files; pages of an interface, of which there may be thousands, are no work for a job each
)
KEPT_DAYS = 3
PAUSE = 0.2  # seconds between two looks at what others do


def splits(delivery: Delivery) -> bool:
    """Whether the delivery is read by parts: on PostgreSQL, where several may work. Rows that are counted
    over all files (`occurrence`) and rows that a person corrected aren't."""
    artefact, fields = delivery.artefact, delivery.feed.fields.values()
    return (
        artefact is not None
        and delivery.engine.dialect.name == "postgresql"
        and delivery.batches is None
        and is_archive(artefact)
        and artefact.size >= LEAST
        and 1 < len(delivery.places.files) <= MOST
        and not any(rule.options.get("occurrence") for rule in fields)
    )


def read_parts(delivery: Delivery) -> None:
    """Have every file read, and wait for that; leaves the paths in `delivery.parts`.

    Raises what is wrong with a file, as `adapters.pull.read`.
    """
    parts = [Part.of(delivery, place) for place in range(len(delivery.places.files))]
    numbers = _submitted(delivery, parts)
    made: dict[int, Path] = {}
    while len(made) < len(parts):
        waited, states = True, _states(delivery, numbers)
        for place, part in enumerate(parts):
            if place not in made and (path := _made(delivery, part, states[numbers[place]])):
                made[place], waited = path, False
        if waited:
            time.sleep(PAUSE)
    delivery.parts = [made[place] for place in range(len(parts))]


def batches(delivery: Delivery) -> Iterator[Read]:
    """What was read of all files, in their order."""
    for path in delivery.parts:
        yield from part_file.read(path)


def forget(delivery: Delivery) -> None:
    """Remove the parts: their run has taken them, or ended."""
    forget_parts(delivery.parts)
    delivery.parts = []


def clean(site: Site, now: datetime | None = None) -> int:
    """Remove parts that no run has taken: of runs that were killed and not done again. Returns how many."""
    oldest = (now or datetime.now(UTC)) - timedelta(days=KEPT_DAYS)
    root = store_of(site).root
    old = [
        path for path in root.rglob("*")
        if path.is_file() and datetime.fromtimestamp(path.stat().st_mtime, UTC) < oldest
    ]  # fmt: skip
    forget_parts(old)
    return len(old)


def _submitted(delivery: Delivery, parts: list[Part]) -> list[int]:
    """The jobs of all files; those of a run that was killed count still."""
    with write(delivery.engine) as connection:
        return [
            _known(delivery, connection, part)
            or jobs.submit(connection, KIND, part.arguments(), part.topic)
            for part in parts
        ]


def _known(delivery: Delivery, connection: Connection, part: Part) -> int | None:
    """The part's job, if it will be done or has been and what it made is there."""
    query = select(job.c.id, job.c.state, job.c.result).where(job.c.topic == part.topic)
    row = connection.execute(query.order_by(job.c.id.desc()).limit(1)).one_or_none()
    if row is None or row.state == "failed":
        return None
    return int(row.id) if row.state != "done" or _kept(delivery, row.result) else None


def _kept(delivery: Delivery, result: str) -> Path | None:
    """What a job made, if it is there."""
    path = fetch_part(store_of(delivery.site).find(str(json.loads(result)["sha256"])))
    return path if path.is_file() else None


def _states(delivery: Delivery, numbers: list[int]) -> dict[int, RowMapping]:
    """{id, state, result, lease_until} of each job."""
    query = select(job.c.id, job.c.state, job.c.result, job.c.lease_until)
    with delivery.engine.connect() as connection:
        rows = connection.execute(query.where(job.c.id.in_(numbers))).mappings()
        return {row["id"]: row for row in rows}


def _made(delivery: Delivery, part: Part, row: RowMapping) -> Path | None:
    """Where a part is that was read; None while another reads it."""
    if row["state"] == "running" and row["lease_until"] >= utc_now():
        return None
    if row["state"] in ("queued", "running"):
        lease = jobs.take(delivery.engine, row["id"])
        return None if lease is None else _read_here(delivery, lease)
    path = _kept(delivery, row["result"]) if row["state"] == "done" else None
    if path is None:  # what is wrong with it is told by this run
        read = read_part(delivery.site, delivery.catalogue, delivery.feed, part)
        path = part_file.keep(store_of(delivery.site), read).path
    return path


def _read_here(delivery: Delivery, lease: Lease) -> Path | None:
    try:
        result = do_job(delivery.site, delivery.engine, lease, delivery.progress)
    except BaseException as error:
        with suppress(Refused):  # another has it by now
            jobs.fail(delivery.engine, lease, type(error).__name__)
        raise
    return _kept(delivery, json.dumps(result))
