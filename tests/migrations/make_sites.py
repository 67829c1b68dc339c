"""Made the sites of before: each by the program of its time, from the state of the main branch then.

    git worktree add --detach /tmp/before/REV REV
    python -m tests.services python -m tests.migrations.make_sites /tmp/before/REV ...

With `LATER:EARLIER` in place of a folder, the kept site of EARLIER is opened by the program in folder LATER,
which patched it as programs did before schemas had numbers.

For each: the shipped sample deliveries are cut to their first rows; that program's `hub demo` runs; those
of its commands in `COMMANDS` that it has are called; its tables that are still empty get a row or two
(`filling.py`). Kept are the database of SQLite as SQL, the schema that the same program makes on
PostgreSQL, and the site's folder without what nobody verifies. Everything is the project's own samples.
"""

from __future__ import annotations

import io
import json
import lzma
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from tests.migrations.sites_of_before import SITES, put_back
from tests.services.needs import postgres_program
from tests.services.postgres_server import fresh_database

ROWS = 24  # of each sample delivery
HUB = "import hub.cli.main as m; m.hub()"
TABLES = "import sys; from hub.database import connect, create_tables; create_tables(connect(sys.argv[1]))"
COMMANDS = """
people add liu --department market_regulation --role handler
people add shen --department health --role submitter
report nil administrative_penalty --department health --period 2026-03 --as shen
consumer add 市发改局 --audience government --dataset administrative_penalty
consumer webhook add demo-province --url https://dep.example.cn/hub --dataset administrative_penalty
grant apply 市发改局 --dataset complaint_report --purpose 效能监察 --legal-basis 监察法第十八条
consumer add 市公安局 --audience government
transfer party 市公安局 --kind 公安
transfer sample /tmp/case.json
transfer draft /tmp/case.json --department market_regulation --to 市公安局 --as liu
complaint sample
feed run sample_tickets
complaint route
"""
LEFT_OUT = ("hub.sqlite", "province", "feeds/*.json", "*.xlsx")


def main(folders: list[str]) -> None:
    """Make the sites of the programs in `folders`."""
    for folder in folders:
        later, _, earlier = folder.partition(":")
        with tempfile.TemporaryDirectory() as temporary:
            if earlier:
                patch(Path(later).resolve(), earlier, Path(temporary))
            else:
                make(Path(later).resolve(), Path(temporary) / "site")


def make(program: Path, site: Path) -> None:
    """One site, made and kept."""
    _cut_samples(program / "adapters" / "feeds" / "samples")
    _run(program, HUB, "--site", str(site), "demo", "--no-serve")
    for line in COMMANDS.strip().splitlines():
        done = _run(program, HUB, "--site", str(site), *line.split(), may_fail=True)
        print(program.name, "ok" if done else "--", line)
    filling = Path(__file__).with_name("filling.py").read_text(encoding="utf-8")
    _run(program, filling, f"sqlite:///{site / 'hub.sqlite'}")
    target = SITES / program.name
    target.mkdir(parents=True, exist_ok=True)
    _keep(target / "sqlite.sql.xz", _dump(site / "hub.sqlite"))
    with fresh_database(os.environ["HUB_TEST_POSTGRES_URL"]) as url:
        _run(program, TABLES, url)
        _keep(target / "postgresql.sql.xz", _schema(url))
    _keep(target / "folder.tar.xz", _packed(site))


def patch(program: Path, earlier: str, folder: Path) -> None:
    """A site of an earlier program, as `program` patched it, and kept."""
    target = SITES / f"{earlier}-{program.name}"
    target.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'hub.sqlite'}"
    put_back(earlier, folder / "on_sqlite", url)
    _run(program, TABLES, url)
    _keep(target / "sqlite.sql.xz", _dump(folder / "hub.sqlite"))
    with fresh_database(os.environ["HUB_TEST_POSTGRES_URL"]) as url:
        put_back(earlier, folder / "on_postgresql", url)
        _run(program, TABLES, url)
        _keep(target / "postgresql.sql.xz", _schema(url))
    shutil.copyfile(SITES / earlier / "folder.tar.xz", target / "folder.tar.xz")


def _cut_samples(samples: Path) -> None:
    for path in samples.glob("*.csv"):
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[: ROWS + 1]))
    for path in samples.glob("*.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        told["data"]["rows"] = told["data"]["rows"][:ROWS]
        told["data"]["total"] = len(told["data"]["rows"])
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _run(program: Path, code: str, *words: str, may_fail: bool = False) -> bool:
    environment = {**os.environ, "PYTHONPATH": str(program)}
    call = [sys.executable, "-c", code, *words]
    done = subprocess.run(
        call, cwd=program, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode and not may_fail:
        sys.exit(f"{program.name}: {done.stdout}{done.stderr}")
    if may_fail and done.returncode:
        print((done.stderr or done.stdout).strip().splitlines()[-1])
    elif not may_fail and "demo" not in words:
        print(done.stdout)
    return done.returncode == 0


def _dump(path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump()).encode()


def _schema(url: str) -> bytes:
    call = [str(postgres_program("pg_dump")), "--schema-only", "--no-owner", "--no-privileges"]
    plain = url.replace("+psycopg", "", 1)
    text = subprocess.run([*call, plain], check=True, capture_output=True).stdout
    kept = [line for line in text.splitlines() if not line.startswith((b"\\", b"--", b"SET "))]
    return b"\n".join(line for line in kept if line and b"search_path" not in line)


def _packed(site: Path) -> bytes:
    for pattern in LEFT_OUT:
        for path in site.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        tar.add(site, arcname=".")
    return target.getvalue()


def _keep(path: Path, content: bytes) -> None:
    path.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main(sys.argv[1:])
