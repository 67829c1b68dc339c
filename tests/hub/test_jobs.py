"""A job is done once, whoever dies and comes back."""

import pytest
from sqlalchemy import Engine, select

from exchange_schemas.errors import Refused
from hub import jobs
from hub.database import connect, create_tables, write
from hub.tables import job


@pytest.fixture
def engine(database_url: str) -> Engine:
    made = connect(database_url)
    create_tables(made)
    return made


def queued(engine: Engine) -> int:
    with write(engine) as connection:
        return jobs.submit(connection, "feed_run", {"feed": "x"})


def state(engine: Engine, job_id: int) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(select(job.c.state).where(job.c.id == job_id)))


def test_only_one_worker_gets_a_job(engine: Engine) -> None:
    job_id = queued(engine)
    lease = jobs.take(engine, job_id)
    assert lease is not None and lease.arguments == {"feed": "x"}
    assert jobs.take(engine, job_id) is None
    with write(engine) as connection:
        jobs.finish(connection, lease, {"read": 1})
    assert state(engine, job_id) == "done"
    assert jobs.take(engine, job_id) is None
    assert jobs.sweep(engine) == []


def test_a_zombie_cannot_commit_after_its_lease_went_to_another(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = queued(engine)
    monkeypatch.setenv("HUB_LEASE_SECONDS", "-1")
    zombie = jobs.take(engine, job_id)
    assert zombie is not None
    assert jobs.sweep(engine) == [job_id]
    monkeypatch.setenv("HUB_LEASE_SECONDS", "60")
    lease = jobs.take(engine, job_id)
    assert lease is not None and lease.fence == zombie.fence + 1
    with pytest.raises(Refused), write(engine) as connection:
        jobs.finish(connection, zombie, {})
    with pytest.raises(Refused):
        jobs.renew(engine, zombie)
    jobs.renew(engine, lease)
    with write(engine) as connection:
        jobs.finish(connection, lease, {})
    assert state(engine, job_id) == "done"


def test_an_interrupted_job_is_given_back_and_a_failed_one_is_not(engine: Engine) -> None:
    first, second = queued(engine), queued(engine)
    lease = jobs.take(engine, first)
    assert lease is not None
    jobs.requeue(engine, lease)
    failed = jobs.take(engine, second)
    assert failed is not None
    jobs.fail(engine, failed, "no")
    assert jobs.sweep(engine) == [first]
    assert state(engine, second) == "failed"
