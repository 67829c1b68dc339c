"""A run that is killed at any moment leaves nothing half done. Takes minutes: `make prove`."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.database import connect
from hub.site import open_site
from hub.tables import head, revision

KILLS = 100  # attempts: on a fast machine some runs end first, and the count is printed
PROGRAM = Path(sys.executable).with_name("hub")


def command(site: Path, *words: str) -> list[str]:
    return [str(PROGRAM), "--site", str(site), *words]


def counts(site: Path) -> tuple[int, int]:
    with connect(open_site(site).database_url).connect() as connection:
        return tuple(
            int(connection.scalar(select(func.count()).select_from(table)) or 0)
            for table in (revision, head)
        )  # type: ignore[return-value]


@pytest.mark.slow
def test_a_hundred_attempts_to_kill_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    subprocess.run(command(site, "init"), check=True, capture_output=True)
    moments = random.Random(20261123)
    killed, finished = 0, 0
    for _ in range(KILLS):
        run = command(site, "feed", "run", "sample_registration", "--reread", "--json")
        process = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.3, 1.6))
        process.kill()
        finished += process.wait() == 0
        killed += process.returncode < 0
        assert counts(site) in {(0, 0), (395, 395)}  # whole, or not at all
    last = subprocess.run(
        command(site, "feed", "run", "sample_registration", "--json"),
        capture_output=True,
        check=True,
    )
    assert json.loads(last.stdout)["accepted"] == 395
    assert counts(site) == (395, 395)
    assert (
        subprocess.run(command(site, "verify"), capture_output=True, check=False).returncode == 0
    )
    with capsys.disabled():
        print(f"\n{killed} runs killed, {finished} finished first: {counts(site)[0]} revisions")
