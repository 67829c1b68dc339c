"""Credit classes at size, in a process of its own.

python -m tests.bench.credit SUBJECTS SITE [POSTGRES_URL] → JSON: seconds of a whole computing, of a day without
and with changes, of what a version would change, and peak memory. Five records for each subject.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine, insert

from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.credit_rules import packaged_rules
from exchange_schemas.record import KEY, key_expr, with_digest
from hub import disclosures, ledger
from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.analysis.inputs import Inputs
from hub.changes import ChangeSet
from hub.credit.what_if import what_if
from hub.database import connect, create_tables, write
from hub.site import Site, create_site
from hub.tables import feed, run

DAY = date(2026, 11, 30)
PER_SUBJECT = 5
CHANGED = 1000  # records that another delivery brings


def measure(subjects: int, folder: Path, url: str | None) -> dict[str, Any]:
    """The figures of one database."""
    site = create_site(folder)
    engine = connect(url or site.database_url)
    create_tables(engine)
    catalogue = load_catalogue()
    for name, rows in _records(subjects):
        _append(engine, catalogue, name, rows)
    disclosures.refresh(engine, catalogue)  # what departments deliver is looked at as it comes
    one = [ANALYSES["credit"]]
    found: dict[str, Any] = {"subjects": subjects, "records": subjects * PER_SUBJECT}

    def timed(name: str, do: Callable[[], Any]) -> None:
        begin = time.perf_counter()
        do()
        found[name] = round(time.perf_counter() - begin, 2)

    def compute(day: date) -> Any:
        return computing.compute(site, engine, one, day=day)

    timed("whole", lambda: compute(DAY))
    timed("next day, nothing new", lambda: compute(DAY + timedelta(days=1)))
    more = _complaints(subjects, CHANGED, begin=subjects * 3)
    _append(engine, catalogue, "complaint_report", more)
    timed(f"{CHANGED} new records", lambda: compute(DAY + timedelta(days=1)))
    timed("a hundred days later", lambda: compute(DAY + timedelta(days=100)))
    timed("what if", lambda: what_if(_inputs(site, engine), packaged_rules(), DAY))
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def _inputs(site: Site, engine: Engine) -> Inputs:
    return Inputs(site, engine, load_catalogue(), DAY)


def _code(number: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit("91440902MA"), number.cast(pl.String).str.zfill(7), pl.lit("X"))


def _records(subjects: int) -> list[tuple[str, pl.DataFrame]]:
    """(dataset, records): the register, and five for each subject, spread unevenly over seven years."""
    number = pl.int_range(subjects).alias("n")
    register = pl.select(number).select(
        uscc=_code(pl.col("n")),
        subject_name=pl.concat_str(
            pl.lit("茂名市第"), pl.col("n").cast(pl.String), pl.lit("号商行")
        ),
        reg_state=pl.lit("存续"),
        domicile_division=_one_of(pl.col("n"), ["440902", "440904", "440981", "440982", "440983"]),
        industry_code=_one_of(pl.col("n") // 5, ["1411", "6210", "5211", "1810", "8010", "2614"]),
        established_on=pl.lit("2020-01-01"),
    )
    return [
        ("market_entity", register),
        ("administrative_penalty", _penalties(subjects, subjects)),
        ("abnormal_operation_list", _listed(subjects, subjects // 2)),
        ("entity_annual_report", _reports(subjects, subjects + subjects // 2)),
        ("complaint_report", _complaints(subjects, subjects)),
    ]


def _one_of(number: pl.Expr, values: list[str]) -> pl.Expr:
    return pl.lit(pl.Series(values)).gather(number % len(values))


def _whose(subjects: int) -> pl.Expr:
    """Some have many records and many have none."""
    spread = (pl.col("n").cast(pl.UInt64) * 2_654_435_761) % (subjects * 7)
    return _code((spread * spread // (subjects * 49)).cast(pl.Int64) % subjects)


def _day(span: int) -> pl.Expr:
    """A day in the last `span` days."""
    back = (pl.col("n").cast(pl.Int64) * 7919) % span
    return (pl.lit(DAY) - pl.duration(days=back)).dt.strftime("%Y-%m-%d")


def _numbered(prefix: str) -> pl.Expr:
    return pl.concat_str(pl.lit(prefix), pl.col("n").cast(pl.String))


def _penalties(subjects: int, count: int) -> pl.DataFrame:
    return pl.select(n=pl.int_range(count)).select(
        authority_uscc=pl.lit("11440900000000019J"),
        doc_no=_numbered("茂市监处罚〔2026〕"),
        uscc=_whose(subjects),
        penalty_kinds=pl.concat_list(
            _one_of(pl.col("n"), ["罚款", "罚款", "警告", "没收违法所得"])
        ),
        status=pl.lit("正常"),
        decided_on=_day(2500),
    )


def _listed(subjects: int, count: int) -> pl.DataFrame:
    return pl.select(n=pl.int_range(count)).select(
        entry_id=_numbered("YC"),
        uscc=_whose(subjects),
        listed_on=_day(1500),
        removed_on=pl.when(pl.col("n") % 2 == 0).then(pl.lit("2026-12-05")),
    )


def _reports(subjects: int, count: int) -> pl.DataFrame:
    return pl.select(n=pl.int_range(count)).select(
        uscc=_code(pl.col("n") % subjects),
        report_year=2023 + pl.col("n") // subjects,
        reported_on=_day(1000),
        late=pl.col("n") % 9 == 0,
    )


def _complaints(subjects: int, count: int, begin: int = 0) -> pl.DataFrame:
    return pl.select(n=pl.int_range(begin, begin + count)).select(
        ticket_no=_numbered("MM"),
        kind=pl.lit("投诉"),
        respondent_uscc=_whose(subjects),
        accept_decision=pl.lit("受理"),
        accept_decided_on=_day(365),
    )


def _append(engine: Engine, catalogue: Catalogue, name: str, rows: pl.DataFrame) -> None:
    """The records in the ledger, as a run would leave them."""
    standard = catalogue.get(name)
    whole = rows.select(
        (pl.col(n) if n in rows.columns else pl.lit(None)).cast(dtype).alias(n)
        for n, dtype in standard.dtypes.items()
    )
    with write(engine) as connection:
        number = ledger.dataset_id(connection, name)
        feed_id = connection.scalar(
            insert(feed).values(name=f"{name}{time.time()}").returning(feed.c.id)
        )
        assert feed_id is not None
        changes = ChangeSet(ledger.heads(connection, number, feed_id), feed_id)
        for part in whole.iter_slices(200_000):
            keyed = with_digest(part, standard.dtypes).with_columns(key_expr(standard).alias(KEY))
            changes.compare(keyed)
        changes.gone = pl.Series(KEY, [], pl.String)
        told = {"feed_id": feed_id, "dataset_id": number, "standard_version": standard.version}
        told |= {"source": "bench", "sha256": "", "state": "committed"}
        told |= {"started_at": "2026-11-30", "ended_at": "2026-11-30"}
        words = {"read": rows.height, "accepted": rows.height, "added": rows.height}
        run_id = connection.scalar(insert(run).values({**told, **words}).returning(run.c.id))
        assert run_id is not None
        ledger.append(connection, number, changes, run_id)


if __name__ == "__main__":
    count, place = int(sys.argv[1]), Path(sys.argv[2])
    print(json.dumps(measure(count, place, sys.argv[3] if len(sys.argv) > 3 else None)))
