"""SQLite may use WAL only in versions without the WAL-reset bug."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from hub.all_tables import ALL
from hub.database import connect, create_tables, wal_is_safe, write
from hub.migrations.revisions import version
from hub.tables import job


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
    ],
)
def test_gate(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_pragmas_of_a_site_database(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    with engine.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        assert (mode == "wal") is wal_is_safe(sqlite3.sqlite_version_info)  # type: ignore[arg-type]
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_an_error_rolls_everything_back(database_url: str) -> None:
    engine = connect(database_url)
    create_tables(engine)
    row = {"kind": "k", "arguments": "{}", "created_at": "now"}
    with pytest.raises(IntegrityError), write(engine) as connection:
        connection.execute(job.insert().values(**row, state="queued"))
        connection.execute(job.insert().values(**row, state="nonsense"))
    with engine.connect() as connection:
        assert connection.execute(job.select()).all() == []


def test_first_processes_at_once_make_the_tables_once(database_url: str) -> None:
    code = "import sys; from hub.database import *; create_tables(connect(sys.argv[1]))"
    made = [subprocess.Popen([sys.executable, "-c", code, database_url]) for _ in range(4)]
    assert [process.wait(60) for process in made] == [0, 0, 0, 0]
    engine = connect(database_url)
    assert set(inspect(engine).get_table_names()) == {*ALL.tables, version.name}
    engine.dispose()
