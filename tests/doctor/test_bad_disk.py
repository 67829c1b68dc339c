"""A disk that is full, and one that turns read-only, under a run and under a server."""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from hub.database import connect
from hub.feeds import copy_samples
from hub.site import Site, create_site
from hub.tables import head, job, revision
from hub.work import submit
from tests.doctor.serving_site import at_once, served, until
from tests.hub.exchange_hub import a_key, entries_path
from tests.hub.ledger_data import MARKET, a_company, made, put

FEED = "sample_registration"
ROWS = 395


def mounted(folder: Path, *words: str) -> None:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *words, str(folder)], check=False, capture_output=True)
    if os.geteuid() != 0 or done.returncode:
        pytest.skip("needs root and the right to mount")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 40 MB."""
    folder = tmp_path / "disk"
    mounted(folder, "-t", "tmpfs", "-o", "size=40m", "tmpfs")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[Path]:
    """A file system that `fail` turns read-only, as the kernel does when the disk fails."""
    image, folder = tmp_path / "image", tmp_path / "disk"
    with image.open("wb") as file:
        file.truncate(96 << 20)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    mounted(folder, "-o", "loop,errors=remount-ro", str(image))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fail(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,abort", str(disk)], check=False, capture_output=True)


def a_site(disk: Path) -> Site:
    site = create_site(disk / "site")
    copy_samples(site.feeds)
    engine = made(site.database_url)
    put(engine, MARKET, [a_company(1)])
    engine.dispose()
    assert at_once(site.path, "keys", "new").returncode == 0
    return site


def fill(disk: Path) -> Path:
    """To the last byte."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"\0" * 4096):
            pass
    return ballast


def counts(site: Site) -> tuple[int, int]:
    engine = connect(site.database_url)
    with engine.connect() as connection:
        found = tuple(
            int(connection.scalar(select(func.count()).select_from(one)) or 0)
            for one in (revision, head)
        )
    engine.dispose()  # an open file keeps a disk from being made read-only
    return found[0], found[1]


def asked(url: str, key: str) -> httpx.Response:
    return httpx.get(url, headers={"Authorization": f"Bearer {key}"}, timeout=60)


def refusal(url: str, key: str) -> httpx.Response | None:
    told = asked(url, key)
    return None if told.status_code == 200 else told


def test_a_run_on_a_full_disk_changes_nothing_and_says_so(small: Path) -> None:
    site = a_site(small)
    before = counts(site)
    ballast = fill(small)
    refused = at_once(site.path, "feed", "run", FEED)
    assert refused.returncode == 1
    assert "disk_full" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert counts(site) == before
    examined = at_once(site.path, "doctor")
    assert examined.returncode == 1
    assert "Make room now" in examined.stdout
    ballast.unlink()
    assert at_once(site.path, "feed", "run", FEED).returncode == 0
    assert counts(site) == (before[0] + ROWS, before[1] + ROWS)
    assert at_once(site.path, "verify").returncode == 0


@pytest.mark.slow
def test_a_queued_job_on_a_full_disk_is_done_once_there_is_room(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = a_site(small)
    engine = connect(site.database_url)
    submit(engine, "feed_run", {"feed": FEED})
    before = counts(site)
    ballast = fill(small)
    monkeypatch.setenv("HUB_LEASE_SECONDS", "1")
    at_once(site.path, "worker", "--once", "--no-schedule")
    assert counts(site) == before
    ballast.unlink()

    def done() -> bool:
        with engine.begin() as connection:  # it waits for half a minute: not for the test
            connection.execute(job.update().values(not_before=None))
        at_once(site.path, "worker", "--once", "--no-schedule")
        return counts(site) == (before[0] + ROWS, before[1] + ROWS)

    until(done)


def test_a_server_on_a_full_disk_answers_and_goes_on_when_there_is_room(small: Path) -> None:
    site = a_site(small)
    key = a_key(made(site.database_url))
    with served(site.path, "--no-worker") as (process, address):
        url = f"{address}{entries_path(MARKET)}"
        assert asked(url, key).status_code == 200
        ballast = fill(small)
        answers = {asked(url, key).status_code for _ in range(5)}
        assert answers <= {200, 503}
        told = asked(url, key)
        if told.status_code == 503:
            assert told.headers["Content-Type"] == "application/problem+json"
            assert told.json()["code"] == "hub_unwell"
        assert 503 in answers  # nothing is handed over that isn't logged
        assert httpx.get(f"{address}/").status_code == 200
        assert httpx.get(f"{address}/ready").status_code == 503
        ballast.unlink()
        until(lambda: asked(url, key).status_code == 200, 15)
        assert process.poll() is None


def test_a_disk_that_turns_read_only_under_a_server(failing: Path) -> None:
    site = a_site(failing)
    key = a_key(made(site.database_url))
    before = counts(site)
    with served(site.path, "--no-worker") as (process, address):
        url = f"{address}{entries_path(MARKET)}"
        assert asked(url, key).status_code == 200
        fail(failing)
        told = until(lambda: refusal(url, key))
        assert (told.status_code, told.json()["code"]) == (503, "hub_unwell")
        assert httpx.get(f"{address}/").status_code == 200
        assert httpx.get(f"{address}/ready").status_code == 503
        refused = at_once(site.path, "feed", "run", FEED)
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr
        assert "disk_read_only" in refused.stderr or "database_away" in refused.stderr
        assert process.poll() is None
        told_by_doctor = at_once(site.path, "doctor")
        assert told_by_doctor.returncode == 1
        assert counts(site) == before


def test_nothing_is_served_or_run_from_a_read_only_disk(small: Path) -> None:
    site = a_site(small)
    before = counts(site)
    gc.collect()  # connections that a command left
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    for words in (
        ("serve", "--port", "0"),
        ("feed", "run", FEED),
        ("worker", "--once"),
        ("keys", "new"),
    ):
        refused = at_once(site.path, *words)
        assert (words, refused.returncode) == (words, 1)
        assert (words, "[disk_read_only]" in refused.stderr) == (words, True), refused.stderr
        assert "Traceback" not in refused.stderr
    examined = at_once(site.path, "doctor")
    assert examined.returncode == 1
    assert "read-only" in examined.stdout
    assert counts(site) == before
