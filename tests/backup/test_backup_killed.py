"""Backup, restore and move, killed at any moment: what is there is whole, or says that it isn't."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import inspect

from exchange_schemas.errors import HubError
from hub.backup.checking import check
from hub.backup.making import back_up
from hub.backup.places import SUFFIX
from hub.database import connect
from hub.site import open_site
from hub.verify import verify
from tests.backup.conftest import Working
from tests.hub.ledger_data import MARKET, a_company, put
from tests.services.postgres_server import fresh_database

PROGRAM = Path(sys.executable).with_name("hub")
FEW, MANY = 2, 60


def killed(chance: random.Random, seconds: float, *words: object) -> bool:
    """Whether the command was killed before its end."""
    process = subprocess.Popen(
        [PROGRAM, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    time.sleep(chance.uniform(0.3, 1) * seconds)
    process.kill()
    said = process.communicate()[1]
    assert process.returncode <= 0, said.decode()
    return process.returncode < 0


def seconds_of(*words: object) -> float:
    began = time.monotonic()
    subprocess.run([PROGRAM, *map(str, words)], check=True, capture_output=True)
    return time.monotonic() - began


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_a_backup_that_is_killed(
    small: Working, tmp_path: Path, count: int, figures: dict[str, int | float]
) -> None:
    chance, to = random.Random(1), tmp_path / "backups"
    put(small.engine, MARKET, [a_company(n) for n in range(5_000)])
    long = seconds_of("--site", small.site.path, "backup", "--to", tmp_path / "first")
    cut = 0
    for number in range(count):
        place = to / f"{number}{SUFFIX}"
        cut += killed(chance, long, "--site", small.site.path, "backup", "--to", place)
        if place.exists():
            assert check(place)
    assert cut
    figures[f"backups killed, of {count}"] = cut
    made = back_up(small.site, small.engine, to / f"last{SUFFIX}")
    assert check(made.place).manifest == made.manifest
    assert not [path for path in to.iterdir() if not path.name.endswith(SUFFIX)]
    assert not (small.site.path / ".backup-room").exists()
    assert verify(small.site, small.engine).issues == []


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_a_restore_that_is_killed(
    small: Working, tmp_path: Path, count: int, figures: dict[str, int | float]
) -> None:
    chance = random.Random(2)
    put(small.engine, MARKET, [a_company(n) for n in range(5_000)])
    place = back_up(small.site, small.engine, tmp_path / f"one{SUFFIX}").place
    long = seconds_of("restore", place, "--to", tmp_path / "first")
    refused = 0
    for number in range(count):
        to = tmp_path / f"restored{number}"
        if not killed(chance, long, "restore", place, "--to", to):
            assert open_site(to)
            continue
        if not to.exists():
            continue
        try:
            site = open_site(to)
        except HubError as error:
            refused += 1
            assert error.issue.code in ("site_restoring", "site_missing")
            assert error.issue.code == "site_restoring" or not any(to.iterdir())
        else:  # killed behind its end
            assert verify(site, connect(site.database_url)).issues == []
    assert refused or count == FEW
    figures[f"restores killed and found half done, of {count}"] = refused


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_a_move_that_is_killed(
    small: Working, postgres_server_url: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, moved = random.Random(3), False
    put(small.engine, MARKET, [a_company(n) for n in range(5_000)])
    small.engine.dispose()
    for _ in range(count):
        with fresh_database(postgres_server_url) as url:
            words = ("--site", small.site.path, "move", "--to", url)
            killed(chance, 4, *words)
            monkeypatch.delenv("HUB_DATABASE_URL", raising=False)
            try:
                site = open_site(small.site.path)
            except HubError as error:
                assert error.issue.code == "site_moved"
                monkeypatch.setenv("HUB_DATABASE_URL", url)
                site = open_site(small.site.path)
                moved = True
            engine = connect(site.database_url)
            assert verify(site, engine).issues == []
            if not _is_closed(small):
                put(engine, MARKET, [a_company(1, phone=str(chance.random()))])  # work goes on
            engine.dispose()
            if moved or _is_closed(small):
                target = connect(url)
                assert inspect(target).has_table("revision")
                assert verify(small.site, target).issues == []
                target.dispose()
                return


def _is_closed(small: Working) -> bool:
    with small.engine.connect() as connection:
        query = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'moved_away_%'"
        found = connection.exec_driver_sql(query).scalar()
    small.engine.dispose()
    return bool(found)
