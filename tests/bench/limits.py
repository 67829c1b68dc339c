"""The limits: what the bare parts take for the same rows. Run as a program, prints JSON.

python -m tests.bench.limits sqlite|parquet|copy FILE.csv TARGET
"""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
import time
from pathlib import Path

import polars as pl
import psycopg

from tests.bench.memory import peak_megabytes

COLUMNS = 10


def load_sqlite(source: Path, target: str) -> int:
    """csv.reader → executemany in one transaction, with the journal and synchronous of a site."""
    connection = sqlite3.connect(target)
    connection.execute("PRAGMA journal_mode=TRUNCATE")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (a, b, c, d, e, f, g, h, i, j)")
    with source.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        rows = (row for row in reader if len(row) == COLUMNS)
        connection.executemany("INSERT INTO t VALUES (?,?,?,?,?,?,?,?,?,?)", rows)
    connection.commit()
    return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])


def write_parquet(source: Path, target: str) -> int:
    """Polars scan_csv → Parquet."""
    frame = pl.scan_csv(source, infer_schema=False, truncate_ragged_lines=True)
    frame.sink_parquet(target)
    return int(pl.scan_parquet(target).select(pl.len()).collect().item())


def copy_postgres(source: Path, target: str) -> int:
    """COPY of the raw CSV into a table of text columns."""
    with psycopg.connect(target.replace("+psycopg", "")) as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        columns = ",".join(f"c{n} text" for n in range(COLUMNS))
        connection.execute(f"CREATE TABLE bare ({columns})")
        sql = "COPY bare FROM STDIN (FORMAT CSV, HEADER)"
        with source.open("rb") as file, connection.cursor().copy(sql) as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        connection.commit()
        found = connection.execute("SELECT count(*) FROM bare").fetchone()
    return int(found[0]) if found else 0


LIMITS = {"sqlite": load_sqlite, "parquet": write_parquet, "copy": copy_postgres}


def main() -> None:
    kind, source, target = sys.argv[1:]
    start = time.perf_counter()
    rows = LIMITS[kind](Path(source), target)
    seconds = time.perf_counter() - start
    print(json.dumps({"rows": rows, "seconds": seconds, "peak_mb": peak_megabytes()}))


if __name__ == "__main__":
    main()
