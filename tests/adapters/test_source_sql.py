"""A table, a view or a query of a real database as a source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.source import KEYS
from adapters.source_sql import SqlSource
from tests.adapters.databases import Database, mariadb, postgresql, sqlite
from tests.services.mariadb_server import fresh_mariadb, mariadb_server
from tests.services.postgres_server import fresh_database


@pytest.fixture(scope="module")
def mariadb_url() -> Iterator[str]:
    with mariadb_server() as url:
        yield url


@pytest.fixture(params=["postgresql", "mariadb", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind."""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server_url")
        with fresh_database(server) as url, postgresql(url, tmp_path) as one:
            yield one
    elif request.param == "mariadb":
        server = request.getfixturevalue("mariadb_url")
        with fresh_mariadb(server) as url, mariadb(url, tmp_path) as one:
            yield one
    else:
        with sqlite(tmp_path) as one:
            yield one


def test_a_table_with_chinese_names(database: Database) -> None:
    table, name, code = map(database.quoted, ("企业 登记", "企业名称", "统一 社会%信用代码"))
    database.run(f"CREATE TABLE {table} ({code} VARCHAR(20), {name} VARCHAR(50), n INTEGER)")
    rows = [("91440900MA4", "茂名,“某”公司", 1), ("92", 'a "quoted" one\r\nin two lines', 2)]
    database.run(f"INSERT INTO {table} VALUES (?, ?, ?)", rows)
    header = ["统一 社会%信用代码", "企业名称", "n"]
    found = database.pull(table="企业 登记")
    assert found.parts[0].name == "rows.csv"
    assert found.rows() == [header, *[[*map(str, row)] for row in rows]]
    assert database.pull(table="企业 登记", columns=["n", "企业名称"]).rows()[1] == [
        "1",
        "茂名,“某”公司",
    ]
    assert database.pull(table="企业 登记", where="n = 2").rows()[1:] == [[*map(str, rows[1])]]


def test_a_view_and_a_query(database: Database) -> None:
    database.run("CREATE TABLE t (id INTEGER, kind VARCHAR(20))")
    database.run("INSERT INTO t VALUES (?, ?)", [(1, "5% a:b"), (2, None), (3, "")])
    database.run("CREATE VIEW v AS SELECT id * 10 AS tens, kind FROM t")
    assert database.pull(view="v").rows() == [
        ["tens", "kind"],
        ["10", "5% a:b"],
        ["20", ""],
        ["30", ""],
    ]
    assert database.pull(view="v", where="kind LIKE '5%:b'").rows()[1:] == [["10", "5% a:b"]]
    asked = (
        "WITH few AS (SELECT * FROM t) SELECT id, ';:x' AS word\n"
        "FROM few WHERE kind LIKE '5%:b' -- it's"
    )
    assert database.pull(query=asked).rows() == [["id", "word"], ["1", ";:x"]]


def test_an_empty_table_has_its_header(database: Database) -> None:
    database.run("CREATE TABLE t (id INTEGER, kind VARCHAR(20))")
    assert database.pull(table="t").rows() == [["id", "kind"]]


def test_increments_and_their_edges(database: Database) -> None:
    database.run("CREATE TABLE t (id INTEGER, at TIMESTAMP(6) NULL)")
    day = "2024-05-01 08:00:00"
    insert = "INSERT INTO t VALUES (?, ?)"
    database.run(insert, [(2, f"{day}.000002"), (1, f"{day}.000001")])
    first = database.pull(table="t", increment={"column": "at"})
    assert [row[0] for row in first.rows()] == ["id", "1", "2"]
    # equal to the cursor, committed late; a microsecond later
    database.run(insert, [(3, f"{day}.000002"), (4, f"{day}.000003")])
    second = database.pull(first.cursor, table="t", increment={"column": "at"})
    assert [row[0] for row in second.rows()] == ["id", "4"]
    with_equals = {"column": "at", "overlap": 0}
    again = database.pull(first.cursor, table="t", increment=with_equals)
    assert sorted(row[0] for row in again.rows()[1:]) == ["2", "3", "4"]
    nothing = database.pull(second.cursor, table="t", increment={"column": "at"})
    assert (nothing.parts, nothing.cursor) == ([], None)


