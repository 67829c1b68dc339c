"""An approval and an edit of the same record at the same time, with releases being made beside them.

Whatever comes first, nothing that was edited may be public: nobody ever approves an edited text here.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import HubError
from hub import disclosures, publishing, review
from hub.chosen import Chosen
from hub.database import connect, create_tables
from hub.review import Desk
from hub.site import Site, create_site
from hub.tables_of_review import disclosure
from tests.flow.small_standard import DATASET, small_catalogue
from tests.hub.ledger_data import put
from tests.reviewing import appoint

AT_ONCE = 20  # races that begin together
RACES = int(os.environ.get("HUB_PROVE_RACES", "20000"))
EDITED = "已改"
HEAD_START = 0.03  # seconds that one of the two may begin after the other


@dataclass
class Course:
    """One site on which races are run; `outcomes` counts who came first."""

    site: Site
    engine: Engine
    catalogue: Catalogue
    released: list[dict[str, Any]] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=lambda: {"approved": 0, "refused": 0})
    errors: list[BaseException] = field(default_factory=list)
    run: int = 0
    # Each race begins for both at once, give or take a moment for either.
    start: threading.Barrier = field(default_factory=lambda: threading.Barrier(2, timeout=60))
    chance: random.Random = field(default_factory=lambda: random.Random(5))

    def desk(self, actor: str) -> Desk:
        return Desk(self.engine, self.catalogue, self.catalogue.get(DATASET), actor)

    def say(self, numbers: list[int], text: str) -> None:
        records = [
            {
                "doc_no": f"茂市监罚〔2026〕{number}号",
                "subject_name": "某商行",
                "subject_type": "legal_or_unincorporated",
                "violation_type": text,
                "penalty_kinds": ["罚款"],
                "procedure": "普通程序",
                "status": "正常",
                "decided_on": "2026-11-20",
                "severity_class": "一般",
            }
            for number in numbers
        ]
        put(self.engine, DATASET, records, catalogue=self.catalogue)
        disclosures.refresh_dataset(self.engine, self.catalogue, self.catalogue.get(DATASET))

    def records(self, numbers: list[int]) -> tuple[str, ...]:
        keys = [f"茂市监罚〔2026〕{number}号" for number in numbers]
        query = select(disclosure.c.record_id).where(disclosure.c.key.in_(keys))
        with self.engine.connect() as connection:
            return tuple(connection.scalars(query))

    def waiting(self) -> list[tuple[str, str]]:
        """Record id and digest of what another person reviewed."""
        query = (
            select(disclosure.c.record_id, disclosure.c.view_digest)
            .where(disclosure.c.state == "reviewed")
            .order_by(disclosure.c.seq)  # as they are edited
        )
        with self.engine.connect() as connection:
            return [(row.record_id, row.view_digest.hex()) for row in connection.execute(query)]

    def approve(self, seen: list[tuple[str, str]]) -> None:
        for record, digest in seen:
            self.start.wait()
            time.sleep(self.chance.uniform(0, HEAD_START))
            try:
                done = review.approve(self.desk("li"), Chosen((record,), digest=digest))
                self.outcomes["approved" if done else "refused"] += 1
            except HubError:
                self.outcomes["refused"] += 1

    def edit(self, numbers: list[int]) -> None:
        for number in numbers:
            self.start.wait()
            time.sleep(self.chance.uniform(0, HEAD_START))
            self.say([number], f"{EDITED}{number}")

    def publish(self) -> None:
        made = publishing.publish(self.site, self.engine, self.catalogue, DATASET)
        if made is not None:
            lines = (made.path / "records.jsonl").read_text("utf-8").splitlines()
            self.released += [json.loads(line) for line in lines]

    def round(self) -> None:
        """`AT_ONCE` races: two threads go through the same records, a third one publishes."""
        numbers = list(range(self.run, self.run + AT_ONCE))
        self.run += AT_ONCE
        self.say(numbers, "原文")
        new = Chosen(self.records(numbers))
        review.review(self.desk("wang"), new, secrecy=True, privacy=True)
        seen = self.waiting()
        assert len(seen) == AT_ONCE
        tasks: list[Callable[[], None]] = [
            lambda: self.approve(seen), lambda: self.edit(numbers), self.publish,
        ]  # fmt: skip
        threads = [threading.Thread(target=self._guarded, args=(task,)) for task in tasks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert self.errors == []

    def _guarded(self, task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:
            self.errors.append(error)

    def check(self) -> None:
        """Nothing edited is approved, or was ever in a release."""
        self.publish()
        assert [one for one in self.released if EDITED in one["violation_type"]] == []
        with self.engine.connect() as connection:
            states = set(connection.scalars(select(disclosure.c.state)))
        assert states == {"pending"}  # every record was edited in the end, and nobody looked again
        current = publishing.current_release(self.site.releases, DATASET)
        assert current is None or current.counts["records"] == 0


def run_races(folder: Path, url: str, count: int) -> Course:
    catalogue = small_catalogue(folder / "standards")
    engine = connect(url)
    create_tables(engine)
    appoint(engine, "wang", "li", department="market_regulation")
    course = Course(create_site(folder / "site"), engine, catalogue)
    while course.run < count:
        course.round()
    course.check()
    engine.dispose()
    return course


def test_an_edit_and_an_approval_at_the_same_time(tmp_path: Path, database_url: str) -> None:
    course = run_races(tmp_path, database_url, 60)
    assert sum(course.outcomes.values()) == 60


@pytest.mark.slow
def test_20_000_edits_and_approvals_at_the_same_time(
    tmp_path: Path, figures: dict[str, int | float]
) -> None:
    """In sites of a thousand: a test's own way of delivering looks at all records each time."""
    races, approved, edited = 0, 0, 0
    while races < RACES:
        folder = tmp_path / str(races)
        folder.mkdir()
        course = run_races(folder, f"sqlite:///{folder / 'hub.sqlite'}", min(1000, RACES))
        races += course.run
        approved += course.outcomes["approved"]
        edited += course.outcomes["refused"]
    figures["races of an approval and an edit; edited texts public: 0"] = races
    figures["… approved first"] = approved
    figures["… edited first"] = edited
    assert min(approved, edited) > 0, "one side always won: that's no race"
