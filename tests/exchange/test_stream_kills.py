"""Processes that take in and seal, killed at any moment: nothing lost, nothing doubled, nothing left."""

import json
import random
import signal
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from hub.exchange import snapshots
from hub.exchange.views import View
from tests.exchange.sealing_worker import WAIT, begin
from tests.exchange.streaming import Streams, a_site
from tests.hub.ledger_data import MARKET, a_company, put


@pytest.fixture
def streams(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Streams:
    monkeypatch.setenv("HUB_SEGMENT_ENTRIES", "256")
    return a_site(tmp_path, database_url)


def begun(streams: Streams) -> ForkServerProcess:
    """A worker that has begun its first round."""
    return begin(streams.site.path, streams.engine.url.render_as_string(hide_password=False))


def killed_often(streams: Streams, kills: int, workers: int) -> View:
    """The stream, after that many workers were killed while entries came in."""
    view, chance, first = streams.view(), random.Random(kills), 1
    for _ in range(0, kills, workers):
        count = chance.randint(100, 700)
        put(streams.engine, MARKET, [a_company(n) for n in range(first, first + count)])
        first += count
        running = [begun(streams) for _ in range(workers)]
        for one in running:
            time.sleep(chance.random() * 0.4)
            one.kill()
            one.join(WAIT)
            assert one.exitcode == -signal.SIGKILL
    return view


def checked(streams: Streams, view: View) -> int:
    """All entries are there once, sealed as far as they can be; returns how many."""
    size = streams.extend(view)
    streams.seal(view)
    snapshots.make(streams.site, streams.engine, view)
    entries = streams.entries(view, 0, 10**6)
    assert [entry["seq"] for entry in entries] == list(range(1, size + 1))
    assert [e["record"] for e in entries] == [a_company(n) for n in range(1, size + 1)]
    assert len({entry["salt"] for entry in entries}) == size
    assert streams.row(view).sealed == size // 256 * 256
    assert streams.proved(view) == []
    return size


def test_a_few_kills(streams: Streams, figures: dict[str, int | float]) -> None:
    view = killed_often(streams, kills=10, workers=2)
    figures["stream workers killed"] = int(figures.get("stream workers killed", 0)) + 10
    assert checked(streams, view) > 256


@pytest.mark.slow
def test_two_hundred_kills(streams: Streams, figures: dict[str, int | float]) -> None:
    view = killed_often(streams, kills=200, workers=2)
    figures["stream workers killed"] = int(figures.get("stream workers killed", 0)) + 200
    figures["entries taken while they were"] = checked(streams, view)


def test_what_was_served_once_is_served_so_for_ever(streams: Streams) -> None:
    """A reader beside workers that are killed: each line that it saw once, it sees again."""
    view, seen = streams.view(), {}
    put(streams.engine, MARKET, [a_company(n) for n in range(1, 1_500)])
    worker = begun(streams)
    for _ in range(12):
        for line in streams.text(view).split(b"\n")[:-1]:
            seq = json.loads(line)["seq"]
            assert seen.setdefault(seq, line) == line
        time.sleep(0.1)
    worker.kill()
    worker.join(WAIT)
    streams.extend(view)
    lines = streams.text(view).split(b"\n")[:-1]
    assert {at: lines[at - 1] for at in seen} == seen
    assert seen
