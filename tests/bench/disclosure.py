"""Disclosure at full size, in a process of its own.

python -m tests.bench.disclosure RECORDS SITE [POSTGRES_URL] → JSON: seconds by step, peak memory.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine, func, insert, select, update

from exchange_schemas import clocks
from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.days import today
from exchange_schemas.record import KEY, key_expr, with_digest
from hub import bulk_review, clock_days, departures, disclosures, ledger, people, samples
from hub.changes import ChangeSet
from hub.database import connect, create_tables, write
from hub.expiry import sweep
from hub.review import Desk
from hub.tables import feed, run
from hub.tables_of_review import disclosure
from tests.bench.records import penalty_rows

DATASET = "administrative_penalty"
BLOCK = 50_000
PART = 100_000  # records of the change set that is decided on
EXPIRING = 0.01  # share of the disclosures that end on one day


class Steps(dict[str, float]):
    """Seconds by step."""

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self[name] = round(time.perf_counter() - start, 2)


def fill(engine: Engine, catalogue: Catalogue, records: int) -> None:
    """Penalties into the ledger, without what a run does before."""
    standard = catalogue.get(DATASET)
    rows = penalty_rows(standard, records, broken=False)
    with write(engine) as connection:
        number = ledger.dataset_id(connection, DATASET)
        feed_id = connection.scalar(insert(feed).values(name="bench").returning(feed.c.id)) or 0
        words = {
            "feed_id": feed_id, "dataset_id": number, "standard_version": standard.version,
            "source": "bench", "sha256": "", "state": "committed", "started_at": "2026-11-29",
            "ended_at": "2026-11-29", "first_seq": 1, "last_seq": records,
        }  # fmt: skip
        run_id = connection.scalar(insert(run).values(words).returning(run.c.id)) or 0
        changes = ChangeSet(ledger.heads(connection, number, feed_id), feed_id)
        for start in range(0, records, BLOCK):
            part = rows.slice(start, BLOCK).with_columns(
                doc_no=pl.format("茂市监处罚〔2026〕{}号", pl.int_range(start, pl.len() + start)),
            )
            part = part.with_columns(served_on=pl.col("decided_on"))
            keyed = with_digest(part, standard.dtypes).with_columns(key_expr(standard).alias(KEY))
            changes.compare(keyed)
        ledger.append(connection, number, changes, run_id)


def decide(desk: Desk, name: str, where: dict[str, Any], steps: Steps) -> int:
    """Draw a sample, look at all of it, decide."""
    with steps.of(f"{name} 100,000 with a sample"):
        made = bulk_review.draw_sample(desk, name, where)
        for one in made["drawn"]:
            with write(desk.engine) as connection:
                seen = bytes.fromhex(one["view_digest"])
                samples.see(connection, made["sample"], desk.actor, one["record_id"], seen)
        return bulk_review.decide_sample(desk, made["sample"], secrecy=True, privacy=True)


def in_memory(catalogue: Catalogue, records: int, steps: Steps) -> None:
    """The clocks and rules of all records, without any database."""
    standard, law = catalogue.get(DATASET), catalogue.law()
    frame = penalty_rows(standard, records).with_columns(
        decided_on=pl.col("decided_on").fill_null("2026-04-01"),
        published_on=pl.lit(date(2026, 11, 29)),
    )
    with steps.of("clocks of all, in memory"):
        clocks.never_public(law, standard, frame, today())
        clocks.publish_by(law, standard, frame)
        clocks.public_until(law, standard, frame)


def expiring(engine: Engine, share: float) -> None:
    """Make all disclosures public, and let a share of them be over."""
    day, over = today().isoformat(), (today() - timedelta(days=1)).isoformat()
    later = (today() + timedelta(days=300)).isoformat()
    every = round(1 / share)
    made: dict[str, Any] = {
        "state": "published", "decision_id": 10**6 + 3, "published_on": day, "approved_seq": 1,
        "approved_digest": disclosure.c.view_digest, "reviewed_by": "a", "approved_by": "b",
    }  # fmt: skip
    signed = {name: made[name] for name in made if name not in ("state", "decision_id")}
    with write(engine) as connection:
        ends = {"public_until": later, "needs": 0, **signed}
        connection.execute(update(disclosure).values(ends))
        connection.execute(
            update(disclosure).where(disclosure.c.seq % every == 0).values(public_until=over)
        )
        for step, state in enumerate(("reviewed", "approved", "published")):
            moving = {"state": state, "decision_id": 10**6 + step}
            connection.execute(update(disclosure).where(disclosure.c.state.in_(
                {"reviewed": ["pending"], "approved": ["reviewed"], "published": ["approved"]}[state]
            )).values(moving))  # fmt: skip


def main(records: int, site: Path, url: str | None) -> dict[str, Any]:
    site.mkdir(parents=True, exist_ok=True)
    os.environ["TZ"] = "Asia/Shanghai"
    catalogue, steps = load_catalogue(), Steps()
    in_memory(catalogue, records, steps)
    engine = connect(url or f"sqlite:///{site / 'hub.sqlite'}")
    create_tables(engine)
    standard = catalogue.get(DATASET)
    with write(engine) as connection:
        for person, role in (("wang", "reviewer"), ("li", "approver")):
            people.grant(connection, person, standard.department, role, "bench")
    fill(engine, catalogue, records)
    with steps.of("views, private data, rules and clocks of all, stored"):
        disclosures.refresh_dataset(engine, catalogue, standard)
    with steps.of("clocks of all, from the ledger and compared"):
        clock_days.recompute(engine, catalogue, standard)
    where = {"decided_on": {"from": "2026-04-01", "until": "2026-12-31"}} if records <= PART else {
        "subject_name": _names(engine, catalogue)}  # fmt: skip
    decided = {
        name: decide(Desk(engine, catalogue, standard, who), name, where, steps)
        for name, who in (("review", "wang"), ("approve", "li"))
    }
    expiring(engine, EXPIRING)
    with write(engine) as connection:  # as the last release left it
        departures.note_published(connection, 1, 1)
    if url:  # what PostgreSQL does by itself within a minute of so many changes
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE disclosure, move")
    with steps.of("daily sweep"):
        ended = sweep(engine)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with engine.connect() as connection:
        states = dict(
            connection.execute(
                select(disclosure.c.state, func.count()).group_by(disclosure.c.state)
            ).all()  # type: ignore[arg-type]
        )
    return {
        "records": records, "decided": decided, "ended": ended, "steps": steps,
        "peak_mb": round(peak), "states": states,
    }  # fmt: skip


def _names(engine: Engine, catalogue: Catalogue) -> list[str]:
    """The parties of the first 100,000 records: a filter that has to read what records say."""
    rows = penalty_rows(catalogue.get(DATASET), PART, broken=False)
    return rows["subject_name"].to_list()


if __name__ == "__main__":
    told = sys.argv[1:]
    print(json.dumps(main(int(told[0]), Path(told[1]), told[2] if told[2:] else None)))
