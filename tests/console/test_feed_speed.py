"""How quick the pages of feeds are where there is much: runs, issues, rejected rows, revisions."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import quantiles
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Connection, insert, select

from hub.bulk import insert_frame
from hub.database import write
from hub.tables import issue, issue_count, quarantine, revision, run
from hub.work import work_now
from tests.console.console_site import Staff, make_staff
from tests.console.feed_site import TOWN, declare, register

REVISIONS, RUNS, ISSUES, REJECTED = 1_000_000, 20_000, 500_000, 100_000
MOST = 0.150  # seconds, p95
ASKED = 40


def crowded(folder: Path, url: str, share: float = 1.0) -> Staff:
    """A site with one feed: many runs, the last of which has many issues and changed many records."""
    staff = make_staff(folder, url)
    declare(staff, TOWN)
    file = staff.site.path / "登记.csv"
    file.write_bytes(register(1, 2, wrong=1))
    work_now(staff.site, staff.engine, "feed_run", {"feed": "town_register", "file": str(file)})
    runs, count = int(RUNS * share), int(REVISIONS * share)
    with write(staff.engine) as connection:
        row = dict(connection.execute(select(run)).mappings().one())
        rows = [{**row, "id": number} for number in range(2, runs + 1)]
        rows[-1] |= {"first_seq": 2, "last_seq": count + 1, "same_as": None}
        connection.execute(insert(run), rows)
        _fill(connection, row["dataset_id"], runs, count, share)
        connection.exec_driver_sql("ANALYZE")  # as databases do by themselves within minutes
    return staff


def _fill(connection: Connection, dataset: int, last: int, count: int, share: float) -> None:
    number = pl.int_range(1, int(ISSUES * share) + 1, eager=True)
    content = '{"企业名称": "某镇某商行", "统一社会信用代码": "92440902MA0000015X", "成立日期": "2013年13月5日"}'
    code = (
        pl.when(number % 50_000 == 7)
        .then(pl.lit("check_digit"))
        .otherwise(pl.lit("date_unreadable"))
    )
    found = pl.DataFrame({"line": number, "field": "established_on"}).with_columns(
        code.alias("code"), value=pl.lit("x"), params=pl.lit("{}"), run_id=pl.lit(last)
    )
    insert_frame(connection, issue, found)
    counted = found.group_by("run_id", "code", "field").len("count")
    insert_frame(connection, issue_count, counted)
    rows = pl.DataFrame({"line": number.head(int(REJECTED * share))})
    insert_frame(
        connection, quarantine, rows.with_columns(content=pl.lit(content), run_id=pl.lit(last))
    )
    seq = pl.int_range(2, count + 2, eager=True)
    entries = pl.DataFrame({"seq": seq}).with_columns(
        dataset_id=pl.lit(dataset), key=pl.format("K{}", seq), operation=pl.lit(1),
        digest=pl.lit(bytes(32)), run_id=pl.lit(last),
    )  # fmt: skip
    insert_frame(connection, revision, entries)


def timed(staff: Staff, runs: int) -> dict[str, float]:
    """Page → seconds, p95."""
    person = staff.person("wang", "submitter")
    pages: dict[str, tuple[str, dict[str, Any]]] = {
        "feeds": ("/feeds", {}),
        "feed": ("/feeds/town_register", {}),
        "feed, old runs": ("/feeds/town_register", {"below": runs // 2}),
        "run": (f"/runs/{runs}", {}),
        "run, deep in issues": (f"/runs/{runs}", {"after": 400_000, "code": "date_unreadable"}),
        "run, deep in entries": (f"/runs/{runs}", {"after_seq": 900_000}),
        "quarantine": ("/quarantine", {}),
        "rejected rows": ("/quarantine/town_register", {}),
        "rejected rows, deep": ("/quarantine/town_register", {"after": f"{runs}:90000"}),
        "held": ("/held", {}),
    }
    found = {}
    for name, (path, query) in pages.items():
        took = []
        for _ in range(ASKED):
            begin = time.perf_counter()
            assert person.get(path, **query).status_code == 200, name
            took.append(time.perf_counter() - begin)
        found[name] = quantiles(took, n=20)[-1]
    return found


def test_pages_of_a_small_crowd_are_there(tmp_path: Path, database_url: str) -> None:
    staff = crowded(tmp_path, database_url, 0.001)
    person = staff.person("wang", "submitter")
    assert "date_unreadable" in person.get("/runs/20").get_data(as_text=True)
    assert (
        person.get("/quarantine/town_register").get_data(as_text=True).count("2013年13月5日") >= 10
    )


@pytest.mark.slow
def test_pages_are_quick_at_a_million_revisions(
    tmp_path: Path, database_url: str, figures: dict[str, int | float]
) -> None:
    staff = crowded(tmp_path, database_url)
    took = timed(staff, RUNS)
    kind = staff.engine.dialect.name
    figures.update(
        {f"console {name} p95 ms, {kind}": round(t * 1000, 1) for name, t in took.items()}
    )
    assert {name: t for name, t in took.items() if t > MOST} == {}
