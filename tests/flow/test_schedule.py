"""Feeds are run when they are due, one run at a time, and owners hear of what is overdue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from adapters.declaration import load_feed
from exchange_schemas.errors import Refused
from hub import jobs
from hub.database import write
from hub.feeds import topic
from hub.freshness import freshness
from hub.notices import list_notices
from hub.schedule import enqueue_due
from hub.tables import job
from hub.worker import Worker
from tests.flow.conftest import Desk, row

DAY = timedelta(days=1)


@pytest.fixture
def at_home(desk: Desk) -> Desk:
    """A desk whose feed lies in the site, where a worker finds it; it is due daily."""
    desk = Desk(desk.site, desk.engine, desk.site.feeds)
    desk.write(row(1))
    desk.feed(every="daily")
    return desk


def state(desk: Desk, later: timedelta = timedelta()) -> str:
    feed = load_feed(desk.folder / "desk.yml")
    with desk.engine.connect() as connection:
        now = datetime.now(UTC) + later
        return freshness(connection, feed, desk.site.catalogue(), now).state


def runs_due(desk: Desk, later: timedelta = timedelta()) -> list[int]:
    """The runs of feeds that are queued now; analyses of what came in have jobs of their own."""
    made = enqueue_due(desk.site, desk.engine, datetime.now(UTC) + later)
    with desk.engine.connect() as connection:
        mine = (job.c.id.in_(made), job.c.kind == "feed_run")
        return list(connection.scalars(select(job.c.id).where(*mine)))


def test_the_states_of_a_feed(at_home: Desk) -> None:
    assert state(at_home) == "never"
    at_home.run(load_feed(at_home.folder / "desk.yml"))
    assert state(at_home) == "fresh"
    assert state(at_home, DAY * 1.1) == "due"
    assert state(at_home, DAY * 1.6) == "overdue"
    at_home.feed(every="other")
    assert state(at_home, DAY * 900) == "by hand"


def test_the_cycle_of_the_standard_counts_where_the_feed_says_nothing(at_home: Desk) -> None:
    at_home.feed()
    at_home.run(load_feed(at_home.folder / "desk.yml"))
    assert at_home.site.catalogue().get("market_entity").cycle == "daily"
    assert state(at_home, DAY * 1.1) == "due"


def test_a_worker_runs_what_is_due_once(at_home: Desk) -> None:
    assert len(runs_due(at_home)) == 1
    assert runs_due(at_home) == []  # it waits already
    Worker(at_home.site, at_home.engine, 1).run_once()
    assert at_home.count("revision") == 1
    assert runs_due(at_home) == []  # it is fresh
    assert len(runs_due(at_home, DAY * 1.1)) == 1


def test_a_try_that_failed_is_not_repeated_before_the_next_cycle(at_home: Desk) -> None:
    at_home.run(load_feed(at_home.folder / "desk.yml"))
    at_home.write_bytes(b"")
    runs_due(at_home, DAY * 1.1)
    Worker(at_home.site, at_home.engine, 1).run_once()
    assert runs_due(at_home, DAY * 0.9) == []


def test_the_owner_of_an_overdue_feed_is_told_once(at_home: Desk) -> None:
    at_home.run(load_feed(at_home.folder / "desk.yml"))
    for _ in range(2):
        enqueue_due(at_home.site, at_home.engine, datetime.now(UTC) + DAY * 2)
    with at_home.engine.connect() as connection:
        (notice,) = list_notices(connection)
    assert (notice.feed, notice.issue.code) == ("desk", "feed_overdue")


def test_one_run_of_a_feed_at_a_time(at_home: Desk) -> None:
    mine = topic("desk")
    lease = jobs.start(at_home.engine, "feed_run", {"feed": "desk"}, mine)
    with pytest.raises(Refused) as caught:
        jobs.start(at_home.engine, "feed_run", {"feed": "desk"}, mine)
    assert (caught.value.issue.code, caught.value.issue.value) == ("run_busy", "desk")
    with write(at_home.engine) as connection:
        waiting = jobs.submit(connection, "feed_run", {"feed": "desk"}, mine)
    assert jobs.take(at_home.engine, waiting) is None
    jobs.start(at_home.engine, "feed_run", {"feed": "other"}, topic("other"))
    jobs.fail(at_home.engine, lease, "x")
    assert jobs.take(at_home.engine, waiting) is not None


def test_the_lease_of_the_dead_does_not_block(at_home: Desk) -> None:
    lease = jobs.start(at_home.engine, "feed_run", {"feed": "desk"}, topic("desk"))
    with write(at_home.engine) as connection:
        past = {"lease_until": "2026-01-01T00:00:00.000Z"}
        connection.execute(update(job).where(job.c.id == lease.job_id).values(past))
    jobs.start(at_home.engine, "feed_run", {"feed": "desk"}, topic("desk"))


def test_a_source_that_is_away_is_asked_later_and_later(at_home: Desk) -> None:
    (at_home.folder / "delivery.csv").unlink()
    (job_id,) = enqueue_due(at_home.site, at_home.engine)
    waits = []
    for _ in range(3):
        Worker(at_home.site, at_home.engine, 1).run_once()
        with write(at_home.engine) as connection:
            found = connection.execute(select(job).where(job.c.id == job_id)).mappings().one()
            assert found["state"] == "queued"
            until = datetime.fromisoformat(found["not_before"])
            waits.append((until - datetime.now(UTC)).total_seconds())
            connection.execute(update(job).values(not_before=None))
    assert [round(seconds / 30) for seconds in waits] == [1, 2, 4]
    at_home.write(row(1))
    Worker(at_home.site, at_home.engine, 1).run_once()
    assert at_home.count("revision") == 1
