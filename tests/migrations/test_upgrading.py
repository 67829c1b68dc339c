"""An upgrade is whole or hasn't been, whatever happens; and it isn't begun where it mustn't."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from exchange_schemas.errors import Corrupt, HubError, Misdeclared, Refused
from hub.all_tables import ALL
from hub.database import connect, create_tables, write
from hub.migrations.counts import count, explain
from hub.migrations.first import SCHEMA
from hub.migrations.plan import Plan
from hub.migrations.revisions import BEFORE, EMPTY, HEAD, REVISIONS, stamp, version_of
from hub.migrations.script import revisions
from hub.migrations.shape import differences
from hub.migrations.upgrading import upgrade
from tests.migrations.draft import draft
from tests.migrations.sites_of_before import put_back
from tests.migrations.whole_shape import whole_shape
from tests.source_tree import ROOT

CHILD = [sys.executable, "-m", "tests.migrations.upgrade_child"]


@pytest.fixture
def engine(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    """The oldest site; with most to do."""
    made = put_back("e1c637d", tmp_path, database_url).engine()
    yield made
    made.dispose()


def _address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def _child(engine: Engine) -> subprocess.Popen[str]:
    engine.dispose()
    return subprocess.Popen(
        [*CHILD, _address(engine)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def _state(engine: Engine) -> tuple[str, dict[str, int]]:
    with engine.connect() as connection:
        found = version_of(connection), count(connection)
    engine.dispose()
    return found


def _kill_and_look(
    engine: Engine, before: tuple[str, dict[str, int]], steps: int, after: float
) -> bool:
    """Whether it had ended when it was killed, so many seconds after so many steps were begun."""
    child = _child(engine)
    assert child.stdout is not None
    for _ in range(steps):
        child.stdout.readline()
    time.sleep(after)
    child.kill()
    child.wait()
    child.stdout.close()
    deadline = time.monotonic() + 20  # PostgreSQL notices a broken connection when it next writes
    while True:
        found = _state(engine)
        if found[0] == HEAD:
            return True
        assert found == before
        with engine.connect() as connection:
            busy = (
                connection.dialect.name == "postgresql"
                and connection.exec_driver_sql(
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hub upgrade'"
                ).scalar()
            )
        engine.dispose()
        if not busy:
            return False
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _kill_until_done(engine: Engine, times: int, seed: int) -> int:
    chance, before, killed = random.Random(seed), _state(engine), 0
    assert before[0] == BEFORE
    shape = whole_shape(engine)
    engine.dispose()
    for _ in range(times):
        if _kill_and_look(engine, before, chance.randint(1, 9), chance.uniform(0, 0.3)):
            break
        killed += 1
        assert whole_shape(engine) == shape
        engine.dispose()
    upgrade(engine)
    return killed


def test_killed_at_any_moment_it_has_been_or_it_hasn_t(engine: Engine) -> None:
    _kill_until_done(engine, 2, 1)
    assert _state(engine)[0] == HEAD


@pytest.mark.slow
def test_killed_many_times(engine: Engine, figures: dict[str, int | float]) -> None:
    killed = _kill_until_done(engine, 40, 2)
    assert killed
    figures[f"upgrades killed half-way ({engine.dialect.name})"] = killed


def test_of_two_at_once_one_waits_and_finds_nothing_to_do(engine: Engine) -> None:
    children = [_child(engine), _child(engine)]
    told = sorted(child.communicate()[0].splitlines()[-1] for child in children)
    assert told == ["done 0", f"done {len(REVISIONS)}"]
    assert [child.returncode for child in children] == [0, 0]


def test_it_isn_t_begun_while_another_process_has_the_database_open(engine: Engine) -> None:
    code = (
        "import sys; from hub.database import connect; c = connect(sys.argv[1]).connect();"
        " print('open', flush=True); input()"
    )
    call = [sys.executable, "-c", code, _address(engine)]
    words = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": ROOT}
    with subprocess.Popen(call, text=True, **words) as other:  # type: ignore[call-overload]
        assert other.stdout.readline() == "open\n"
        with pytest.raises(Refused) as refused:
            upgrade(engine)
        if engine.dialect.name == "sqlite":
            assert f"pid {other.pid} " in str(refused.value)
        other.communicate("\n")
    assert refused.value.issue.code == "upgrade_in_use"
    assert _state(engine)[0] == BEFORE
    assert upgrade(engine).plan.after == HEAD


def test_there_has_to_be_room() -> None:
    plan = Plan(BEFORE, HEAD, REVISIONS, (), 20, 19, "/site")
    with pytest.raises(Refused) as refused:
        plan.check()
    assert refused.value.issue.code == "upgrade_no_room" and "/site" in str(refused.value)
    Plan(BEFORE, HEAD, REVISIONS, (), 20, None, "").check()


def _refused(engine: Engine) -> list[str]:
    codes = []
    for act in (create_tables, upgrade):
        with pytest.raises(HubError) as refused:
            act(engine)
        codes.append(refused.value.issue.code)
    return codes


def test_a_site_of_a_newer_program_is_left_alone(new_site: Engine) -> None:
    shape = whole_shape(new_site)
    for newer in ("9999", "b3f2c1"):
        with write(new_site) as connection:
            stamp(connection, newer)
        assert _refused(new_site) == ["schema_newer", "schema_newer"]
    assert whole_shape(new_site) == shape


def test_an_empty_database_has_nothing_to_upgrade(database_url: str) -> None:
    engine = connect(database_url)
    with pytest.raises(Misdeclared) as refused:
        upgrade(engine)
    assert refused.value.issue.code == "schema_missing"
    assert _state(engine) == (EMPTY, {})


def test_from_the_first_schema_on_a_site_becomes_as_a_new_one(
    database_url: str, new_site: Engine
) -> None:
    engine = connect(database_url)
    with write(engine) as connection:
        SCHEMA.create_all(connection)
        stamp(connection, "0001")
    with pytest.raises(Refused, match="this program needs"):
        create_tables(engine)
    assert upgrade(engine).plan.steps == REVISIONS[1:]
    assert differences(whole_shape(engine), whole_shape(new_site)) == {}
    engine.dispose()


def test_what_the_revisions_don_t_make_stops_an_upgrade(database_url: str) -> None:
    """As where a table of today got another column and nobody wrote a revision."""
    engine = connect(database_url)
    with write(engine) as connection:
        SCHEMA.create_all(connection)
        stamp(connection, "0001")
    before = _state(engine)
    column = ALL.tables["feed"].c.name
    length, column.type = column.type, type(column.type)(77)
    try:
        with pytest.raises(Corrupt) as refused:
            upgrade(engine)
    finally:
        column.type = length
    assert refused.value.issue.code == "upgrade_shape_differs"
    assert "77" in str(refused.value) and "feed" in str(refused.value)
    assert _state(engine) == before


def test_a_row_that_refers_to_nothing_stops_it(tmp_path: Path) -> None:
    engine = put_back("e1c637d", tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}").engine()
    with engine.connect() as connection:
        connection.execute(text("PRAGMA foreign_keys=OFF"))
        connection.execute(text("UPDATE run SET feed_id = 4711 WHERE id = 1"))
        connection.execute(text("PRAGMA foreign_keys=ON"))
    before = _state(engine)
    with pytest.raises(Corrupt) as refused:
        upgrade(engine)
    assert refused.value.issue.code == "upgrade_reference_broken"
    assert _state(engine) == before


def test_every_row_is_accounted_for() -> None:
    told = explain({"run": 5, "decision": 2}, {"run": 5, "decision": 9, "move": 1}, ("0001",))
    assert sorted(told) == ["decision", "move"]
    for after in ({"run": 4}, {"run": 6}, {}, {"run": 5, "other": 1}):
        with pytest.raises(Corrupt) as refused:
            explain({"run": 5}, after, REVISIONS)
        assert refused.value.issue.code == "upgrade_rows_differ"


def test_the_revisions_are_those_of_the_files_and_make_all_that_there_is() -> None:
    assert tuple(revisions()) == REVISIONS
    made = [line.strip() for line in draft().splitlines()]
    found = [line for line in made if line.startswith(("op.", "with op.", "batch_op."))]
    # indexes of PostgreSQL only, which a draft on SQLite takes for missing
    assert [
        line for line in found if "postgresql_using" not in line and "'revision'" not in line
    ] == []


def test_looking_at_the_schema_costs_next_to_nothing(new_site: Engine) -> None:
    create_tables(new_site)
    taken = []
    for _ in range(50):
        begun = time.perf_counter()
        create_tables(new_site)
        taken.append(time.perf_counter() - begun)
    assert sorted(taken)[25] < 0.002
