"""Releases at full size, in a process of its own: the first, and one of a hundred changes.

python -m tests.bench.releases RECORDS SITE [POSTGRES_URL] → JSON: seconds by step, peak memory.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, update

from exchange_schemas.catalogue import Catalogue, load_catalogue
from hub import after_release, confirmations, disclosures, publishing
from hub.database import connect, create_tables, write
from hub.decisions import Decision, Reason, decide
from hub.site import Site, create_site
from hub.tables import dataset
from hub.tables_of_review import disclosure
from publisher.portal.app import create_portal
from publisher.release import current_release
from tests.bench.disclosure import DATASET, Steps, fill
from tests.bench.memory import peak_megabytes

CHANGES = 100
_READY = 10**6  # decisions that nobody made, for the history


def approve(engine: Engine, *, leave: int = 0) -> None:
    """Let two people have approved everything, without what they look at; `leave` records wait."""
    made: dict[str, Any] = {
        "needs": 0, "approved_seq": disclosure.c.seq, "approved_digest": disclosure.c.view_digest,
        "reviewed_by": "wang", "approved_by": "li",
    }  # fmt: skip
    with write(engine) as connection:
        waiting = select(disclosure.c.key).where(disclosure.c.state == "pending")
        chosen = disclosure.c.key.in_(waiting.order_by(disclosure.c.key).offset(leave))
        connection.execute(update(disclosure).where(chosen).values(made))
        for step, (before, after) in enumerate(
            (("pending", "reviewed"), ("reviewed", "approved"))
        ):
            moving = {"state": after, "decision_id": _READY + step}
            ready = disclosure.c.state == before, disclosure.c.approved_by.is_not(None)
            connection.execute(update(disclosure).where(*ready).values(moving))


def withdraw(engine: Engine, number: int, count: int) -> list[str]:
    """Take back some records; returns their ids."""
    with write(engine) as connection:
        public = disclosure.c.state == "published"
        found = connection.scalars(select(disclosure.c.record_id).where(public).limit(count))
        ids = list(found)
        made = Decision(number, "withdraw", "bench", actor="li", reason=Reason("decision_changed"))
        decide(connection, made, disclosure.c.record_id.in_(ids))
    return ids


def shown(site: Site, catalogue: Catalogue, record_id: str) -> int:
    """What the portal, newly started, answers for a record."""
    client = create_portal(site.releases, catalogue).test_client()
    return client.get(f"/datasets/{DATASET}/records/{record_id}").status_code


@contextmanager
def until_shown(
    site: Site, catalogue: Catalogue, record_id: str, statuses: tuple[int, ...]
) -> Iterator[list[float]]:
    """Seconds from the beginning of the block until the portal answers so, looked at beside it."""
    before, found, begun = current_release(site.releases, DATASET), [], time.perf_counter()
    assert before is not None

    def look() -> None:
        while True:
            now = current_release(site.releases, DATASET)
            if now is not None and now.number > before.number:
                assert shown(site, catalogue, record_id) in statuses
                found.append(round(time.perf_counter() - begun, 2))
                return
            time.sleep(0.05)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        yield found
        looking.result()


def main(records: int, folder: Path, url: str | None) -> dict[str, Any]:
    os.environ["TZ"] = "Asia/Shanghai"
    if url:
        os.environ["HUB_DATABASE_URL"] = url
    site, catalogue, steps = create_site(folder), load_catalogue(), Steps()
    engine = connect(site.database_url)
    create_tables(engine)
    fill(engine, catalogue, records)
    disclosures.refresh_dataset(engine, catalogue, catalogue.get(DATASET))
    approve(engine, leave=CHANGES)
    with steps.of("first release"):
        publishing.publish(site, engine, catalogue, DATASET)
    before = peak_megabytes()
    approve(engine)
    with engine.connect() as connection:
        number = connection.scalar(select(dataset.c.id).where(dataset.c.name == DATASET)) or 0
        new = select(disclosure.c.record_id).where(disclosure.c.state == "approved").limit(1)
        one = str(connection.scalar(new))
    steps["release of 100 more, until the portal shows one"] = (
        0  # stands before what it is part of
    )
    with (
        until_shown(site, catalogue, one, (200,)) as more,
        steps.of("… until the files of the release before are dealt with, too"),
    ):
        publishing.publish(site, engine, catalogue, DATASET)
    steps["release of 100 more, until the portal shows one"] = more[0]
    gone = withdraw(engine, number, CHANGES)
    steps["release without 100, until the portal shows none"] = 0
    with (
        until_shown(site, catalogue, gone[0], (404, 410)) as less,
        steps.of("… until what it took back is erased from all releases"),
    ):
        publishing.publish(site, engine, catalogue, DATASET)
    steps["release without 100, until the portal shows none"] = less[0]
    with steps.of("looked for, and gone on all of our own surfaces"):
        after_release.follow(site, engine, catalogue, [DATASET])
        with engine.connect() as connection:
            assert set(confirmations.of_dataset(connection, DATASET)) == set(confirmations.OWN)
    with steps.of("nothing differs"):
        publishing.publish(site, engine, catalogue, DATASET)
    return {
        "records": records,
        "steps": steps,
        "first_peak_mb": before,
        "peak_mb": peak_megabytes(),
    }


if __name__ == "__main__":
    told = sys.argv[1:]
    print(json.dumps(main(int(told[0]), Path(told[1]), told[2] if told[2:] else None)))
