"""Search over a million records: python -m tests.bench.searching make|build|update|ask FOLDER [COUNT]."""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from exchange_schemas.catalogue import load_catalogue
from publisher.cursor import encode
from publisher.index import Index
from publisher.index_build import INDEX, build_index
from publisher.index_store import open_sqlite
from publisher.index_update import update_index
from publisher.query import EVERYTHING, Filters
from publisher.searching import Question, page, part
from tests.bench import data, samplings
from tests.bench.memory import peak_megabytes

ROWS, PLAIN = "rows.parquet", "plain.sqlite"
SHARED = Path(__file__).parents[3] / "shared" / "data"
ASKED, SIZE = 60, 20
TEXTS = (
    "product_name", "nominal_producer", "nominal_producer_uscc", "sampled_unit", "sample_no",
    "production_date_or_batch",
)  # fmt: skip
STANDARD = load_catalogue().get(samplings.DATASET)


def slices(path: Path) -> Iterator[pl.DataFrame]:
    rows = pl.scan_parquet(path)
    for first in range(0, rows.select(pl.len()).collect().item(), samplings.SLICE):
        yield rows.slice(first, samplings.SLICE).collect()


def make(folder: Path, count: int) -> None:
    """The rows, and the same texts in a plain table for LIKE."""
    samplings.write(folder / ROWS, SHARED / data.NATIONAL, count)
    with closing(sqlite3.connect(folder / PLAIN)) as plain:
        plain.execute(f"CREATE TABLE record (row INTEGER PRIMARY KEY, {', '.join(TEXTS)})")
        marks = ", ".join("?" * len(TEXTS))
        for rows in slices(folder / ROWS):
            texts = rows.select(TEXTS).iter_rows()
            plain.executemany(f"INSERT INTO record VALUES (NULL, {marks})", texts)
        plain.commit()


def build(folder: Path) -> dict[str, Any]:
    (folder / INDEX).unlink(missing_ok=True)
    begun, worked = time.perf_counter(), time.process_time()
    build_index(folder / INDEX, STANDARD, slices(folder / ROWS))
    return {
        "seconds": time.perf_counter() - begun,
        "processor_s": time.process_time() - worked,
        "mb": (folder / INDEX).stat().st_size / 1e6,
        "peak_mb": peak_megabytes(),
    }


def update(folder: Path) -> dict[str, Any]:
    """60 records replaced, 40 added, 20 removed, all over the index; copying included."""
    some = pl.scan_parquet(folder / ROWS).gather_every(8_000).head(120).collect()
    replaced = some[:60].with_columns(pl.lit("信宜市新公司").alias("nominal_producer"))
    added = some[60:100].with_columns(pl.format("n{}", "record_id").alias("record_id"))
    coming = folder / "next.sqlite"
    coming.unlink(missing_ok=True)
    begun, worked = time.perf_counter(), time.process_time()
    put = pl.concat([replaced, added])
    update_index(folder / INDEX, coming, STANDARD, put, some[100:]["record_id"].to_list())
    told = {"seconds": time.perf_counter() - begun, "processor_s": time.process_time() - worked}
    return {**told, "peak_mb": peak_megabytes()}


def words(folder: Path) -> dict[str, list[str]]:
    """What is asked for, by kind: whole values and parts of them, as often as they occur."""
    rng = random.Random(1)
    rows = pl.scan_parquet(folder / ROWS).select(TEXTS).collect().sample(ASKED, seed=1)

    def parts(name: str, size: int) -> list[str]:
        first = [rng.randrange(max(1, len(text) - size + 1)) for text in rows[name]]
        return [text[at : at + size] for at, text in zip(first, rows[name], strict=True)]

    return {
        "company name": rows["nominal_producer"].to_list(),
        "credit code": rows["nominal_producer_uscc"].to_list(),
        "document number": rows["sample_no"].to_list(),
        "batch": rows["production_date_or_batch"].to_list(),
        "two characters of a name": parts("nominal_producer", 2),
        "four characters of a name": parts("nominal_producer", 4),
        "two words": [
            " ".join(two)
            for two in zip(parts("nominal_producer", 2), rows["product_name"], strict=True)
        ],
        "公司, which most have": ["公司"] * 10,
    }


