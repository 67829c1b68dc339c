"""The worker beside `hub serve`: it does jobs, comes back when it dies, and ends with the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.database import connect, create_tables
from hub.site import Site, create_site
from hub.tables import job
from hub.work import submit

COMMAND = [sys.executable, "-c", "from hub.cli.main import hub; hub()"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = create_site(tmp_path / "site")
    create_tables(connect(made.database_url))
    return made


@pytest.fixture
def server(site: Site) -> Iterator[subprocess.Popen[str]]:
    command = [*COMMAND, "--site", str(site.path), "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()  # it listens
    yield process
    process.kill()
    process.wait()


def worker_of(process: subprocess.Popen[str]) -> int | None:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    found = [Path(f"/proc/{process.pid}/task")]
    for task in found[0].iterdir() if children.exists() else []:
        for child in (task / "children").read_text().split():
            line = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"worker" in line:
                return int(child)
    return None


def until(look: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it didn't happen in time")


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1].startswith("Z")


def done(site: Site, number: int) -> bool:
    with connect(site.database_url).connect() as connection:
        return connection.scalar(select(job.c.state).where(job.c.id == number)) == "done"


def test_it_does_jobs_and_comes_back_when_killed(
    site: Site, server: subprocess.Popen[str]
) -> None:
    engine = connect(site.database_url)
    first = submit(engine, "sweep", {})
    until(lambda: done(site, first))
    old = until(lambda: worker_of(server))
    os.kill(old, signal.SIGKILL)
    until(lambda: (new := worker_of(server)) is not None and new != old)
    second = submit(engine, "sweep", {})
    until(lambda: done(site, second))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_server(server: subprocess.Popen[str], number: signal.Signals) -> None:
    worker = until(lambda: worker_of(server))
    server.send_signal(number)
    assert server.wait(20) in (0, -signal.SIGKILL)
    until(lambda: is_gone(worker))
