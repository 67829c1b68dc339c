"""Pushing to a real CKAN, in a process of its own.

python -m tests.bench.ckan RECORDS POSTGRES_URL [VERSION…] → JSON: one object for each version and
number of rows a call, with seconds by step and rows/s.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.standard import Standard
from hub.progress import Silent
from publisher.ckan.client import Client
from publisher.ckan.pushing import Push, Pushed
from publisher.ckan.target import CkanTarget
from publisher.ckan.verifying import verify
from publisher.columns import RECORD_ID
from publisher.manifest import Release
from publisher.release import build_release
from tests.bench.records import penalty_rows
from tests.services.ckan_server import NEXT_VERSION, VERSION, ckan_server

DATASET = "administrative_penalty"
CHANGED = 100  # records of the increment; as many are taken back
ROWS_A_CALL = (1_000, 5_000)


def measure(records: int, postgres_url: str, versions: list[str]) -> list[dict[str, Any]]:
    """Each version with each number of rows a call; the files are uploaded by the first of them."""
    found = []
    standard = load_catalogue().get(DATASET)
    with tempfile.TemporaryDirectory(prefix="hub-bench-ckan-") as folder:
        root = Path(folder)
        view = _view(standard, records)
        for version in versions:
            with ckan_server(postgres_url, version) as ckan:
                for number, rows in enumerate(ROWS_A_CALL):
                    files = "none" if number else "upload"
                    target = CkanTarget("bench", ckan.url, ckan.token, prefix=f"b{rows}-",
                                        rows_a_call=rows, files=files)  # fmt: skip
                    at = root / version / str(rows)
                    at.mkdir(parents=True)
                    found.append(_one(standard, view, at, target, version))
    return found


def _view(standard: Standard, records: int) -> pl.DataFrame:
    fields = list(standard.fields_for("public"))
    rows = penalty_rows(standard, records, broken=False)
    ids = pl.format("{}", pl.int_range(records).cast(pl.String).str.zfill(16)).alias(RECORD_ID)
    return rows.select(ids, *fields)


def _one(
    standard: Standard, view: pl.DataFrame, root: Path, target: CkanTarget, version: str
) -> dict[str, Any]:
    first = build_release(root, standard, view)
    loading, _ = _pushed(standard, first, target)
    client, begun = Client(target), time.perf_counter()
    if wrong := verify(client, standard, first):
        raise RuntimeError(wrong[0].message("en"))
    verifying = time.perf_counter() - begun
    touched = view.with_columns(
        pl.when(pl.int_range(pl.len()) < 2 * CHANGED)
        .then(pl.lit("更正"))
        .otherwise("facts")
        .alias("facts")
    )
    second = build_release(root, standard, touched.slice(CHANGED))
    increment, pushed = _pushed(standard, second, target)
    again, _ = _pushed(standard, second, target)
    return {
        "version": version, "rows_a_call": target.rows_a_call, "files": target.files,
        "records": view.height, "load_s": round(loading, 2),
        "rows_per_s": round(view.height / loading), "verify_s": round(verifying, 2),
        "increment_s": round(increment, 2), "changed": pushed.written, "removed": pushed.removed,
        "unchanged_s": round(again, 2),
    }  # fmt: skip


def _pushed(standard: Standard, release: Release, target: CkanTarget) -> tuple[float, Pushed]:
    begun = time.perf_counter()
    push = Push(Client(target), standard, release, Silent())
    push.take_back()
    pushed = push.bring()
    return time.perf_counter() - begun, pushed


def main(records: str, postgres_url: str, *versions: str) -> None:
    """Print the figures."""
    print(
        json.dumps(measure(int(records), postgres_url, list(versions) or [VERSION, NEXT_VERSION]))
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