def test_the_key_list(database: Database) -> None:
    database.run("CREATE TABLE t (id INTEGER, n INTEGER, word VARCHAR(9))")
    database.run("INSERT INTO t VALUES (?, ?, ?)", [(i, i % 3, f"w{i}") for i in range(9)])
    first = database.pull(table="t", increment={"column": "id"}, keys=["word", "n"])
    database.run("DELETE FROM t WHERE id = 4")
    later = database.pull(first.cursor, table="t", increment={"column": "id"}, keys=["word", "n"])
    assert [part.name for part in later.parts] == ["keys.csv"]
    keys = later.rows(KEYS)
    assert keys[0] == ["word", "n"]
    assert sorted(keys[1:]) == sorted([f"w{i}", str(i % 3)] for i in range(9) if i != 4)
    assert len(first.rows(KEYS)) == 10


def test_a_query_may_have_increments_and_keys(database: Database) -> None:
    database.run("CREATE TABLE t (id INTEGER, n INTEGER)")
    database.run("INSERT INTO t VALUES (?, ?)", [(i, i * i) for i in range(5)])
    asked = {"query": "SELECT id, n, id + 100 AS place FROM t", "keys": ["id"]}
    found = database.pull("102", increment={"column": "place"}, columns=["n"], **asked)
    assert found.rows() == [["n"], ["9"], ["16"]]
    assert sorted(found.rows(KEYS)) == [*[[str(i)] for i in range(5)], ["id"]]
    assert found.cursor == "104"


def test_the_start_counts_itself(database: Database) -> None:
    database.run("CREATE TABLE t (id INTEGER, day DATE)")
    days = [(1, "2024-01-01"), (2, "2024-02-29"), (3, "2024-03-01"), (4, None)]
    database.run("INSERT INTO t VALUES (?, ?)", days)
    by_day = {"column": "day", "start": "2024-02-29"}
    found = database.pull(table="t", increment=by_day)
    assert [row[0] for row in found.rows()[1:]] == ["2", "3"]
    assert found.cursor == "2024-03-01"
    by_number = {"column": "id", "start": 3}
    assert [row[0] for row in database.pull(table="t", increment=by_number).rows()[1:]] == [
        "3",
        "4",
    ]
    # without a start the first pull takes rows without a value too
    assert len(database.pull(table="t", increment={"column": "day"}).rows()) == 5


def test_an_overlap_takes_in_what_was_committed_late(database: Database) -> None:
    database.run("CREATE TABLE t (id INTEGER, amount DECIMAL(12, 3))")
    insert = "INSERT INTO t VALUES (?, ?)"
    database.run(insert, [(1, 5), (2, "10.125")])
    first = database.pull(table="t", increment={"column": "amount"})
    assert first.cursor == "10.125"
    database.run(insert, [(3, "10.1"), (4, "9")])
    late = {"column": "amount", "overlap": 0.125}
    found = database.pull(first.cursor, table="t", increment=late)
    assert [row[0] for row in found.rows()[1:]] == ["3", "2"]


def test_text_that_would_break_a_csv(database: Database) -> None:
    database.run("CREATE TABLE t (id INTEGER, a VARCHAR(50), b VARCHAR(50))")
    words = [
        '"',
        'a"b,c',
        "\r",
        "\n\n",
        "\\.",
        "\\N",
        " ",
        "NULL",
        "，",
        "'",
        "\t",
        "\ufeff",
        "𠮷",
    ]
    database.run("INSERT INTO t VALUES (?, ?, ?)", [(i, w, w) for i, w in enumerate(words)])
    assert database.pull(table="t").rows()[1:] == [[str(i), w, w] for i, w in enumerate(words)]


# a reader's snapshot of SQLite keeps writers out
@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)
def test_keys_are_of_the_same_moment_as_the_rows(database: Database) -> None:
    database.run("CREATE TABLE t (id INTEGER)" + (" ENGINE=InnoDB" * (database.kind == "mariadb")))
    database.run("INSERT INTO t VALUES (?)", [(i,) for i in range(5)])
    rows, keys = SqlSource().pull(database.ask(table="t", keys=["id"]))
    read = b"".join(rows.blocks)
    database.run("DELETE FROM t WHERE id = 1")
    database.run("INSERT INTO t VALUES (?)", [(9,)])
    assert sorted(b"".join(keys.blocks).split()) == sorted(read.split())
