"""A signed request counts once: beside others, at every second, after a restart, with clocks that jump."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import Engine, func, select
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from hub.consumers.nonces import MARGIN, sweep, take_nonce
from hub.database import connect, write
from hub.grants.tables import request_nonce
from hub.request_signature.profile import KEEP, MAX_AGE, SKEW
from hub.request_signature.sign import signed
from hub.web.exchange import PREFIX, create_exchange
from hub.web.exchange_access import SWEPT_EVERY
from tests.exchange.access_hub import (
    BASE,
    CATALOGUE,
    LIST,
    a_signing_key,
    code,
    open_door,
    registered,
    send,
)
from tests.exchange.nonce_taker import take_all
from tests.hub.exchange_hub import application, site_of
from tests.hub.ledger_data import made

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


def replayed(engine: Engine, requests: int, times: int) -> list[int]:
    """How often each of several requests was let in, sent `times` over from eight threads."""
    who, _ = registered(engine)
    key = a_signing_key(engine, who, "ed25519")
    with open_door(engine) as door:
        raw = [door.raw("GET", LIST, key) for _ in range(requests)]
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(door.status, [one for one in raw for _ in range(times)]))
    assert set(found) <= {200, 401}
    return [found[n * times : (n + 1) * times].count(200) for n in range(requests)]


def test_each_request_is_let_in_once_however_often_it_comes(engine: Engine) -> None:
    assert replayed(engine, requests=10, times=10) == [1] * 10


@pytest.mark.slow
def test_ten_thousand_replays(engine: Engine, figures: dict[str, int | float]) -> None:
    assert replayed(engine, requests=100, times=50) == [1] * 100
    name = "replays of signed requests"
    figures[name] = figures.get(name, 0) + 100 * 49 + taken_by_processes(engine, 700, 4)
    figures["… let in a second time"] = 0


def taken_by_processes(engine: Engine, nonces: int, processes: int) -> int:
    """Several processes take the same nonces at the same time; returns how often one was in vain."""
    names = [f"nonce-{n:020d}" for n in range(nonces)]
    until = int(time.time()) + KEEP
    url = engine.url.render_as_string(hide_password=False)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        won = pool.starmap(take_all, [(url, names, until)] * processes)
    assert sorted(name for one in won for name in one) == names
    return nonces * (processes - 1)


def test_processes_beside_each_other_take_a_nonce_once(engine: Engine) -> None:
    assert taken_by_processes(engine, 200, 2) == 200


def restarted(engine: Engine) -> object:
    """The hub as another process would serve it: what it knows is in the database and the site."""
    own = connect(engine.url.render_as_string(hide_password=False))
    exchange = create_exchange(site_of(engine), own, CATALOGUE)
    return DispatcherMiddleware(NotFound(), {PREFIX: exchange.wsgi_app})


def at(moment: datetime, path: str, headers: dict[str, str], wsgi: object) -> tuple[int, str]:
    with time_machine.travel(moment, tick=False):
        answer = send(wsgi, path, headers)
    return answer.status_code, "" if answer.status_code == 200 else code(answer)


def test_at_no_second_is_it_let_in_again(engine: Engine) -> None:
    """From before it was made until long after it is forgotten, with a new process in between."""
    with time_machine.travel(NOON - timedelta(days=2), tick=False):
        who, _ = registered(engine)
        key = a_signing_key(engine, who, "hmac")
    with time_machine.travel(NOON, tick=False):
        created = int(NOON.timestamp())
        fresh = [signed("GET", BASE + LIST, b"", key, created=created) for _ in range(3)]
        wsgi = application(engine)
    edges = [-SKEW, 0, MAX_AGE, MAX_AGE + SKEW]
    early = NOON - timedelta(seconds=SKEW)
    assert at(early - timedelta(seconds=1), LIST, fresh[0], wsgi) == (401, "signature_stale")
    assert at(early, LIST, fresh[0], wsgi) == (200, "")
    last = NOON + timedelta(seconds=MAX_AGE + SKEW)
    assert at(last, LIST, fresh[1], wsgi) == (200, "")
    assert at(last + timedelta(seconds=1), LIST, fresh[2], wsgi) == (401, "signature_stale")
    seconds = {edge + near for edge in edges for near in range(-3, 4)}
    seconds |= set(range(-SKEW, KEEP + 2 * SWEPT_EVERY, 29))
    for number, second in enumerate(sorted(seconds)):
        if number % 7 == 0:
            wsgi = restarted(engine)
        found = at(NOON + timedelta(seconds=second), LIST, fresh[0], wsgi)
        assert found[0] == 401
        assert found[1] in ("signature_replayed", "signature_stale")


def test_nonces_are_forgotten_when_no_clock_could_take_them_for_new(engine: Engine) -> None:
    until = int(NOON.timestamp()) + KEEP
    with write(engine) as connection:
        assert take_nonce(connection, "1", "n" * 16, until)
        assert take_nonce(connection, "2", "n" * 16, until)  # another key's
        assert not take_nonce(connection, "1", "n" * 16, until)
        assert sweep(connection, until + MARGIN - 1) == 0
        assert not take_nonce(connection, "1", "n" * 16, until)
        assert sweep(connection, until + MARGIN) == 2
        # Forgotten, and refused all the same: should the clock go back, it isn't new.
        assert not take_nonce(connection, "1", "n" * 16, until)
        assert take_nonce(connection, "1", "n" * 16, until + 1)
        assert sweep(connection, until) == 0  # the floor doesn't sink
        assert not take_nonce(connection, "1", "o" * 16, until)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_an_hour_wrong_for_a_while_lets_nothing_in_twice(
    engine: Engine, hours: int
) -> None:
    with time_machine.travel(NOON - timedelta(days=2), tick=False):
        who, _ = registered(engine)
        key = a_signing_key(engine, who, "hmac")
    with time_machine.travel(NOON, tick=False):
        first = signed("GET", BASE + LIST, b"", key)
        wsgi = application(engine)
    assert at(NOON, LIST, first, wsgi)[0] == 200
    wrong = NOON + timedelta(hours=hours)
    with time_machine.travel(wrong, tick=False):
        other = signed("GET", BASE + LIST, b"", key)
    assert at(wrong, LIST, other, wsgi)[0] == 200
    assert at(wrong + timedelta(seconds=SWEPT_EVERY), LIST, other, wsgi)[0] == 401
    assert at(NOON, LIST, first, wsgi) == (401, "signature_replayed")
    with time_machine.travel(NOON, tick=False):
        third = signed("GET", BASE + LIST, b"", key)
    assert at(NOON, LIST, third, wsgi)[0] == 200  # and who is right isn't kept out


def test_the_table_of_nonces_stays_small(engine: Engine) -> None:
    with time_machine.travel(NOON - timedelta(days=2), tick=False):
        who, _ = registered(engine)
        key = a_signing_key(engine, who, "hmac")
        wsgi = application(engine)
    for hour in range(6):
        with time_machine.travel(NOON + timedelta(hours=hour), tick=False):
            headers = signed("GET", BASE + LIST, b"", key)
            assert send(wsgi, LIST, headers).status_code == 200
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(request_nonce)) == 3
