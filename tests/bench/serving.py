"""The portal beside Datasette: the same records, the same machine, turn by turn.

python -m tests.bench.serving RECORDS FOLDER → JSON: requests/s of both, by what is asked.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import requests

from exchange_schemas.catalogue import load_catalogue
from hub.site import create_site
from publisher.release import build_release
from tests.bench.records import penalty_rows
from tests.services.server import free_port, server

DATASET = "administrative_penalty"
DATASETTE = "0.65.5"
TURNS, CONNECTIONS = 3, 16
SECONDS = {"filtered table": 30}  # Datasette answers one of them in 1.4 s at 1,000,000 records
KINDS = {"record page": 20_000, "filtered table": 400}  # how many different addresses
COUNTIES = ("440902", "440904", "440981", "440982", "440983")


def prepare(records: int, folder: Path) -> tuple[Path, Path, list[str]]:
    """The records as a release and as Datasette's database; returns both and the record ids."""
    standard = load_catalogue().get(DATASET)
    rows = penalty_rows(standard, records, broken=False)
    ids = pl.int_range(pl.len()).hash(7).cast(pl.String).str.zfill(20).alias("record_id")
    view = rows.select(ids, *standard.fields_for("public"))
    source = folder / "view.parquet"
    view.write_parquet(source)
    site = create_site(folder / "site")
    build_release(site.releases, standard, source)
    database = folder / "records.db"
    _store(view, database)
    return site.path, database, view["record_id"].to_list()


def _store(view: pl.DataFrame, path: Path) -> None:
    """One table with a primary key, and indexes on what is filtered and sorted by."""
    flat = view.with_columns(pl.col(pl.List(pl.String)).list.join("；"))
    columns = ", ".join(f'"{name}"' for name in flat.columns)
    marks = ", ".join("?" * flat.width)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE records ({columns}, PRIMARY KEY (record_id))")
        for part in flat.iter_slices(50_000):
            connection.executemany(f"INSERT INTO records VALUES ({marks})", part.iter_rows())
        for name in ("division_code", "decided_on"):
            connection.execute(f"CREATE INDEX by_{name} ON records ({name})")
        connection.commit()


@contextmanager
def ours(site: Path) -> Iterator[str]:
    """The portal in two workers."""
    port = free_port()
    hub = str(Path(sys.executable).parent / "hub")
    command = [hub, "--site", str(site), "portal", "--port", str(port), "--workers", "2"]
    with running(command, port, {"HUB_PORTAL_RATE": "0"}) as url:
        yield url


@contextmanager
def datasette(database: Path) -> Iterator[str]:
    """Datasette as its documentation serves files that don't change."""
    port = free_port()
    command = [
        _datasette(), "serve", "-i", str(database), "--port", str(port),
        "--setting", "max_csv_mb", "0",
    ]  # fmt: skip
    with running(command, port, {}) as url:
        yield url


def _datasette() -> str:
    """The program, in an environment of its own."""
    folder = Path(tempfile.gettempdir()) / f"exchange-hub-datasette-{DATASETTE}-{os.getuid()}"
    if not (folder / "done").is_file():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, f"datasette=={DATASETTE}", "setuptools<81"], check=True)
        (folder / "done").touch()
    return str(folder / "bin" / "datasette")


@contextmanager
def running(command: list[str], port: int, more: dict[str, str], path: str = "/") -> Iterator[str]:
    """A server on a port until the block ends; it has started once it answers `path`."""
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return requests.get(url + path, timeout=30).ok
        except requests.RequestException:
            return False

    old = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            server(command, answers, Path(folder) / "log", seconds=120),
        ):
            yield url
    finally:
        for name, value in old.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})


def addresses(ids: list[str]) -> dict[str, dict[str, list[str]]]:
    """What is asked of each, by kind, in the same order."""
    chosen = random.Random(1).sample(ids, min(len(ids), KINDS["record page"]))
    days = [f"2026-{4 + n % 6:02}-{1 + n // 6 % 28:02}" for n in range(KINDS["filtered table"])]
    pairs = [(day, COUNTIES[n % len(COUNTIES)]) for n, day in enumerate(days)]
    return {
        "ours": {
            "record page": [f"/datasets/{DATASET}/records/{one}" for one in chosen],
            "filtered table": [
                f"/datasets/{DATASET}/table?county={county}&since={day}&until={day}"
                for day, county in pairs
            ],
        },
        "datasette": {
            "record page": [f"/records/records/{one}" for one in chosen],
            "filtered table": [
                f"/records/records?division_code={county}&decided_on={day}"
                for day, county in pairs
            ],
        },
    }


def load(url: str, paths: list[str], seconds: int = 6) -> dict[str, Any]:
    """What wrk counts in that time."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(paths))
        file.flush()
        script = str(Path(__file__).with_suffix(".lua"))
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "60s", "-s"]
        done = subprocess.run(
            [*command, script, url], stdout=subprocess.PIPE, text=True, check=True,
            env={**os.environ, "PATHS": file.name},
        )  # fmt: skip
    counted: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return counted


def download(address: str) -> float:
    """Seconds that a whole file takes."""
    start, size = time.perf_counter(), 0
    with requests.get(address, stream=True, timeout=900) as answer:
        answer.raise_for_status()
        for block in answer.iter_content(1 << 20):
            size += len(block)
    assert size > 1_000
    return time.perf_counter() - start


def main(records: int, folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    site, database, ids = prepare(records, folder)
    asked = addresses(ids)
    found: dict[str, list[dict[str, Any]]] = {}
    with ours(site) as mine, datasette(database) as theirs:
        urls = {"ours": mine, "datasette": theirs}
        for _ in range(TURNS):
            for kind in KINDS:
                turn = {
                    name: load(url, asked[name][kind], SECONDS.get(kind, 6))
                    for name, url in urls.items()
                }
                found.setdefault(kind, []).append(turn)
        files = {
            "ours": download(f"{mine}/datasets/{DATASET}/latest/records.csv"),
            "datasette": download(f"{theirs}/records/records.csv?_stream=on&_size=max"),
        }
    kinds = {kind: told(turns) for kind, turns in found.items()}
    kinds["whole CSV"] = {
        "ours": round(1 / files["ours"], 3), "datasette": round(1 / files["datasette"], 3),
        "ratio": round(files["datasette"] / files["ours"], 1), "errors": 0,
    }  # fmt: skip
    return {"records": records, "kinds": kinds}


def told(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians of requests/s and of their ratios turn by turn."""
    other = next(name for name in turns[0] if name != "ours")
    rates = [{n: t["requests"] / t["seconds"] for n, t in turn.items()} for turn in turns]
    return {
        **{n: round(statistics.median(r[n] for r in rates), 1) for n in rates[0]},
        "ratio": round(statistics.median(r["ours"] / r[other] for r in rates), 1),
        "p99_ms": {n: round(statistics.median(t[n]["p99_ms"] for t in turns)) for n in rates[0]},
        "errors": sum(t[n]["errors"] for t in turns for n in t),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]))))
