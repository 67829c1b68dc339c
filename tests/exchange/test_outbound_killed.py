"""A process that is killed between sending and writing it down loses nothing and repeats nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hub.outbound.fake_province import Province, running
from tests.exchange.outbound_site import City, a_city, a_decision, json_way, soap_way
from tests.source_tree import ROOT

NUMBERS = 40  # records


@contextmanager
def _nursery(city: City) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.exchange.outbound_child", str(city.site.path)]
    environment = {**os.environ, "HUB_DATABASE_URL": str(city.engine.url.render_as_string(False))}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _killed_once(
    process: subprocess.Popen[str], province: Province, chance: random.Random
) -> bool:
    """Let a child deliver, and kill it a moment after it was heard of; whether it was killed."""
    assert process.stdin is not None
    assert process.stdout is not None
    before = province.calls
    process.stdin.write("\n")
    process.stdin.flush()
    child = int(process.stdout.readline())
    deadline = time.monotonic() + 10
    while province.calls == before and time.monotonic() < deadline:
        time.sleep(0.001)
        if before and chance.random() < 0.0005:
            break  # now and then before it has sent anything
    time.sleep(chance.random() * 0.06)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return int(process.stdout.readline()) == signal.SIGKILL


def _play(city: City, province: Province, kills: int, seed: int) -> int:
    chance, killed, turn = random.Random(seed), 0, 0
    with _nursery(city) as process:
        while killed < kills:
            turn += 1
            some = chance.sample(range(NUMBERS), 8)
            city.says([a_decision(one, content=f"第{turn}版") for one in some])
            killed += _killed_once(process, province, chance)
    for _ in range(5):
        city.deliver("p")
    return killed


def _check(city: City, province: Province) -> None:
    flows = [flow for flow, *_ in province.book.effects]
    assert len(flows) == len(set(flows))
    last: dict[str, int] = {}
    for _, item, _, sn, _ in province.book.effects:
        assert sn > last.get(item, 0)
        last[item] = sn
    from hub.ledger import head_seq
    from tests.hub.ledger_data import PENALTY

    with city.engine.connect() as connection:
        head = head_seq(connection, PENALTY)
    assert sorted(sn for *_, sn, _ in province.book.effects) == list(range(1, head + 1))
    assert set(city.delivery_states()) == {"answered"}
    assert city.entry_states() == {}


def _prove(folder: Path, url: str, kills: int, figures: dict[str, int | float], way: str) -> None:
    city = a_city(folder, url)
    with running() as province:
        city.declare("p", soap_way(province) if way == "soap" else json_way(province), batch=4)
        killed = _play(city, province, kills, seed=kills)
        _check(city, province)
    kind = f"{way}, {url.partition(':')[0]}"
    figures[f"deliveries killed with SIGKILL ({kind})"] = killed
    figures[f"… messages that came again and had no second effect ({kind})"] = (
        province.book.repeats
    )


@pytest.mark.parametrize("way", ["soap", "json"])
def test_killed_at_any_moment(tmp_path: Path, way: str, figures: dict[str, int | float]) -> None:
    _prove(tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}", 10, figures, way)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["soap", "json"])
def test_killed_a_hundred_times(
    tmp_path: Path, database_url: str, way: str, figures: dict[str, int | float]
) -> None:
    _prove(tmp_path, database_url, 50, figures, way)
