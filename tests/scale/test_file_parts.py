"""A delivery of several files, read by several workers: the ledger is the one that a single worker gives."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine, select

from exchange_schemas.errors import SourceUnreadable
from hub import file_parts, part_work
from hub.database import connect
from hub.site import Site, create_site
from hub.storage.parts import fetch_part, forget_parts, keep_part
from hub.tables import issue, issue_count, job, quarantine, revision, run
from hub.verify import verify
from hub.work import work_now
from tests.scale.conftest import Storage
from tests.scale.processes import FEED, STANDARDS, begin, wait_for, write_feed
from tests.services.postgres_server import fresh_database

FILES, ROWS = 5, 4_000


@dataclass
class City:
    """A site with a feed `packed`, whose delivery is a zip of files."""

    site: Site
    engine: Engine

    def deliver(self, files: int = FILES, rows: int = ROWS, turn: int = 0, bad: str = "") -> Path:
        """Put a delivery there: the second file has a row with a wrong code and one that the first has
        too; `bad` stands in place of the last file."""
        texts = []
        for number in range(files):
            path = write_feed(self.site, number, rows, turn)
            path.unlink()
            texts.append(path.with_suffix(".csv").read_text(encoding="utf-8"))
            path.with_suffix(".csv").unlink()
        lines = texts[1].splitlines()
        lines[3] = lines[3].replace("91440902MA", "91440902MB", 1)
        texts[1] = "\n".join([*lines, texts[0].splitlines()[5]]) + "\n"
        texts[-1] = bad or texts[-1]
        with ZipFile(self.site.feeds / "packed.zip", "w") as archive:
            for number, text in enumerate(texts):
                archive.writestr(f"第{number}部分.csv", text)
        declared = FEED.format(
            name="packed", standard="market_entity", fields=STANDARDS["market_entity"]
        )
        path = self.site.feeds / "packed.yml"
        path.write_text(declared.replace("packed.csv", "packed.zip"), encoding="utf-8")
        return path

    def run(self, path: Path, **more: Any) -> dict[str, Any]:
        """A run in this process."""
        told = work_now(self.site, self.engine, "feed_run", {"feed": str(path), **more})
        return {name: value for name, value in told.items() if name not in ("seconds", "run")}

    def content(self) -> dict[str, Any]:
        """All that a run leaves, but for times and numbers of jobs."""
        with self.engine.connect() as connection:
            tables = {
                "ledger": select(revision.c.seq, revision.c.key, revision.c.operation, revision.c.digest),
                "issues": select(issue.c.line, issue.c.field, issue.c.code, issue.c.value),
                "counts": select(issue_count.c.code, issue_count.c.field, issue_count.c.count),
                "rejected": select(quarantine.c.line, quarantine.c.content),
                "runs": select(run.c.read, run.c.accepted, run.c.rejected, run.c.added, run.c.members),
            }  # fmt: skip
            return {
                name: sorted((tuple(row) for row in connection.execute(query)), key=repr)
                for name, query in tables.items()
            }

    def parts(self) -> list[str]:
        """The state of each part's job."""
        query = select(job.c.state).where(job.c.kind == part_work.KIND).order_by(job.c.id)
        with self.engine.connect() as connection:
            return list(connection.scalars(query))

    def left(self) -> list[Path]:
        """Files of parts that lie about."""
        root = part_work.store_of(self.site).root
        return [path for path in root.rglob("*") if path.is_file()]


@pytest.fixture
def cities(
    tmp_path: Path,
    postgres_server_url: str,
    postgres_template: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[list[City]]:
    """Two, each with a database; the first is the one that processes see."""
    monkeypatch.setattr(file_parts, "LEAST", 0)
    with (
        fresh_database(postgres_server_url, postgres_template) as one,
        fresh_database(postgres_server_url, postgres_template) as other,
    ):
        monkeypatch.setenv("HUB_DATABASE_URL", one)
        made = [
            City(create_site(tmp_path / name), connect(url))
            for name, url in (("one", one), ("other", other))
        ]
        yield made
        for city in made:
            city.engine.dispose()


def test_parts_give_what_the_whole_gives(
    cities: list[City], monkeypatch: pytest.MonkeyPatch
) -> None:
    parted, whole = cities
    for turn in (0, 1):
        results = [parted.run(parted.deliver(turn=turn))]
        with monkeypatch.context() as large:
            large.setattr(file_parts, "LEAST", 1 << 40)
            results.append(whole.run(whole.deliver(turn=turn)))
        assert results[0] == results[1]
        assert parted.content() == whole.content()
        assert parted.content()["rejected"]
    assert parted.parts() == ["done"] * 2 * FILES
    assert whole.parts() == [] and parted.left() == []
    known = parted.run(parted.site.feeds / "packed.yml")  # the same again: nothing is read
    assert known["unchanged"] and len(parted.parts()) == 2 * FILES
    assert verify(parted.site, parted.engine).issues == []


def test_workers_share_the_files_and_one_that_is_killed_loses_none(
    cities: list[City], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_LEASE_SECONDS", "3")
    (city, _) = cities
    path = city.deliver(files=8, rows=8_000)
    workers = [begin(city.site, "worker", "--every", "0.1", "--no-schedule") for _ in range(2)]
    try:
        wait_for(lambda: all(worker.poll() is None for worker in workers), 5)
        time.sleep(3)  # until they look for jobs
        victim = workers[0]

        def kill() -> None:
            wait_for(lambda: city.parts().count("running") > 1, 60)
            os.kill(victim.pid, signal.SIGKILL)

        killing = threading.Thread(target=kill)
        killing.start()
        told = city.run(path)
        killing.join(90)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert (told["read"], told["rejected"]) == (64_001, 2)
    assert city.parts() == ["done"] * 8
    assert verify(city.site, city.engine).issues == []


def test_a_file_that_cannot_be_read_stops_the_run_and_says_so(cities: list[City]) -> None:
    (city, other) = cities
    path = city.deliver(bad="名称,别的\n某商行,x\n")
    with pytest.raises(SourceUnreadable) as caught:
        city.run(path)
    assert caught.value.issue.code == "column_missing"
    assert caught.value.issue.file == f"第{FILES - 1}部分.csv"
    assert city.content()["ledger"] == other.content()["ledger"]
    assert city.run(city.deliver())["read"] == FILES * ROWS + 1  # mended, it goes through


def test_parts_that_nobody_takes_are_removed_after_some_days(cities: list[City]) -> None:
    (city, _) = cities
    path = part_work.store_of(city.site).root / "ab" / "abcd"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    assert file_parts.clean(city.site) == 0
    os.utime(path, (0, 0))
    assert file_parts.clean(city.site) == 1 and city.left() == []


def test_a_part_comes_from_another_machine_by_the_storage(
    cities: list[City], storage: Storage
) -> None:
    (city, _) = cities
    path = part_work.store_of(city.site).keep(io.BytesIO(b"a part"), "part").path
    keep_part(path)
    path.unlink()
    assert fetch_part(path).read_bytes() == b"a part"
    forget_parts([path])
    assert storage.objects() == [] and not fetch_part(path).exists()
