"""Run all measurements, each in a process of its own, and print two tables and JSON.

python -m tests.bench [--runs 3] [--only PART] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench import (
    checking_table,
    ckan_table,
    console_table,
    credit_table,
    data,
    disclosure_table,
    exchange_table,
    formats_table,
    ledger_table,
    reading_table,
    releases_table,
    scaling_table,
    sealing_table,
    searching_table,
    serving_table,
    subjects_table,
    trace_table,
    tree_table,
)
from tests.services.postgres_server import fresh_database, postgres_server

PROJECT = Path(__file__).parents[2]
SHARED = PROJECT.parent / "shared" / "data"

Figures = dict[str, Any]

#: Parts with a table of their own: each module has measure_part(measure, work, postgres) and show().
PARTS: dict[str, Any] = {
    "console": console_table,
    "credit": credit_table,
    "disclosure": disclosure_table,
    "exchange": exchange_table,
    "formats": formats_table,
    "ledger-10m": ledger_table,
    "releases": releases_table,
    "scaling": scaling_table,
    "sealing": sealing_table,
    "ckan": ckan_table,
    "search": searching_table,
    "serving": serving_table,
    "subjects": subjects_table,
    "trace": trace_table,
    "tree": tree_table,
}


def measure(*command: str) -> Figures:
    """The JSON that a program of this bench prints."""
    environment = {**os.environ, "FEED_DATA": str(SHARED)}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        check=True,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=PROJECT,
    )
    figures: Figures = json.loads(done.stdout)
    return figures


def declare(folder: Path, source: Path) -> Path:
    """The national feed with `source` in place of its file."""
    text = (PROJECT / "adapters/feeds/kinginsun_national.yml").read_text(encoding="utf-8")
    lines = [
        f"source: {{kind: file, path: {source}}}" if line.startswith("source:") else line
        for line in text.splitlines()
    ]
    target = folder / f"{source.stem}.yml"
    target.write_text("\n".join(lines), encoding="utf-8")
    return target


def main_job(feed: Path, changed: Path, site: Path, *url: str) -> dict[str, Figures]:
    """First run, identical second run, the same read all over, and 1 % of the rows changed."""
    job = "tests.bench.main_job"
    return {
        "first": measure(job, str(feed), str(site), *url),
        "identical": measure(job, str(feed), str(site), *url),
        "identical, read again": measure(job, "--reread", str(feed), str(site), *url),
        "1 % changed": measure(job, str(changed), str(site), *url),
    }


def one_round(work: Path, files: dict[str, Path], postgres: str) -> dict[str, Figures]:
    """Limits and main job side by side; every measurement on a fresh target."""
    folder = Path(tempfile.mkdtemp(dir=work))
    national = str(files["national"])
    feed = declare(folder, files["national"])
    # Same feed name, other file: what a department delivers the next day.
    changed = declare(folder, files["changed"])
    found = {
        "limit: csv.reader → sqlite3": measure(
            "tests.bench.limits", "sqlite", national, str(folder / "bare.sqlite")
        ),
        "limit: Polars → Parquet": measure(
            "tests.bench.limits", "parquet", national, str(folder / "bare.parquet")
        ),
        "limit: COPY → PostgreSQL": measure("tests.bench.limits", "copy", national, postgres),
    }
    for name, figures in main_job(feed, changed, folder / "site").items():
        found[f"SQLite {name}"] = figures
    for name, figures in main_job(feed, changed, folder / "pgsite", postgres).items():
        found[f"PostgreSQL {name}"] = figures
    shutil.rmtree(folder)
    return found


def summary(rounds: list[dict[str, Figures]], million: Figures) -> Figures:
    """Medians of seconds, rows/s and peaks, and the ratios that matter, of all rounds."""
    medians: Figures = {}
    for name in rounds[0]:
        seconds = statistics.median(r[name]["seconds"] for r in rounds)
        rows = rounds[0][name].get("rows") or rounds[0][name]["read"]
        medians[name] = {
            "seconds": round(seconds, 2),
            "rows_per_s": round(rows / seconds),
            "peak_mb": round(max(r[name]["peak_mb"] for r in rounds)),
            "stages": rounds[0][name].get("stages", {}),
            "new_revisions": rounds[0][name].get("added", 0) + rounds[0][name].get("changed", 0),
        }
    ratios = {
        "SQLite first / bare sqlite3 (at most 1.5)": ratio(
            rounds, "SQLite first", "limit: csv.reader → sqlite3"
        ),
        "PostgreSQL first / bare COPY (at most 2)": ratio(
            rounds, "PostgreSQL first", "limit: COPY → PostgreSQL"
        ),
        "SQLite identical / first (at most 0.4)": ratio(
            rounds, "SQLite identical", "SQLite first"
        ),
        "PostgreSQL identical / first (at most 0.4)": ratio(
            rounds, "PostgreSQL identical", "PostgreSQL first"
        ),
        "SQLite identical, read again / first": ratio(
            rounds, "SQLite identical, read again", "SQLite first"
        ),
        "peak 1,000,000 / 300,000 rows (at most 1.3)": round(
            million["peak_mb"] / medians["SQLite first"]["peak_mb"], 2
        ),
    }
    medians["SQLite first, 1,000,000 rows"] = {
        "seconds": round(million["seconds"], 2),
        "rows_per_s": round(million["read"] / million["seconds"]),
        "peak_mb": round(million["peak_mb"]),
        "stages": million["stages"],
        "new_revisions": million["added"],
    }
    return {"machine": machine(), "rounds": len(rounds), "medians": medians, "ratios": ratios}


def ratio(rounds: list[dict[str, Figures]], above: str, below: str) -> float:
    """Median of the ratios round by round, so that a machine that drifts doesn't matter."""
    return round(statistics.median(r[above]["seconds"] / r[below]["seconds"] for r in rounds), 2)


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def show(result: Figures) -> None:
    table = Table(title=f"{result['machine']}; median of {result['rounds']} rounds")
    for name in ("", "s", "rows/s", "peak MB", "new revisions", "stages (s)"):
        table.add_column(name, justify="left" if name in ("", "stages (s)") else "right")
    for name, words in result["medians"].items():
        stages = " ".join(f"{k} {v:.2f}" for k, v in words["stages"].items())
        table.add_row(
            name,
            f"{words['seconds']:.2f}",
            f"{words['rows_per_s']:,}",
            str(words["peak_mb"]),
            f"{words['new_revisions']:,}",
            stages,
        )
    console = Console(width=150)
    console.print(table)
    for name, value in result["ratios"].items():
        console.print(f"{value:5.2f}  {name}")
    checking_table.show(result["checking"], console)
    reading_table.show(result["reading"], console)
    disclosure_table.show(result["disclosure"], console)
    console.print(
        "{standards} standards with {fields} fields: loaded in {load_seconds} s (at most 0.5), checked "
        "with their samples in {check_seconds} s (at most 20)".format(**result["standards"])
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="rounds of limits and main job")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--only", choices=sorted(PARTS), help="only this part")
    chosen = parser.parse_args()
    result = only(chosen.only) if chosen.only else everything(chosen.runs)
    print(json.dumps(result, ensure_ascii=False))
    if chosen.json:
        chosen.json.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")


