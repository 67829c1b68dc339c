"""One leader over any number of processes; who comes back from the dead does nothing twice."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from exchange_schemas.errors import Misdeclared, Refused
from hub.database import write
from hub.freshness import freshness
from hub.keeping_schedule import ScheduleKeeper
from hub.leader import SCHEDULE, Term, hold, lead, leader_seconds, resign
from hub.schedule import enqueue_due
from hub.site import Site, create_site
from hub.tables import job
from hub.tables_of_leaders import leader
from hub.work import work
from tests.hub.ledger_data import made
from tests.scale.processes import begin, running, sizes, states, wait_for, write_feed
from tests.services.postgres_server import fresh_database
from tests.services.server import free_port


def end_lease(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(update(leader).values(lease_until="2026-01-01T00:00:00.000Z"))


def holder(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(select(leader.c.holder)))


def test_one_leads_until_its_lease_is_over(database_url: str) -> None:
    engine = made(database_url)
    first = lead(engine, SCHEDULE, "a")
    assert first == Term(SCHEDULE, 1)
    assert lead(engine, SCHEDULE, "b") is None
    assert lead(engine, SCHEDULE, "a") == first
    end_lease(engine)
    second = lead(engine, SCHEDULE, "b")
    assert second == Term(SCHEDULE, 2)
    with pytest.raises(Refused) as caught, write(engine) as connection:
        hold(connection, first)
    assert caught.value.issue.code == "leader_lost"
    resign(engine, first)  # not its any more
    assert lead(engine, SCHEDULE, "c") is None
    resign(engine, second)
    assert lead(engine, SCHEDULE, "c") == Term(SCHEDULE, 3)


def test_a_leader_that_was_thought_dead_leads_anew(database_url: str) -> None:
    """Its own lease is over, and nobody else came: what it had begun before isn't valid all the same."""
    engine = made(database_url)
    first = lead(engine, SCHEDULE, "a")
    assert first is not None
    end_lease(engine)
    assert lead(engine, SCHEDULE, "a") == Term(SCHEDULE, 2)
    with pytest.raises(Refused), write(engine) as connection:
        hold(connection, first)


def test_of_many_at_once_one_leads(database_url: str) -> None:
    engine = made(database_url)
    found: list[Term | None] = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(lead(engine, SCHEDULE, str(n))))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(map(str, found)) == ["None"] * 7 + [str(Term(SCHEDULE, 1))]


def test_what_is_due_is_queued_once_by_who_leads(tmp_path: Path, database_url: str) -> None:
    site, engine = create_site(tmp_path / "site"), made(database_url)
    write_feed(site, 0, 5)
    keepers = [ScheduleKeeper(site, engine, name) for name in "abc"]
    queued = [len(keeper.keep()) for keeper in keepers]
    assert (queued[0] > 0, queued[1:]) == (True, [0, 0])
    with engine.connect() as connection:
        kinds = list(connection.scalars(select(job.c.kind)))
    assert kinds.count("feed_run") == 1
    late = keepers[0].term
    end_lease(engine)
    assert keepers[1].keep() == []  # it leads now, and nothing more is due
    assert keepers[1].term == Term(SCHEDULE, 2)
    with pytest.raises(Refused):
        enqueue_due(site, engine, term=late)


