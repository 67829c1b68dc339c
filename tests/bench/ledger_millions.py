"""A ledger that grows on PostgreSQL, looked at on the way. Run as a program, prints JSON.

python -m tests.bench.ledger_millions DATABASE_URL SIZE [SIZE]…
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable

import polars as pl
from sqlalchemy import Connection, Engine, insert, select, text

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.codes import load_codes
from exchange_schemas.days import today
from hub import inbox, inbox_pages, ledger, people
from hub.bulk import insert_frame
from hub.database import connect, create_tables, write
from hub.exchange.ledger_rows import ledger_rows
from hub.instant import utc_now
from hub.tables import feed, revision, run
from hub.tables_of_review import disclosure
from tests.bench.memory import peak_megabytes

DATASET = load_catalogue().get("administrative_penalty").dataset
DEPARTMENTS = tuple(load_codes("departments").codes)[:6]
RUN = 100_000  # revisions of one run
PAGE = 1_000
TIMES, KEYS = 20, 300


def rows(first: int) -> pl.DataFrame:
    """`RUN` new records of some 700 bytes, as `Appending.write` takes them; keys in no order."""
    number = pl.int_range(first, first + RUN)
    mixed = (number * 2_654_435_761) % 4_294_967_296  # Knuth's multiplicative hash: a permutation
    key = pl.format("茂市监罚〔2026〕{}号", mixed)
    filler = pl.lit("销售不符合食品安全标准的食品，责令改正，没收违法所得，罚款。" * 6)
    line = pl.concat_str(
        pl.lit('{"doc_no":"'), key, pl.lit('","facts":"'), filler, pl.lit('","fine_wan":"'),
        mixed % 1000, pl.lit('","subject_name":"茂名市第'), number, pl.lit('号商行"}'),
    )  # fmt: skip
    digest = pl.concat_str(pl.lit("d" * 22), mixed.cast(pl.String).str.zfill(10)).cast(pl.Binary)
    return pl.select(key=key, digest=digest, json=line)


def append(engine: Engine, first: int) -> float:
    """One run of `RUN` new records; returns its seconds, commit and all."""
    made = rows(first)
    begun = time.perf_counter()
    with write(engine) as connection:
        number = ledger.dataset_id(connection, DATASET)
        feed_id = connection.scalar(select(feed.c.id)) or connection.scalar(
            insert(feed).values(name="bench").returning(feed.c.id)
        )
        told = {
            "feed_id": feed_id, "dataset_id": number, "standard_version": "1", "source": "bench",
            "sha256": "", "state": "committed", "read": RUN, "accepted": RUN, "added": RUN,
            "started_at": utc_now(), "ended_at": utc_now(),
        }  # fmt: skip
        run_id = int(connection.scalar(insert(run).values(told).returning(run.c.id)) or 0)
        appending = ledger.Appending(connection, number, run_id, int(feed_id or 0))
        for part in made.iter_slices(10_000):
            appending.write(part)
        appending.finish(pl.Series([], dtype=pl.String))
    return time.perf_counter() - begun


def disclose(engine: Engine, size: int) -> None:
    """A disclosure for each record that has none: one in a hundred is pending, the rest is blocked."""
    with write(engine) as connection:
        connection.execute(
            text("SET LOCAL session_replication_role = replica")
        )  # no history of moves
        done = int(connection.scalar(text("SELECT count(*) FROM disclosure")) or 0)
        for first in range(done, size, RUN):
            number = pl.int_range(first, first + RUN)
            insert_frame(connection, disclosure, rows(first).select(
                "key",
                record_id=pl.select(number.cast(pl.String).str.zfill(16)).to_series(),
                department=pl.select(_of(DEPARTMENTS, number % 6)).to_series(),
                seq=pl.select(number + 1).to_series(),
                view_digest=pl.col("digest"),
                state=pl.select(
                    pl.when(number % 100 == 0).then(pl.lit("pending")).otherwise(pl.lit("blocked"))
                ).to_series(),
                publish_by=pl.select(pl.format("2026-1{}-0{}", number % 3, number % 9 + 1)).to_series(),
            ), dataset_id=1, decision_id=1)  # fmt: skip
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _of(words: tuple[str, ...], number: pl.Expr) -> pl.Expr:
    return number.replace_strict(dict(enumerate(words)), return_dtype=pl.String)


def median(act: Callable[[], object], times: int) -> dict[str, float]:
    """Milliseconds: median and 95th percentile."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(1000 * (time.perf_counter() - begun))
    taken.sort()
    return {
        "p50": round(statistics.median(taken), 2),
        "p95": round(taken[int(len(taken) * 0.95)], 2),
    }


