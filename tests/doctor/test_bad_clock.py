"""A clock that jumps a day: leases, waits, sessions, terms, and what the doctor says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Engine, insert, select

from exchange_schemas.errors import Refused
from hub import jobs
from hub.accounts import sessions
from hub.accounts.tables import account
from hub.database import connect, create_tables, write
from hub.doctor.checks import CHECKS
from hub.doctor.examination import Finding, examine
from hub.doctor.patient import Patient
from hub.instant import utc_now
from hub.leader import SCHEDULE, lead
from hub.schedule import SWEEP, enqueue_due
from hub.settings.effective import read_settings
from hub.site import Site, create_site
from hub.tables import job

NOW = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
JUMPS = (DAY, -DAY)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = connect(database_url)
    create_tables(made)
    yield made
    made.dispose()


def queued(engine: Engine, topic: str | None = None) -> int:
    with write(engine) as connection:
        return jobs.submit(connection, "publish", {}, topic)


def state(engine: Engine, number: int) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(select(job.c.state).where(job.c.id == number)))


@pytest.mark.parametrize("jump", JUMPS)
def test_a_dead_workers_job_is_taken_over_whichever_way_the_clock_jumps(
    engine: Engine, jump: timedelta
) -> None:
    with time_machine.travel(NOW, tick=False):
        number = queued(engine, "feed:a")
        dead = jobs.take(engine, number)
        assert dead is not None
        assert jobs.sweep(engine) == []
    with time_machine.travel(NOW + jump, tick=False):
        assert jobs.sweep(engine) == [number]
        taken = jobs.take(engine, number)
        assert taken is not None
        with pytest.raises(Refused), write(engine) as connection:  # back from the dead: too late
            jobs.finish(connection, dead, {})
        with write(engine) as connection:
            jobs.finish(connection, taken, {})
        assert state(engine, number) == "done"


@pytest.mark.parametrize("jump", JUMPS)
def test_a_living_worker_keeps_its_job_once_it_has_said_so(
    engine: Engine, jump: timedelta
) -> None:
    with time_machine.travel(NOW, tick=False):
        lease = jobs.take(engine, queued(engine, "feed:a"))
        assert lease is not None
    with time_machine.travel(NOW + jump, tick=False):
        jobs.renew(engine, lease)  # a quarter of a lease later, at most
        assert jobs.sweep(engine) == []
        with pytest.raises(Refused):
            jobs.start(engine, "publish", {}, "feed:a")
        with write(engine) as connection:
            jobs.finish(connection, lease, {})


def test_a_job_that_waits_for_its_source_does_not_wait_a_day_longer(engine: Engine) -> None:
    with time_machine.travel(NOW, tick=False):
        number = queued(engine)
        lease = jobs.take(engine, number)
        assert lease is not None
        jobs.requeue(engine, lease, later=True)
        assert jobs.sweep(engine) == []
    with time_machine.travel(NOW - DAY, tick=False):
        assert jobs.sweep(engine) == [number]
        assert jobs.take(engine, number) is not None


@pytest.fixture
def site(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    return create_site(tmp_path / "site")


def clock(site: Site, now: datetime) -> Finding:
    """What the doctor says of the clock."""
    patient = Patient(site, read_settings(site.path, {}), {}, now)
    wanted = [one for one in CHECKS if one.name in ("database", "clock")]
    found = [one for one in examine(patient, wanted) if one.check.name == "clock"]
    patient.engine.dispose()
    return found[0]


def test_the_doctor_says_that_the_clock_went_back(site: Site, engine: Engine) -> None:
    queued(engine)
    now = datetime.now(UTC)
    assert (clock(site, now).state, clock(site, now).issue.code) == ("ok", "doctor_clock")
    with time_machine.travel(now - DAY, tick=True):
        found = [clock(site, datetime.now(UTC))]
        codes = {one.issue.code for one in found}
        assert codes == {"doctor_clock_back"}
        assert found[0].state == "fault"


@pytest.mark.parametrize("jump", JUMPS)
def test_what_ends_by_the_calendar_is_queued_once_a_day_whichever_way_it_jumps(
    site: Site, engine: Engine, jump: timedelta
) -> None:
    def sweeps() -> int:
        with engine.connect() as connection:
            return len(connection.scalars(select(job.c.id).where(job.c.topic == SWEEP)).all())

    with time_machine.travel(NOW, tick=False):
        for number in enqueue_due(site, engine):
            lease = jobs.take(engine, number)
            if lease is not None:
                with write(engine) as connection:
                    jobs.finish(connection, lease, {})
        first = sweeps()
    with time_machine.travel(NOW + jump, tick=False):
        enqueue_due(site, engine)
        enqueue_due(site, engine)
        assert sweeps() <= first + 1  # never a queue of them
    with time_machine.travel(NOW, tick=False):
        enqueue_due(site, engine)
        assert sweeps() <= first + 1


def test_sessions_end_when_the_clock_jumps_ahead(engine: Engine) -> None:
    with time_machine.travel(NOW, tick=False), write(engine) as connection:
        here = sessions.Place.of("192.0.2.1", "a browser")
        row = {
            "person": "anna",
            "name": "Anna",
            "state": "open",
            "made_by": "root",
            "made_at": utc_now(),
        }
        connection.execute(insert(account).values(row))
        token = sessions.begin(connection, "anna", sessions.OPEN, here, 12)
        found, _, ends_at = sessions.look_up(connection, token) or pytest.fail("no session")
        assert not sessions.is_idle(found, 30)
        assert ends_at > utc_now()
    with time_machine.travel(NOW + DAY, tick=False):
        assert sessions.is_idle(found, 30)
        assert ends_at < utc_now()
    with time_machine.travel(
        NOW - DAY, tick=False
    ):  # longer by what the clock went back, not for ever
        assert ends_at <= (datetime.now(UTC) + DAY + timedelta(hours=12)).isoformat().replace(
            "+00:00", "Z"
        )


@pytest.mark.parametrize("jump", JUMPS)
def test_another_leads_after_a_jump_and_only_one(engine: Engine, jump: timedelta) -> None:
    with time_machine.travel(NOW, tick=False):
        before = lead(engine, SCHEDULE, "gone")
        assert before is not None
        assert lead(engine, SCHEDULE, "other") is None
    with time_machine.travel(NOW + jump, tick=False):
        after = lead(engine, SCHEDULE, "other")
        assert after is not None
        assert after.fence > before.fence
        assert lead(engine, SCHEDULE, "third") is None
