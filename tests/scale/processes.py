"""Real processes of the hub on one site: workers, beats, and what they did."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from sqlalchemy import Engine, func, select

from exchange_schemas.identifiers import uscc_expected
from hub.site import Site
from hub.tables import dataset, head, job, revision

COMMAND = [sys.executable, "-c", "from hub.cli.main import hub; hub()"]

FEED = """
feed: {name}
title: {{zh: 主体{name}, en: Entities {name}}}
standard: {standard}
source: {{kind: file, path: {name}.csv}}
format: {{kind: csv, encoding: utf-8}}
mode: snapshot
fields: {fields}
"""

# standard → its fields of the three columns, in JSON
STANDARDS = {
    "market_entity": '{"subject_name": "名称", "uscc": "代码", "domicile": "地址", '
    '"established_on": {"value": "2020-01-02"}}',
    "drug_supervision": '{"holder_name": "名称", "license_no": "代码", "holder_address": "地址"}',
    "complaint_report": '{"respondent_name": "名称", "ticket_no": "代码", "facts": "地址", '
    '"received_at": {"value": "2020-01-02T08:00:00+08:00"}}',
    "pyramid_selling_case": '{"org_name": "名称", "case_no": "代码", "location": "地址", '
    '"found_on": {"value": "2020-01-02"}, "handled_by": {"value": "公安"}}',
}


def write_feed(
    site: Site, number: int, rows: int, turn: int = 0, standard: str = "market_entity"
) -> Path:
    """A feed of so many companies that no other feed has; in a later `turn` a third has moved."""
    count = pl.int_range(number * rows, (number + 1) * rows)
    body = pl.format("91440902MA{}", count.cast(pl.String).str.zfill(7))
    moved = pl.when(count % 3 == 0).then(pl.lit(f"{turn}楼")).otherwise(pl.lit(""))
    found = pl.select(
        pl.format("第{}号商行", count).alias("名称"),
        (body + "0").alias("代码"),
        pl.format("官渡路{}号{}", count, moved).alias("地址"),
    )
    codes = found["代码"].str.head(17) + uscc_expected(found["代码"])
    coming = site.feeds / f"many{number}.coming"
    found.with_columns(codes.alias("代码")).write_csv(coming)
    coming.replace(site.feeds / f"many{number}.csv")
    path = site.feeds / f"many{number}.yml"
    words = {"name": f"many{number}", "standard": standard, "fields": STANDARDS[standard]}
    path.write_text(FEED.format(**words), encoding="utf-8")
    return path


def begin(site: Site, *words: str, output: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """`hub …` on the site, as a process of its own."""
    return subprocess.Popen(
        [*COMMAND, "--site", str(site.path), *words],
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
        stdout=output,
    )


@contextmanager
def running(site: Site, *words: str, told: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """`begin`, killed at the end; `told`: once it has said its first line."""
    process = begin(site, *words, output=subprocess.PIPE if told else subprocess.DEVNULL)
    try:
        if process.stdout is not None:
            process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait()


def states(engine: Engine) -> dict[str, int]:
    """How many jobs there are in each state."""
    with engine.connect() as connection:
        counted = select(job.c.state, func.count()).group_by(job.c.state)
        return {str(one[0]): int(one[1]) for one in connection.execute(counted)}


def wait_for(condition: Callable[[], bool], seconds: float = 40) -> None:
    """Raises AssertionError where it doesn't come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def sizes(engine: Engine) -> tuple[int, int]:
    """(revisions, heads) of what the feeds deliver; what is computed from it is another matter."""
    with engine.connect() as connection:
        mine = select(dataset.c.id).where(dataset.c.name == "market_entity").scalar_subquery()
        counts = [
            connection.scalar(select(func.count()).where(table.c.dataset_id == mine))
            for table in (revision, head)
        ]
    return int(counts[0] or 0), int(counts[1] or 0)
