"""The ledger on SQLite and PostgreSQL: gap-free, in commit order, whole or not at all."""

import hashlib
import threading

import polars as pl
import pytest
from sqlalchemy import Connection, Engine, insert, select

from hub import ledger
from hub.changes import ChangeSet
from hub.database import connect, create_tables, write
from hub.key_hashes import key_hashes
from hub.tables import feed, head, revision, run


@pytest.fixture
def engine(database_url: str) -> Engine:
    made = connect(database_url)
    create_tables(made)
    return made


def rows(content: dict[str, str]) -> pl.DataFrame:
    data = [(key, hashlib.sha256(text.encode()).digest(), text) for key, text in content.items()]
    schema = {"_key": pl.String, "_digest": pl.Binary, "_json": pl.String}
    return pl.DataFrame(data, schema=schema, orient="row")


def a_run(connection: Connection, number: int, feed_name: str = "f") -> tuple[int, int]:
    known = connection.scalar(select(feed.c.id).where(feed.c.name == feed_name))
    if known is None:
        known = connection.execute(insert(feed).values(name=feed_name)).inserted_primary_key[0]
    words = {
        "feed_id": known,
        "dataset_id": number,
        "standard_version": "1",
        "source": "s",
        "sha256": "x",
        "state": "committed",
        "started_at": "a",
        "ended_at": "b",
    }
    return known, connection.execute(insert(run).values(words)).inserted_primary_key[0]


def put(engine: Engine, content: dict[str, str], *, snapshot: bool = True) -> tuple[int, int]:
    with write(engine) as connection:
        number = ledger.dataset_id(connection, "d")
        feed_id, run_id = a_run(connection, number)
        changes = ChangeSet(ledger.heads(connection, number, feed_id), feed_id)
        changes.compare(rows(content))
        if snapshot:
            changes.gone = changes.missing_from(
                key_hashes([pl.Series(list(content), dtype=pl.String)])
            )
        return ledger.append(connection, number, changes, run_id)


def test_add_change_remove_and_add_again(engine: Engine) -> None:
    assert put(engine, {"甲": '{"n":"1"}', "b": '{"n":"2"}'}) == (1, 2)
    assert put(engine, {"甲": '{"n":"1"}', "b": '{"n":"2"}'}) == (3, 2)
    assert put(engine, {"甲": '{"n":"9"}'}) == (3, 4)
    assert put(engine, {"甲": '{"n":"9"}', "b": '{"n":"2"}'}) == (5, 5)
    with engine.connect() as connection:
        entries = ledger.entries(connection, "d", 0, 100)
        assert [(e.seq, e.operation, e.key, e.content) for e in entries] == [
            (1, "upsert", "甲", b'{"n":"1"}'),
            (2, "upsert", "b", b'{"n":"2"}'),
            (3, "upsert", "甲", b'{"n":"9"}'),
            (4, "delete", "b", None),
            (5, "upsert", "b", b'{"n":"2"}'),
        ]
        assert entries[0].digest == hashlib.sha256(b'{"n":"1"}').digest()
        found = connection.execute(select(head.c.key, head.c.seq).order_by(head.c.seq)).all()
        assert found == [("甲", 3), ("b", 5)]
        assert ledger.head_seq(connection, "d") == 5


def test_reading_in_pages_gives_every_entry_once(engine: Engine) -> None:
    put(engine, {f"k{n}": f'{{"n":"{n}"}}' for n in range(2_345)})
    with engine.connect() as connection:
        after, found = 0, []
        while page := ledger.entries(connection, "d", after, 700):
            found += page
            after = page[-1].seq
        frames = pl.concat(ledger.content_frames(connection, "d", 100, 1_100))
    assert [e.seq for e in found] == list(range(1, 2_346))
    assert [e.content for e in found] == [f'{{"n":"{n}"}}'.encode() for n in range(2_345)]
    assert frames["seq"].to_list() == list(range(101, 1_101))
    assert frames["json"][0] == '{"n":"100"}'


def test_an_append_that_fails_leaves_nothing(engine: Engine) -> None:
    put(engine, {"a": "{}"})
    with pytest.raises(KeyboardInterrupt), write(engine) as connection:
        number = ledger.dataset_id(connection, "d")
        feed_id, run_id = a_run(connection, number)
        changes = ChangeSet(ledger.heads(connection, number, feed_id), feed_id)
        changes.compare(rows({f"k{n}": "{}" for n in range(50)}))
        ledger.append(connection, number, changes, run_id)
        raise KeyboardInterrupt
    assert put(engine, {"b": "{}"}, snapshot=False) == (2, 2)
    with engine.connect() as connection:
        assert connection.scalars(select(revision.c.seq).order_by(revision.c.seq)).all() == [1, 2]


def test_two_writers_at_once_leave_no_gap_and_a_reader_misses_nothing(engine: Engine) -> None:
    put(engine, {"start": "{}"}, snapshot=False)
    errors: list[BaseException] = []

    def writer(name: str) -> None:
        try:
            for turn in range(15):
                put(engine, {f"{name}{turn}-{n}": "{}" for n in range(40)}, snapshot=False)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=writer, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while any(thread.is_alive() for thread in threads):
        seen += _read(engine, seen)
    seen += _read(engine, seen)
    assert errors == []
    assert seen == list(range(1, 2 * 15 * 40 + 2))


def _read(engine: Engine, seen: list[int]) -> list[int]:
    with engine.connect() as connection:
        return [e.seq for e in ledger.entries(connection, "d", seen[-1] if seen else 0, 1_000)]
