"""Pages repeated, out of order, late, cut off and with wrong bits: nothing wrong is ever stored."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.exchange.faults.bad_line import FAULTS, Line, bad_line
from tests.exchange.faults.history import Said, issued, judge, tally
from tests.exchange.faults.living_city import City
from tests.exchange.faults.province import Province, a_province

KINDS = pytest.mark.parametrize("kind", ["files", "sqlite"])


def holds_nothing_wrong(city: City, province: Province) -> None:
    """What it has is the beginning of what was issued."""
    known = issued(city.history.events())
    of: dict[int, Said] = {
        seq: said for first, said in known.items() for seq in range(first, first + len(said))
    }
    entries = province.holding(acknowledged=False).entries
    assert [one.seq for one in entries] == list(range(1, len(entries) + 1))
    for one in entries:
        assert of[one.seq][one.key] == one.digest


def pulled_over(city: City, province: Province, line: Line, faults: int) -> None:
    """Pull over the line until it has met so many faults, with more to pull each time."""
    chance = random.Random(faults)
    while sum(line.met[name] for name in FAULTS) < faults:
        city.say(chance, 120)
        province.pull()
        holds_nothing_wrong(city, province)
        line.before = line.before[-5:]


def prove(
    city: City, folder: Path, kind: str, faults: int, figures: dict[str, int | float]
) -> None:
    city.run({n: city.changed(n) for n in range(200)})
    city.serve()
    city.worker()
    with bad_line(city.port, share=0.2, seed=faults) as line:
        province = a_province(city, folder, kind)
        province.url = f"http://127.0.0.1:{line.port}"
        pulled_over(city, province, line, faults)
        met = {name: line.met[name] for name in FAULTS}
        line.share = 0
        province.catch_up()
    size = judge(city.history.events(), province.holding(), city.root())
    assert min(met.values()) > 0
    tally(figures, f"faults: answers damaged on the way ({kind})", sum(met.values()))
    tally(figures, f"… entries that it holds all the same ({kind})", size)
    tally(figures, f"… pulls that ended with an error ({kind})", len(province.codes))


@KINDS
def test_a_bad_line(
    city: City, tmp_path: Path, kind: str, figures: dict[str, int | float]
) -> None:
    prove(city, tmp_path, kind, 14, figures)


@pytest.mark.slow
@KINDS
def test_a_bad_line_for_long(
    city: City, tmp_path: Path, kind: str, figures: dict[str, int | float]
) -> None:
    prove(city, tmp_path, kind, 280, figures)
