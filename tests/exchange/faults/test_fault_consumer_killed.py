"""A consumer that is killed at any moment, while entries keep arriving, has all of them once."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.exchange.faults.history import judge, tally
from tests.exchange.faults.living_city import City
from tests.exchange.faults.province import Province, a_province

KINDS = pytest.mark.parametrize("kind", ["files", "sqlite"])


def killed_often(province: Province, kills: int) -> None:
    """Processes that pull, each killed a while after it began; one that was quicker doesn't count."""
    chance, longest, killed = random.Random(kills), 0.3, 0
    while killed < kills:
        process, began = province.begin(), time.monotonic()
        time.sleep(chance.random() * longest)
        process.kill()
        if province.end(process) == -9:
            killed += 1
        else:
            longest = max(0.05, min(longest, time.monotonic() - began))
    assert not province.codes


def prove(
    city: City, folder: Path, kind: str, kills: int, figures: dict[str, int | float]
) -> None:
    province = a_province(city, folder, kind)
    city.run({n: city.changed(n) for n in range(100)})
    city.serve()
    city.worker()
    with city.speaking(seed=kills, pause=0.02):
        killed_often(province, kills)
    province.catch_up()
    size = judge(city.history.events(), province.holding(), city.root())
    assert city.proved() == []
    assert size > 100
    tally(figures, f"faults: consumer ({kind}) killed", kills)
    tally(figures, f"… entries that it holds, each once ({kind})", size)


@KINDS
def test_a_consumer_is_killed(
    city: City, tmp_path: Path, kind: str, figures: dict[str, int | float]
) -> None:
    prove(city, tmp_path, kind, 10, figures)


@pytest.mark.slow
@KINDS
def test_a_consumer_is_killed_four_hundred_times(
    any_city: City, tmp_path: Path, kind: str, figures: dict[str, int | float]
) -> None:
    prove(any_city, tmp_path, kind, 100, figures)