def test_a_feed_that_is_read_while_the_schedule_looks_is_not_read_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its job ends between two looks of one transaction, as PostgreSQL lets it."""
    engine = made(site.database_url)
    write_feed(site, 0, 5)
    keeper = ScheduleKeeper(site, engine, "a")
    mine = keeper.keep()[0]

    def looked_and_then_done(*words: Any) -> Any:
        found = freshness(*words)
        work(site, engine, mine)
        return found

    monkeypatch.setattr("hub.schedule.freshness", looked_and_then_done)
    assert mine not in keeper.keep()
    with engine.connect() as connection:
        kinds = list(connection.scalars(select(job.c.kind)))
    assert kinds.count("feed_run") == 1


@pytest.mark.parametrize("wrong", ["soon", "0", "-1", "nan", "inf"])
def test_a_lease_that_is_no_time(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LEADER_SECONDS", wrong)
    with pytest.raises(Misdeclared) as caught:
        leader_seconds()
    assert caught.value.issue.code == "leader_seconds"


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["lead", "hold", "resign", "over"]), st.integers(0, 2))
    )
)
def test_any_course_has_one_leader(steps: list[tuple[str, int]]) -> None:
    """A fencing number is given once; only who has the last one may act."""
    engine = made("sqlite://") if not _ENGINES else _ENGINES[0]
    _ENGINES[:] = [engine]
    with write(engine) as connection:
        connection.execute(leader.delete())
    terms: dict[int, Term] = {}
    given_out: list[int] = []
    for act, who in steps:
        if act == "over":
            end_lease(engine) if given_out else None
        elif act == "lead":
            term = lead(engine, SCHEDULE, str(who))
            if term is not None and term != terms.get(who):
                assert term.fence not in given_out
                given_out.append(term.fence)
                terms[who] = term
        elif act == "resign" and who in terms:
            resign(engine, terms[who])
        elif who in terms:
            with write(engine) as connection:
                try:
                    hold(connection, terms[who])
                    assert terms[who].fence == given_out[-1]
                except Refused:
                    assert terms[who].fence != given_out[-1]


_ENGINES: list[Engine] = []


@pytest.fixture
def site(
    tmp_path: Path, postgres_server_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> Site:
    with fresh_database(postgres_server_url) as url:
        monkeypatch.setenv("HUB_DATABASE_URL", url)
        monkeypatch.setenv("HUB_BROKER_URL", redis_url)
        monkeypatch.setenv("HUB_LEADER_SECONDS", "2")
        yield create_site(tmp_path / "site")


BEAT = ("beat", "--every", "0.3")


def test_of_several_beats_another_takes_over_within_the_lease(site: Site) -> None:
    engine = made(site.database_url)
    write_feed(site, 0, 20)
    with running(site, "worker", "--every", "0.3", "--no-schedule"):
        with running(site, *BEAT) as first:
            wait_for(lambda: sizes(engine) == (20, 20))
            led = holder(engine)
            with running(site, *BEAT, "--json", told=True) as second:
                time.sleep(2)
                assert holder(engine) == led
                first.kill()
                killed = time.monotonic()
                write_feed(site, 1, 20)
                wait_for(lambda: holder(engine) != led, 10)
                assert time.monotonic() - killed < 2 + 2  # its lease, and a busy machine's time
                wait_for(lambda: sizes(engine) == (40, 40))
                second.send_signal(signal.SIGTERM)
                assert second.wait(timeout=10) == 0
        with engine.connect() as connection:
            assert (
                connection.scalar(select(leader.c.lease_until)) == ""
            )  # the next one leads at once
    assert set(states(engine)) == {"done"}


def test_while_the_broker_is_away_beat_queues_itself(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = made(site.database_url)
    write_feed(site, 0, 20)
    monkeypatch.setenv("HUB_BROKER_URL", f"redis://127.0.0.1:{free_port()}/0")
    with running(site, *BEAT):
        wait_for(lambda: states(engine).get("queued", 0) > 0)


def test_beat_without_a_broker_says_who_keeps_the_schedule(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUB_BROKER_URL")
    made(site.database_url)
    assert begin(site, *BEAT).wait(timeout=30) == 1


def test_workers_that_all_keep_the_schedule_queue_a_feed_once(site: Site) -> None:
    engine = made(site.database_url)
    for number in range(4):
        write_feed(site, number, 50)
    every = ("worker", "--every", "0.2", "--schedule")
    with running(site, *every), running(site, *every):
        wait_for(lambda: sizes(engine) == (200, 200) and set(states(engine)) == {"done"})
    with engine.connect() as connection:
        runs = select(job.c.arguments).where(job.c.kind == "feed_run")
        assert len(list(connection.scalars(runs))) == 4
