"""One subject, one file, at size: built, brought up to date, and one file opened. Run as a program, prints JSON.

python -m tests.bench.subjects SUBJECTS FOLDER [DATABASE_URL]

Five records for each subject: its registration, annual reports, licences, penalties, and complaints, of
which half name it without a code, each sixth of these with a wrong way of writing.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine, insert, select

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.identifiers import org_expected, uscc_expected
from exchange_schemas.record import DIGEST, JSON, key_expr, with_digest
from hub import ledger
from hub.analysis import columns, computing
from hub.analysis.analyses import ANALYSES
from hub.database import connect, create_tables, write
from hub.instant import utc_now
from hub.progress import Silent
from hub.site import Site, create_site
from hub.subjects import index
from hub.subjects.filing import file_of
from hub.subjects.looking import found as looked_up
from hub.tables import feed, run
from tests.bench.memory import peak_megabytes

RUN = 200_000
LOOKS = 200
CHANGED = 1_000
COUNTIES = ("440902", "440904", "440981", "440982", "440983")
PLACES = ("茂名市茂南区", "茂名市电白区", "高州市", "化州市", "信宜市")
LETTERS = "红荔金海新丰德盛泰安永昌顺达华瑞兴隆嘉禾百川天宇星河正道鸿图广源利民宏远同创众信诚品佳美康宁福满"
TRADES = (
    "食品",
    "商贸",
    "建材",
    "农业发展",
    "水产",
    "化工",
    "电子商务",
    "餐饮管理",
    "运输",
    "装饰工程",
)


def subjects(many: int) -> pl.DataFrame:
    """number, uscc, name, rep, division, address of invented subjects; codes have right check digits."""
    number = pl.int_range(many)
    mixed = (number * 2_654_435_761) % 4_294_967_296
    letters = pl.Series(list(LETTERS))
    kind = number % len(COUNTIES)

    def letter(divisor: int) -> pl.Expr:
        return pl.lit(letters).gather((mixed // divisor) % len(letters))

    rows = pl.select(
        number=number,
        division=pl.lit(pl.Series(COUNTIES)).gather(kind),
        name=pl.concat_str(
            pl.lit(pl.Series(PLACES)).gather(kind), letter(1), letter(47), letter(2_209), letter(103_823),
            pl.lit(pl.Series(TRADES)).gather((mixed // 7) % len(TRADES)), pl.lit("有限公司"),
        ),
        rep=pl.concat_str(letter(5), letter(11), letter(13)),
        address=pl.format("光华北路{}号", number),
        organisation=pl.concat_str(pl.lit("M"), number.cast(pl.String).str.zfill(7)),
    )  # fmt: skip
    digit = org_expected(rows["organisation"] + "0")
    body = "91" + rows["division"] + rows["organisation"] + digit
    return rows.with_columns((body + uscc_expected(body + "0")).alias("uscc")).drop("organisation")


def records(known: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """(dataset, records), five for each subject."""
    base = known.select("uscc", "division", subject_name="name", number="number")
    yield "market_entity", known.select(
        "uscc", subject_name="name", legal_rep_name="rep", division_code="division", domicile="address",
        established_on=pl.lit("2020-01-01"), reg_state=pl.lit("存续"), subject_type=pl.lit("legal_or_unincorporated"),
    )  # fmt: skip
    yield "entity_annual_report", base.select("uscc", "subject_name", report_year=pl.lit("2025"), reported_on=pl.lit("2026-03-01"))  # fmt: skip
    decided = {"decided_on": pl.lit("2026-02-01"), "authority": pl.lit("茂名市市场监督管理局")}
    for name in ("administrative_license", "administrative_penalty"):
        yield name, base.select("uscc", "subject_name", doc_no=pl.format("茂市〔2026〕{}号", "number"), **decided)  # fmt: skip
    number = pl.col("number")
    written = (
        pl.when(number % 12 == 0).then(pl.col("name").str.replace("有限公司", "有限责任公司"))
        .when(number % 12 == 2).then(pl.col("name").str.slice(0, 4) + " " + pl.col("name").str.slice(4))
        .otherwise("name")
    )  # fmt: skip
    yield "complaint_report", known.select(
        ticket_no=pl.format("T{}", "number"), respondent_name=written, division_code="division",
        respondent_uscc=pl.when(number % 2 == 1).then("uscc"), received_at=pl.lit("2026-03-02T08:00:00+08:00"),
    )  # fmt: skip


def say(engine: Engine, dataset: str, rows: pl.DataFrame) -> None:
    """Append records to the ledger, as runs of `RUN`."""
    standard = load_catalogue().get(dataset)
    for part in rows.iter_slices(RUN):
        whole = part.select(
            (pl.col(n) if n in part.columns else pl.lit(None)).cast(t).alias(n)
            for n, t in standard.dtypes.items()
        )
        told = with_digest(whole, standard.dtypes).select(
            key=key_expr(standard), digest=DIGEST, json=JSON
        )
        with write(engine) as connection:
            number = ledger.dataset_id(connection, dataset)
            feed_id = connection.scalar(select(feed.c.id)) or connection.scalar(
                insert(feed).values(name="bench").returning(feed.c.id)
            )
            words = {
                "feed_id": feed_id, "dataset_id": number, "standard_version": "1", "source": "bench", "sha256": "",
                "state": "committed", "read": told.height, "accepted": told.height, "added": told.height,
                "started_at": utc_now(), "ended_at": utc_now(),
            }  # fmt: skip
            run_id = connection.scalar(insert(run).values(words).returning(run.c.id))
            appending = ledger.Appending(connection, number, int(run_id or 0), int(feed_id or 0))
            appending.write(told)
            appending.finish(pl.Series("key", [], pl.String))


class UntilReview(Silent):
    """Notes when the computing is over: what comes then asks for review of all datasets, for the first time."""

    at = processor = 0.0

    def step(self, name: str) -> None:
        """Remembers the begin of the last step."""
        self.at, self.processor = time.perf_counter(), time.process_time()


def timed(what: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


def looks(site: Site, engine: Engine, codes: list[str], names: list[str]) -> dict[str, float]:
    """Milliseconds at the 95th percentile: a file by its code, a search by its name."""
    catalogue = load_catalogue()
    files = [timed(lambda code=code: file_of(site, engine, catalogue, code)) for code in codes]  # type: ignore[misc]
    with engine.connect() as connection:
        searches = [timed(lambda name=name: looked_up(site, connection, name)) for name in names]  # type: ignore[misc]

    def p95(values: list[float]) -> float:
        return round(statistics.quantiles(values, n=20)[18] * 1000, 1)

    return {"file_p95_ms": p95(files), "search_p95_ms": p95(searches)}


def measured(many: int, folder: Path, url: str) -> dict[str, Any]:
    """All figures of one size."""
    site, engine = create_site(folder / "site"), connect(url)
    create_tables(engine)
    known = subjects(many)
    for dataset, rows in records(known):
        say(engine, dataset, rows)
    catalogue = load_catalogue()
    with engine.connect() as connection:
        copying = timed(lambda: [columns.refresh(site, connection, catalogue.get(n)) for n in ANALYSES["subjects"].reads])  # fmt: skip
    chosen = [ANALYSES["subjects"]]

    def compute() -> dict[str, Any]:
        return computing.compute(site, engine, chosen)

    until = UntilReview()
    begun, processor = time.perf_counter(), time.process_time()
    computing.compute(site, engine, chosen, until)
    full, processor = until.at - begun, until.processor - processor
    again = timed(compute)
    say(engine, "complaint_report", known.sample(CHANGED // 2, seed=1).select(
        ticket_no=pl.format("N{}", "number"), respondent_name="name", division_code="division",
        received_at=pl.lit("2026-04-02T08:00:00+08:00"),
    ))  # fmt: skip
    say(engine, "administrative_penalty", known.sample(CHANGED // 2, seed=2).select(
        "uscc", subject_name="name", doc_no=pl.format("茂市〔2027〕{}号", "number"), decided_on=pl.lit("2026-04-01"),
        authority=pl.lit("茂名市市场监督管理局"),
    ))  # fmt: skip
    increment = timed(compute)
    links = index.read(site).frame("links")
    some = known.sample(LOOKS, seed=3)
    return {
        "subjects": many, "records": many * 5, "copies_s": round(copying, 1), "full_s": round(full, 1), "full_processor_s": round(processor, 1),
        "unchanged_s": round(again, 2), "increment_s": round(increment, 2), "linked": links["automatic"].sum(),
        **looks(site, engine, some["uscc"].to_list(), some["name"].to_list()),
        "index_mb": sum(path.stat().st_size for path in (site.columns / index.FOLDER).iterdir()) // 2**20,
        "peak_mb": round(peak_megabytes()),
    }  # fmt: skip


if __name__ == "__main__":
    place = Path(sys.argv[2])
    database = sys.argv[3] if len(sys.argv) > 3 else f"sqlite:///{place / 'hub.sqlite'}"
    os.environ["HUB_DATABASE_URL"] = database
    print(json.dumps(measured(int(sys.argv[1]), place, database)))
