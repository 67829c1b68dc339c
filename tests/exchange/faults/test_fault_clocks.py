"""Clocks that are an hour wrong, of a consumer, of the server, of the hub that takes entries in."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
import time_machine

from hub.tree.checkpoint import read
from tests.exchange.faults.history import judge, tally
from tests.exchange.faults.living_city import City
from tests.exchange.faults.province import Province, a_province, signing

HOUR = (1.0, -1.0)
LONG_AGO = "2026-01-05T02:00:00Z"


def two_provinces(city: City, folder: Path) -> tuple[Province, Province]:
    """One that signs its requests, and one with a bearer key; both have been known for long."""
    with time_machine.travel(LONG_AGO, tick=True):
        signer, bearer = (a_province(city, folder, "files", name) for name in ("signs", "bears"))
        signer.more = signing(city, folder, signer.key)
    return signer, bearer


def say_with_wrong_clocks(city: City) -> None:
    """Entries whose times go forwards and backwards, and whose numbers don't."""
    chance = random.Random(7)
    for hours in (0, *HOUR, 0):
        with time_machine.travel(time.time() + hours * 3600, tick=True):
            city.say(chance)


def checkpoint_of(province: Province) -> str:
    """The time of the checkpoint that it holds."""
    note = province.store().place().checkpoint
    return str(read(note).at)


@pytest.mark.slow
def test_clocks_that_are_an_hour_wrong(
    city: City, tmp_path: Path, figures: dict[str, int | float]
) -> None:
    signer, bearer = two_provinces(city, tmp_path)
    say_with_wrong_clocks(city)
    city.serve()
    for hours in HOUR:  # the consumer's clock: its signatures are refused, its key alone is not
        assert signer.pull(hours=hours) == 1
        assert signer.codes.pop() == "hub_refused"
        assert signer.size() == 0
        assert bearer.pull(hours=hours) == 0
    assert signer.pull() == 0
    times = [checkpoint_of(bearer)]
    for hours in HOUR:  # the server's clock
        city.kill_server()
        city.serve(hours=hours)
        say_with_wrong_clocks(city)
        assert signer.pull() == 1
        assert signer.codes.pop() == "hub_refused"
        assert signer.pull(hours=hours) == 0  # both are wrong alike
        assert bearer.pull() == 0
        times.append(checkpoint_of(bearer))
    now, ahead, behind = times
    assert behind < now < ahead  # so a later checkpoint had an earlier time, and was believed
    city.kill_server()
    city.serve()
    city.say(random.Random(9))
    root = city.root()
    for one in (signer, bearer):
        one.catch_up()
        size = judge(city.history.events(), one.holding(), root)
    assert city.proved() == []
    tally(figures, "faults: entries taken under clocks that were an hour wrong", size)


def test_what_is_refused_says_why(city: City, tmp_path: Path) -> None:
    signer, _ = two_provinces(city, tmp_path)
    city.say(random.Random(1))
    city.serve()
    for hours in HOUR:
        process = signer.begin(hours=hours)
        assert process.wait() == 1
        told = str(process.told()["error"])
        assert "401" in told
        assert "clock" in told
