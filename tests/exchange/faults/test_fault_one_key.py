"""Two processes with one key: each into its own store, and both into one."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from hub.consume.sql_store import open_database
from tests.exchange.faults.history import judge, tally
from tests.exchange.faults.living_city import City
from tests.exchange.faults.province import Province, a_province, signing


def prove(
    city: City, folder: Path, seconds: float, figures: dict[str, int | float], *, signed: bool
) -> None:
    key = city.consumer("province")
    more = signing(city, folder, key) if signed else ()
    files = [a_province(city, folder, "files", name, key) for name in ("one", "two")]
    rows = [a_province(city, folder, "sqlite", "both", key) for _ in range(2)]
    rows[1].name = "both again"
    everybody: list[Province] = [*files, *rows]
    city.run({n: city.changed(n) for n in range(200)})
    city.serve()
    city.worker()
    with ExitStack() as stack:
        stack.enter_context(city.speaking(seed=1, pause=0.1))
        for one in everybody:
            one.more = more
            stack.enter_context(one.pulling())
        time.sleep(seconds)
    root = city.root()
    for one in everybody:
        one.catch_up()
        size = judge(city.history.events(), one.holding(), root)
    assert not files[0].codes + files[1].codes
    assert set(rows[0].codes + rows[1].codes) <= {"receiving_busy"}
    kind = "signed" if signed else "bearer"
    tally(
        figures,
        f"faults: pulls of four processes with one key ({kind})",
        sum(event["type"] == "ok" and event["act"] == "pull" for event in city.history.events()),
    )
    tally(figures, f"… entries that each store holds, each once ({kind})", size)


@pytest.mark.slow
def test_processes_with_one_key(
    city: City, tmp_path: Path, figures: dict[str, int | float]
) -> None:
    prove(city, tmp_path, 1, figures, signed=False)


@pytest.mark.slow
@pytest.mark.parametrize("signed", [False, True])
def test_processes_with_one_key_for_longer(
    any_city: City, tmp_path: Path, signed: bool, figures: dict[str, int | float]
) -> None:
    prove(any_city, tmp_path, 20, figures, signed=signed)


def test_a_new_database_may_be_opened_by_several_at_once(database_url: str) -> None:
    begin = threading.Barrier(6)

    def opened(_: int) -> None:
        begin.wait(20)
        open_database(database_url).dispose()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(opened, range(6)))
