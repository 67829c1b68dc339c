"""The hub's server is killed at any moment while two consumers pull from it and answer for it."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.exchange.faults.history import judge, tally
from tests.exchange.faults.living_city import City
from tests.exchange.faults.province import a_province


def killed_often(city: City, kills: int) -> None:
    chance = random.Random(kills)
    for _ in range(kills):
        server = city.serve()
        time.sleep(chance.random() * 0.5)
        server.kill()
        assert server.wait() == -9
        city.history.note("server", "info", "killed")


def prove(city: City, folder: Path, kills: int, figures: dict[str, int | float]) -> None:
    provinces = [a_province(city, folder, kind, kind) for kind in ("files", "sqlite")]
    city.run({n: city.changed(n) for n in range(200)})
    city.worker()
    first, second = provinces
    with city.speaking(seed=kills, pause=0.1), first.pulling(), second.pulling():
        killed_often(city, kills)
        city.serve()
    root = city.root()
    for province in provinces:
        province.catch_up()
        size = judge(city.history.events(), province.holding(), root)
        assert set(province.codes) <= {"hub_unreachable"}
    assert city.proved() == []
    tally(figures, "faults: server killed while two consumers pull", kills)
    tally(figures, "… entries that both hold, each once", size)
    tally(figures, "… pulls that ended with hub_unreachable", sum(len(p.codes) for p in provinces))


@pytest.mark.slow
def test_the_server_is_killed(city: City, tmp_path: Path, figures: dict[str, int | float]) -> None:
    prove(city, tmp_path, 5, figures)


@pytest.mark.slow
def test_the_server_is_killed_two_hundred_times(
    any_city: City, tmp_path: Path, figures: dict[str, int | float]
) -> None:
    prove(any_city, tmp_path, 100, figures)
