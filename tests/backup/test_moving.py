"""Moving a site from SQLite to PostgreSQL and back: every row of every table arrives."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import DBAPIError

from exchange_schemas.errors import HubError
from hub.all_tables import ALL
from hub.backup.moving import move, move_tables
from hub.database import connect, create_tables, write
from hub.progress import Silent
from hub.site import open_site
from hub.tables import feed
from hub.verify import verify
from tests.backup.busy_site import MARKET, last_seq, work
from tests.backup.conftest import Working, at_work
from tests.backup.every_table import fill
from tests.hub.ledger_data import a_company, put
from tests.services.postgres_server import fresh_database

PROGRAM = Path(sys.executable).with_name("hub")


def content(connection: Connection) -> dict[str, Counter[tuple[Any, ...]]]:
    return {
        table.name: Counter(tuple(row) for row in connection.execute(select(table)))
        for table in ALL.sorted_tables
    }


def content_of(engine: Engine) -> dict[str, Counter[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return content(connection)


def test_rows_of_every_table_there_and_back(tmp_path: Path, postgres_url: str) -> None:
    first, there, back = (
        connect(url)
        for url in (f"sqlite:///{tmp_path / 'a'}", postgres_url, f"sqlite:///{tmp_path / 'b'}")
    )
    for engine in (first, there, back):
        create_tables(engine)
    with write(first) as connection:
        fill(connection, random.Random(20261130))
    for source, target in ((first, there), (there, back)):
        with source.connect() as connection:
            moved = move_tables(connection, target, Silent())
        assert {one.table: one.rows for one in moved} == {
            name: rows.total() for name, rows in content_of(first).items()
        }
        assert all(one.rows for one in moved)
        assert content_of(target) == content_of(first)
    with write(there) as connection:  # numbers go on behind those that were there
        number = connection.execute(insert(feed).values(name="new")).inserted_primary_key
        last = max(row[0] for row in content(connection)["feed"])
        assert number and number[0] == last
    for engine in (first, there, back):
        engine.dispose()


def test_a_row_that_arrived_otherwise_is_found(tmp_path: Path, postgres_server_url: str) -> None:
    """Another database whose column isn't as it should be: it keeps blanks behind the text."""
    with fresh_database(postgres_server_url) as url:
        _move_into_another(connect(f"sqlite:///{tmp_path / 'a'}"), connect(url))


def _move_into_another(small: Engine, target: Engine) -> None:
    create_tables(small)
    create_tables(target)
    put(small, MARKET, [a_company(n) for n in range(10)])
    with target.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE feed ALTER COLUMN name TYPE char(200)")
    with small.connect() as connection, pytest.raises(HubError) as found:
        move_tables(connection, target, Silent())
    assert found.value.issue.code == "move_differs"
    assert found.value.issue.value == "feed"
    assert not any(content_of(target).values())
    target.dispose()


def test_a_site_moves_and_moves_back(
    tmp_path: Path, busy: Working, postgres_server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content_of(busy.engine)
    kind = busy.engine.dialect.name
    busy.engine.dispose()
    if kind == "postgresql":
        _move(busy, f"sqlite:///{busy.site.path / 'hub.sqlite'}", before, monkeypatch)
        return
    with at_work(busy.site) as other:
        assert other.stdout and other.stdout.readline()
        with fresh_database(postgres_server_url) as url, pytest.raises(HubError) as found:
            move(busy.site, busy.engine, url)
    assert found.value.issue.code == "move_in_use"
    before = content_of(busy.engine)
    busy.engine.dispose()
    with fresh_database(postgres_server_url) as url:
        _move(busy, url, before, monkeypatch)


def _move(
    busy: Working, url: str, before: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [str(PROGRAM), "--site", str(busy.site.path), "move", "--to", url, "--json"]
    done = subprocess.run(words, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {one["table"]: one["rows"] for one in told["tables"]} == {
        name: rows.total() for name, rows in before.items()
    }
    with pytest.raises(HubError) as found:
        open_site(busy.site.path)
    assert found.value.issue.code == "site_moved"
    # whoever still has the old database open can't write what nobody would read
    with pytest.raises(DBAPIError, match="moved"), write(busy.engine) as connection:
        connection.execute(insert(feed).values(name="late"))
    busy.engine.dispose()
    monkeypatch.setenv("HUB_DATABASE_URL", url)
    site = open_site(busy.site.path)
    engine = connect(site.database_url)
    assert content_of(engine) == before
    seq = last_seq(engine)
    work(site, engine, 3)  # triggers and numbers are as they were
    assert last_seq(engine) > seq
    assert verify(site, engine).issues == []
    again = subprocess.run(words, capture_output=True, check=False, text=True)
    assert again.returncode == 1
    assert "move_same_kind" in again.stdout
    engine.dispose()
