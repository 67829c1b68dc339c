"""The ledger in parts: made in time, by whoever appends; gap-free."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import polars as pl
import pytest
from sqlalchemy import Engine, func, inspect, select, text

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.record import KEY, key_expr, with_digest
from hub import ledger, ledger_partitions
from hub.database import write
from hub.ledger_partitions import prepare
from hub.ledger_proof import check_ledger
from hub.tables import dataset, revision, run
from tests.hub.ledger_data import MARKET, PENALTY, a_company, a_penalty, made, put
from tests.services.postgres_server import fresh_database

ROWS = 50  # of a part


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_partitions, "ROWS", ROWS)


@pytest.fixture
def postgres(postgres_server_url: str) -> Iterator[str]:
    with fresh_database(postgres_server_url) as url:
        yield url


def parts(engine: Engine, table: str) -> set[str]:
    query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass(:name)"
    with engine.connect() as connection:
        return set(connection.scalars(text(query), {"name": table}))


def fill(engine: Engine) -> None:
    put(engine, MARKET, [a_company(n) for n in range(120)])
    put(engine, PENALTY, [a_penalty(n, "张三") for n in range(10)])
    put(engine, MARKET, [a_company(7, phone="1")], gone=[a_company(8)])


def check(engine: Engine) -> None:
    """All is there, once, in order, and read by key as by number."""
    with engine.connect() as connection:
        assert [e.seq for e in ledger.entries(connection, MARKET, 0, 1000)] == [*range(1, 123)]
        (first, *_, last) = ledger.entries(connection, MARKET, 48, 5)
        assert (first.seq, last.seq) == (49, 53)
        assert [n for n, _ in ledger.contents(connection, MARKET, 99, 101)] == [100, 101]
        number = ledger.dataset_id(connection, MARKET)
        key = ledger.entries(connection, MARKET, 7, 1)[0].key
        history = select(revision.c.seq).where(
            revision.c.dataset_id == number, revision.c.key == key
        )
        assert sorted(connection.scalars(history)) == [8, 121]
    for name in (MARKET, PENALTY):
        assert check_ledger(engine, name, lambda _: None)[1] == []


def test_parts_are_made_by_whoever_appends(database_url: str) -> None:
    engine = made(database_url)
    fill(engine)
    check(engine)
    if engine.dialect.name == "postgresql":
        assert parts(engine, "revision") == {
            "revision_1_0", "revision_1_1", "revision_1_2", "revision_2_0"
        }  # fmt: skip
        assert parts(engine, "head") == {"head_1", "head_2"}
    else:
        assert "revision_1_0" not in inspect(engine).get_table_names()


def test_nobody_waits_for_the_run_that_made_parts(postgres: str) -> None:
    engine = made(postgres)
    with write(engine) as connection:  # a long first run, that has made its parts and isn't done
        number = ledger.dataset_id(connection, MARKET)
        ledger.Appending(connection, number, 1, 1)
        other = threading.Thread(target=put, args=(engine, PENALTY, [a_penalty(1, "李四")]))
        other.start()
        other.join(timeout=20)
        assert not other.is_alive()
    assert parts(engine, "head") == {"head_1", "head_2"}


def test_two_that_begin_at_once_make_them_once(postgres: str) -> None:
    engine = made(postgres)
    rows = [[a_company(n) for n in range(start, start + 60)] for start in range(0, 360, 60)]
    threads = [threading.Thread(target=put, args=(engine, MARKET, part)) for part in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    count, issues = check_ledger(engine, MARKET, lambda _: None)
    assert (count, issues) == (360, [])


def test_one_run_that_goes_over_the_end_of_parts(postgres: str) -> None:
    """It finds parts that were made beside it, in a transaction that had seen the others before."""
    engine = made(postgres)
    parts_of = [[a_company(n) for n in range(start, start + 30)] for start in range(0, 300, 30)]
    put(engine, MARKET, [a_company(1000)])
    standard = load_catalogue().get(MARKET)
    with write(engine) as connection:
        number = ledger.dataset_id(connection, MARKET)
        run_id = connection.scalar(select(func.max(run.c.id))) or 0
        appending = ledger.Appending(connection, number, run_id, 1)
        for rows in parts_of:
            frame = pl.DataFrame(rows, schema=standard.dtypes)
            made_rows = with_digest(frame, standard.dtypes).with_columns(
                key_expr(standard).alias(KEY)
            )
            appending.write(made_rows.select(key="_key", digest="_digest", json="_json"))
        appending.finish(pl.Series([], dtype=pl.String))
    with engine.connect() as connection:
        assert [e.seq for e in ledger.entries(connection, MARKET, 0, 1000)] == [*range(1, 302)]
    assert len(parts(engine, "revision")) == 7


def test_parts_for_a_ledger_from_elsewhere(postgres: str) -> None:
    engine = made(postgres)
    with write(engine) as connection:
        connection.execute(dataset.insert().values(name="x", seq=130, reviewed_seq=0))
        prepare(connection)
        row = {"dataset_id": 1, "seq": 130, "key": "k", "operation": 1, "digest": b"", "run_id": 1}
        connection.execute(revision.insert().values(row))
    assert parts(engine, "segment") == {f"segment_1_{n}" for n in range(4)}
