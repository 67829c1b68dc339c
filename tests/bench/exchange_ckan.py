"""Paging through CKAN's `datastore_search`, over a part of the same rows.

python -m tests.bench.exchange_ckan RECORDS POSTGRES_URL → JSON: rows/s, by rows a page.

CKAN runs in two workers of gunicorn; its pages are asked for by two clients at once. 32,000 rows are the
most that it gives in one page.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import requests

from exchange_schemas.catalogue import load_catalogue
from publisher.columns import RECORD_ID
from publisher.release import build_release
from tests.bench.exchange_site import DATASET
from tests.bench.records import penalty_rows
from tests.bench.serving_ckan import fill, push, two_workers
from tests.services.ckan_server import ckan_server

PAGES = (1_000, 32_000)
CLIENTS = 2


def main(records: int, postgres: str) -> dict[str, Any]:
    """Seconds of a whole pull, twice each; the better one counts."""
    standard = load_catalogue().get(DATASET)
    rows = penalty_rows(standard, records, broken=False)
    ids = pl.format("{}", pl.int_range(records).cast(pl.String).str.zfill(16)).alias(RECORD_ID)
    view = rows.select(ids, *standard.fields_for("government"))
    with tempfile.TemporaryDirectory() as folder, ckan_server(postgres) as ckan:
        public = view.select(RECORD_ID, *standard.fields_for("public")).head(3)
        push(ckan, [build_release(Path(folder), standard, public)], "http://portal.example")
        resource = fill(ckan, view)
        with two_workers(ckan) as url:
            found = {
                size: min(_pull(url, resource, records, size) for _ in range(2)) for size in PAGES
            }
    return {
        "records": records,
        "rows_per_s": {str(size): round(records / seconds) for size, seconds in found.items()},
    }


def _pull(url: str, resource: str, records: int, size: int) -> float:
    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        pages = pool.map(
            lambda offset: _page(url, resource, offset, size), range(0, records, size)
        )
        assert sum(pages) == records
    return time.perf_counter() - begun


def _page(url: str, resource: str, offset: int, size: int) -> int:
    asked = {"resource_id": resource, "limit": str(size), "offset": str(offset), "sort": "_id"}
    answer = requests.get(f"{url}/api/3/action/datastore_search", asked, timeout=300)
    answer.raise_for_status()
    return len(answer.json()["result"]["records"])


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), sys.argv[2])))
