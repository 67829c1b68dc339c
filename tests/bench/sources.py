"""The source `sql` against a bare COPY of the same query. Run as a program, prints JSON.

python -m tests.bench.sources POSTGRESQL_URL [ROWS]
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
import yaml

from adapters.artefact import Store
from adapters.declaration import load_feed
from adapters.pull import INTERNAL, pull, read
from tests.bench.data import MILLION
from tests.bench.memory import peak_megabytes

URL = "BENCH_DATABASE"
COLUMNS = {  # 25, about 700 bytes a row: a penalty decision as departments keep it
    "id": "g",
    "doc_no": "'茂市监处罚〔2024〕' || g || '号'",
    "party": "'茂名市某某贸易有限公司第' || g || '分公司'",
    "uscc": "'91440900' || lpad(g::text, 10, '0')",
    "amount": "(g % 100000)::numeric(18, 2) / 7",
    "decided_on": "DATE '2020-01-01' + g % 2000",
    "changed_at": "TIMESTAMP '2020-01-01 08:00' + g * INTERVAL '1 second'",
    "seen_at": "TIMESTAMPTZ '2020-01-01 08:00Z' + g * INTERVAL '1 second'",
    "public": "g % 3 = 0",
    "note": "CASE WHEN g % 2 = 0 THEN '当事人称“已整改”, 见附件' END",
    **{f"text_{n}": f"'经营范围第{n}项：食品销售、日用百货；' || g % 1000" for n in range(15)},
}


def make_table(url: str, rows: int) -> None:
    """The table `bench_rows`, anew."""
    columns = ", ".join(f"{form} AS {name}" for name, form in COLUMNS.items())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_rows")
        series = f"SELECT {columns} FROM generate_series(1, {rows}) g"
        connection.execute(f"CREATE TABLE bench_rows AS {series}")
        connection.execute("VACUUM ANALYZE bench_rows")


def bare_copy(url: str) -> float:
    """Seconds of `COPY … TO STDOUT`, whose rows are only counted."""
    size, start = 0, time.perf_counter()
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        asked = "COPY (SELECT * FROM bench_rows) TO STDOUT (FORMAT csv, HEADER)"
        with cursor.copy(asked) as copy:
            for data in copy:
                size += len(data)
    return time.perf_counter() - start


def source(url: str, folder: Path) -> dict[str, Any]:
    """Seconds until the delivery is kept, and until its last raw batch; its rows and bytes."""
    os.environ |= {URL: url, INTERNAL: "bench_sql"}
    fields = {"reg_no": "uscc", "subject_name": "party"}
    told = {
        "feed": "bench_sql",
        "title": {"zh": "测速", "en": "Bench"},
        "standard": "market_entity",
        "source": {"kind": "sql", "url": f"${{{URL}}}", "table": "bench_rows"},
        "mode": "snapshot",
        "fields": fields,
        "ignore": {name: "not needed here" for name in COLUMNS if name not in fields.values()},
    }
    path = folder / "bench_sql.yml"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    feed, start = load_feed(path), time.perf_counter()
    delivered = pull(feed, Store(folder / "raw"))
    kept = time.perf_counter() - start
    rows = sum(batch.rows.height for batch in read(feed, delivered.artefact))
    seconds = time.perf_counter() - start
    return {"kept": kept, "batches": seconds, "rows": rows, "bytes": delivered.artefact.size}


def main() -> None:
    url, *rows = sys.argv[1:]
    plain = url.replace("+psycopg", "", 1)
    make_table(plain, int(rows[0]) if rows else MILLION)
    copy = bare_copy(plain)
    with tempfile.TemporaryDirectory() as folder:
        found = source(plain, Path(folder))
    print(json.dumps({"copy": copy, **found, "peak_mb": peak_megabytes()}))


if __name__ == "__main__":
    main()