def only(part: str) -> Figures:
    """One of the parts alone, shown."""
    module = PARTS[part]
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres_server() as postgres,
        fresh_database(postgres) as url,
    ):
        found = module.measure_part(measure, Path(folder), url)
    console = Console(width=150)
    console.print(machine())
    module.show(found, console)
    return {"machine": machine(), part: found}


def everything(runs: int) -> Figures:
    """All parts, shown."""
    source = SHARED / data.NATIONAL
    if not source.is_file():
        sys.exit("the bench needs the shared data folder beside the project")
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres:
        work = Path(folder)
        files = {
            "national": data.write(work / "national.csv", data.rows(source)),
            "changed": data.write(work / "changed.csv", data.changed(source)),
        }
        rounds = []
        for _ in range(runs):
            with fresh_database(postgres) as url:
                rounds.append(one_round(work, files, url))
        feed = declare(work, data.write(work / "million.csv", data.million(source)))
        million = measure("tests.bench.main_job", str(feed), str(work / "million"))
        checking = checking_table.check_records(measure, work, runs)
        with fresh_database(postgres) as url:
            reading = reading_table.read_deliveries(measure, work, url, runs)
        with fresh_database(postgres) as url:
            disclosed = disclosure_table.measure_part(measure, work, url)
    standards = measure("tests.bench.standards")
    result = {
        **summary(rounds, million),
        "checking": checking,
        "reading": reading,
        "standards": standards,
        "disclosure": disclosed,
    }
    show(result)
    return result


if __name__ == "__main__":
    main()