def timed(ask: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds, and those of the processor: others may use the machine too."""
    begun, worked = time.perf_counter(), time.thread_time()
    ask()
    return (time.perf_counter() - begun) * 1e3, (time.thread_time() - worked) * 1e3


def told(times: list[tuple[float, float]]) -> dict[str, float]:
    last = int(len(times) * 0.95)
    every, worked = (sorted(one) for one in zip(*times, strict=True))
    return {"p50": statistics.median(every), "p95": every[last], "processor_p95": worked[last]}


def ask(folder: Path) -> dict[str, Any]:
    """Milliseconds: total count and first page, by kind; the same by LIKE; facets; pages."""
    index = Index(lambda: open_sqlite(folder / INDEX))
    found: dict[str, Any] = {"opened": timed(lambda: (index.days, index.codes))[0], "kinds": {}}
    with closing(sqlite3.connect(folder / PLAIN)) as plain:
        for kind, wanted in words(folder).items():
            ours = [timed(partial(first_page, index, word)) for word in wanted]
            theirs = [timed(partial(like, plain, word)) for word in wanted[:3]]
            found["kinds"][kind] = {**told(ours), "like_p50": told(theirs)["p50"]}
    filters = Filters(county="440981", kind="酒类", since="2020-01-01")
    alone = [timed(partial(first_page, index, "", filters)) for _ in range(ASKED)]
    counted = [
        timed(partial(facets, index, word)) for word in ("公司", "高州", "") for _ in range(9)
    ]
    found["kinds"]["filters alone"] = told(alone)
    return {**found, "facets": told(counted), "paging": paging(index), "peak_mb": peak_megabytes()}


def first_page(
    index: Index, word: str, filters: Filters = EVERYTHING, after: str | None = None
) -> Any:
    asked = Question(word, filters, after, SIZE, facets=False)
    found = part(index, samplings.DATASET, [samplings.DATASET], asked)
    return found.total, *page([found], SIZE)


def facets(index: Index, word: str) -> None:
    """The hits with their facets."""
    asked = Question(word, EVERYTHING, None, SIZE, facets=True)
    part(index, samplings.DATASET, [samplings.DATASET], asked)


def like(plain: sqlite3.Connection, words: str) -> None:
    """The same question of a plain table: count, and the first page."""
    asked = words.split()
    one = "(" + " OR ".join(f"{name} LIKE ?" for name in TEXTS) + ")"
    where = " AND ".join([one] * len(asked))
    values = [f"%{word}%" for word in asked for _ in TEXTS]
    plain.execute(f"SELECT count(*) FROM record WHERE {where}", values).fetchone()
    plain.execute(f"SELECT * FROM record WHERE {where} LIMIT {SIZE}", values).fetchall()


def paging(index: Index) -> dict[str, float]:
    """The page after the first one and the page after the 10,000th of 公司 (processor), and their ratio."""
    rows = index.matching("公司", EVERYTHING).nonzero()[0]
    cursors = {}
    for name, number in (("page 1", 1), ("page 10,000", 10_000)):
        place = int(rows[min(number * SIZE, len(rows) - 2 * SIZE)])
        record = index.found([place])[0].record_id
        cursors[name] = encode(int(index.days[place]), samplings.DATASET, record)
    times: dict[str, list[float]] = {name: [] for name in cursors}
    for _ in range(ASKED):
        for name, after in cursors.items():
            times[name].append(timed(partial(first_page, index, "公司", after=after))[1])
    first, last = (statistics.median(told) for told in times.values())
    return {"page 1": first, "page 10,000": last, "ratio": last / first}


def main() -> None:
    step, folder, *more = sys.argv[1:]
    if step == "make":
        make(Path(folder), int(more[0]))
        print("{}")
        return
    steps: dict[str, Callable[[Path], dict[str, Any]]] = {
        "build": build,
        "update": update,
        "ask": ask,
    }
    print(json.dumps(steps[step](Path(folder)), ensure_ascii=False))


if __name__ == "__main__":
    main()