def look(engine: Engine, size: int) -> dict[str, object]:
    """What reading takes at this size, at places all over the ledger."""
    chance = random.Random(size)
    with engine.connect() as connection:
        found: dict[str, object] = {
            "exchange page of 1,000": median(
                lambda: ledger_rows(connection, DATASET, chance.randrange(size - PAGE), PAGE),
                TIMES,
            ),
            "exchange page of 1,000, newest": median(
                lambda: ledger_rows(connection, DATASET, size - PAGE, PAGE), TIMES
            ),
            "entries of 65,536": median(
                lambda: ledger_rows(connection, DATASET, chance.randrange(size - 65_536), 65_536),
                5,
            ),
            "history of one record": median(lambda: history(connection, chance, size), KEYS),
        }
        queue = inbox.QUEUES["review"]
        found["queue: lanes"] = median(lambda: inbox.lanes(connection, "wang", queue, {}), TIMES)
        lanes = inbox.lanes(connection, "wang", queue, {})
        for name, wanted in (
            ("queue: first page", inbox.Wanted()),
            ("queue: first page of a department", inbox.Wanted(department=DEPARTMENTS[0])),
        ):
            found[name] = median(
                lambda wanted=wanted: inbox_pages.page(connection, lanes, wanted, today()), TIMES
            )
            found[name.replace("first page", "count")] = median(
                lambda wanted=wanted: inbox_pages.count(connection, lanes, wanted, today()), TIMES
            )
        begun = time.perf_counter()
        ledger.heads(connection, 1, 1)
        found["heads read by a run, s"] = round(time.perf_counter() - begun, 2)
        found["bytes a revision"] = sizes(connection, size)
    return found


def history(connection: Connection, chance: random.Random, size: int) -> None:
    key = ledger_key(chance.randrange(size))
    lines = select(revision.c.seq, revision.c.operation, revision.c.run_id).where(
        revision.c.dataset_id == 1, revision.c.key == key
    )
    (seq,) = connection.scalars(lines).all()
    ((_, line),) = ledger.contents(connection, DATASET, seq - 1, seq)
    assert key.encode() in line


def ledger_key(number: int) -> str:
    return f"茂市监罚〔2026〕{number * 2_654_435_761 % 4_294_967_296}号"


def sizes(connection: Connection, size: int) -> dict[str, int]:
    """Of the ledger's tables with their indexes."""
    query = text(
        "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = to_regclass(:t)"
    )
    return {
        name: round(int(connection.scalar(query, {"t": name}) or 0) / size)
        for name in ("revision", "segment", "head")
    }


def main() -> None:
    url, *wanted = sys.argv[1:]
    engine = connect(url)
    create_tables(engine)
    with write(engine) as connection:
        for department in DEPARTMENTS:
            people.grant(connection, "wang", department, "reviewer", "bench")
    size, found = 0, {}
    for goal in map(int, wanted):
        taken = []
        while size < goal:
            taken.append(append(engine, size))
            size += RUN
        last = taken[-5:]  # of the runs up to this size
        disclose(engine, size)
        figures = look(engine, size)
        figures["append, rows/s"] = round(RUN / statistics.median(last))
        figures["all runs, s"] = round(sum(taken), 1)
        found[f"{size:,}"] = figures
        print(size, json.dumps(figures), file=sys.stderr, flush=True)
    print(json.dumps({"sizes": found, "peak_mb": peak_megabytes()}))


if __name__ == "__main__":
    main()
