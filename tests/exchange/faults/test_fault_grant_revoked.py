"""A grant that is revoked in mid-pull: nothing more is given, and what was given stays provable."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from hub.consumers.consumer import authenticate
from hub.database import write
from hub.exchange import proofs, snapshots
from hub.exchange.keeping import keep
from hub.grants.grant import last_grant_of
from hub.progress import Silent
from hub.tables import exchange_log
from hub.tree.proofs import verify_consistency
from tests.exchange.faults.bad_line import Line, bad_line
from tests.exchange.faults.history import tally
from tests.exchange.faults.living_city import CATALOGUE, City
from tests.exchange.faults.province import Province, a_province
from tests.hub.ledger_data import MARKET

RUNS, PER_RUN = 7, 100  # two sealed segments of 256, and a tail
PLACES = (
    "entries?after=0", "entries?after=700&wait=1", "entries?order=desc", "segments",
    "segments/1-256.1.ndjson.zst", "segments/1-256.1.parquet", "snapshots",
    "snapshots/512.ndjson.zst", "checkpoint", "checkpoint?size=256", "tile/0/000",
    "proof/inclusion?seq=1&size=700", "proof/consistency?from=1&to=700",
)  # fmt: skip


@pytest.fixture
def filled(city: City) -> City:
    """Served, with two sealed segments, a snapshot and a tail."""
    for _ in range(RUNS):
        city.run({n: city.changed(n) for n in range(PER_RUN)})
    city.serve()
    first = a_province(city, city.site.path.parent, "files", "first")
    first.catch_up()
    keep(city.site, city.engine, CATALOGUE, city.view(), Silent())
    snapshots.make(city.site, city.engine, city.view())
    return city


def grant_number(city: City, key: str) -> int:
    with write(city.engine) as connection:
        one = authenticate(connection, key)
        assert one is not None
        grant = last_grant_of(connection, one, MARKET)
    assert grant is not None
    return grant.id


def given(city: City) -> int:
    """How often anything was given to anybody."""
    with city.engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(exchange_log)) or 0)


def revoking(city: City, number: int, after: int, had: list[int]) -> Callable[[int], None]:
    """Revokes the grant, by the command, when so many requests have passed, and notes in `had` how
    often anything had been given by then."""

    def passed(count: int) -> None:
        if count == after:
            told = ("grant", "revoke", str(number), "--reason", "事项已办结")
            city.nursery.run("--site", str(city.site.path), *told, "--as", "operator")
            had.append(given(city))

    return passed


def asked(city: City, key: str, path: str) -> httpx.Response:
    where = f"{city.url}/exchange/v1/datasets/{MARKET}/{path}"
    return httpx.get(where, headers={"Authorization": f"Bearer {key}"}, timeout=30)


def stays_provable(city: City, province: Province) -> int:
    """What it has is a beginning of what the city has signed; returns how many entries."""
    held = province.holding(acknowledged=False)
    size, view = len(held.entries), city.view()
    root = city.root()
    if size:
        with city.engine.connect() as connection:
            total = RUNS * PER_RUN
            path = proofs.consistency(city.site, connection, view, size, total)
        assert verify_consistency(size, total, held.root, root, path)
        told = city.acknowledged(province.key)
        assert sum(last - first + 1 for first, last in told) == size  # it answered for all of it
    return size


def revoked_once(city: City, folder: Path, line: Line, after: int) -> tuple[int, int]:
    """Revoke at the after-th request of a new consumer; returns (how many entries it had by then, how
    often it was given anything after that)."""
    province = a_province(city, folder, "files", f"province-{after}")
    for path in PLACES:
        assert asked(city, province.key, path).status_code == 200, path
    province.url = f"http://127.0.0.1:{line.port}"
    had = list[int]()
    line.passed = revoking(city, grant_number(city, province.key), after, had)
    line.requests = 0
    assert province.pull() == 1
    assert province.codes == ["hub_refused"]
    for path in PLACES:
        answer = asked(city, province.key, path)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_granted"), path
    assert province.pull() == 1
    assert province.codes == ["hub_refused"] * 2
    return stays_provable(city, province), given(city) - had[0]


def prove(city: City, folder: Path, times: int, figures: dict[str, int | float]) -> None:
    chance = random.Random(times)
    with bad_line(city.port, share=0, seed=times) as line:
        # A pull asks for keys, the checkpoint, the segments, and some thirty files and pages.
        moments = sorted(chance.sample(range(2, 18), times))
        found = [revoked_once(city, folder, line, after) for after in moments]
    assert max(size for size, _ in found) > 0
    assert all(more == 0 for _, more in found)
    tally(figures, "faults: grants revoked in mid-pull", len(found))
    tally(figures, "… answers given after that", sum(more for _, more in found))


def test_a_grant_is_revoked_in_mid_pull(
    filled: City, tmp_path: Path, figures: dict[str, int | float]
) -> None:
    prove(filled, tmp_path, 2, figures)


@pytest.mark.slow
def test_a_grant_is_revoked_at_each_request(
    filled: City, tmp_path: Path, figures: dict[str, int | float]
) -> None:
    prove(filled, tmp_path, 16, figures)
