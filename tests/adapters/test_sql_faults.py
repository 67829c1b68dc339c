"""What a person is told when a database can't be read, and that half a delivery never passes."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import stamina

from adapters import sql_address
from adapters.artefact import Store
from adapters.declaration import load_feed
from adapters.pull import INTERNAL, pull, read
from adapters.source import Ask
from adapters.source_sql import SqlSource
from exchange_schemas.errors import (
    HubError,
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from tests.adapters.conftest import Desk
from tests.adapters.databases import Database, mariadb, postgresql
from tests.services.mariadb_server import fresh_mariadb, mariadb_server
from tests.services.postgres_server import fresh_database, postgres_server
from tests.services.server import free_port

SECRET = "Pa55-w0rd:高州/@"


@pytest.fixture(autouse=True)
def _impatient() -> Iterator[None]:
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)


@pytest.fixture(scope="module")
def server_with_passwords() -> Iterator[str]:
    """A PostgreSQL that asks `clerk` for a password."""
    with postgres_server() as url:
        with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE clerk LOGIN PASSWORD '{SECRET}'")
            (file,) = connection.execute("SHOW hba_file").fetchone() or ("",)
            lines = "host all clerk all scram-sha-256\nhost all postgres all trust"
            connection.execute(f"COPY (SELECT regexp_split_to_table('{lines}', '\n')) TO '{file}'")
            connection.execute("SELECT pg_reload_conf()")
        yield url


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Database]:
    """A database in which `clerk` may read the table `t`, and nobody but the owner `hidden`."""
    folder = tmp_path_factory.mktemp("department")
    if request.param == "postgresql":
        server = request.getfixturevalue("server_with_passwords")
        with fresh_database(server) as url, postgresql(url, folder) as one:
            _furnish(one, "GRANT SELECT ON t TO clerk")
            yield one
    else:
        with (
            mariadb_server() as server,
            fresh_mariadb(server) as url,
            mariadb(url, folder) as one,
        ):
            one.run(f"CREATE USER clerk IDENTIFIED BY '{SECRET}'")
            _furnish(one, "GRANT SELECT ON t TO clerk")
            yield one


def _furnish(database: Database, grant: str) -> None:
    database.run("CREATE TABLE t (id INTEGER, word VARCHAR(9))")
    database.run("CREATE TABLE hidden (id INTEGER)")
    database.run("INSERT INTO t VALUES (?, ?)", [(1, "a"), (2, "b")])
    database.run(grant)


def account(there: Database, **told: Any) -> dict[str, Any]:
    """The options of a feed that reads as clerk."""
    port = int(re.findall(r":(\d+)/", there.url)[0])
    plain = {
        "driver": there.kind,
        "host": "127.0.0.1",
        "port": port,
        "database": there.url.rpartition("/")[2],
        "user": "clerk",
        "password": SECRET,
    }
    return plain | told


def refused(there: Database, kind: type[HubError], **options: Any) -> HubError:
    with pytest.raises(kind) as caught:
        there.pull(**options)
    assert type(caught.value) is kind
    said = f"{caught.value} {caught.value.issue} {caught.value.__cause__}"
    assert not any(word in said for word in (SECRET, "Pa55-w0rd"))
    return caught.value


def test_an_account_that_may_read_one_table(database: Database) -> None:
    assert database.pull(**account(database), table="t").rows()[1:] == [["1", "a"], ["2", "b"]]
    fault = refused(database, Misdeclared, **account(database), table="hidden")
    assert fault.issue.code == "database_refused"
    assert "hidden" in fault.issue.params["reason"]


@pytest.mark.parametrize(
    "wrong", [{"password": "x" * 9}, {"user": "nobody"}, {"database": "nowhere"}]
)
def test_an_account_that_isnt_let_in(database: Database, wrong: dict[str, str]) -> None:
    fault = refused(database, Misdeclared, **account(database, **wrong), table="t")
    assert fault.issue.code == "database_refused"


def test_a_table_and_columns_that_arent_there(database: Database) -> None:
    found = refused(database, Misdeclared, table="T2").issue
    assert (found.code, found.value) == ("table_unknown", "T2")
    assert "hidden、t" in found.message("zh_CN")
    for options in ({"columns": ["Id"]}, {"keys": ["Id"]}, {"increment": {"column": "Id"}}):
        found = refused(database, Misdeclared, table="t", **options).issue
        assert (found.code, found.value) == ("table_column_unknown", "Id")
        assert found.params["found"] == "id、word"
        assert found.params["option"] in options


def test_a_query_that_the_database_refuses(database: Database) -> None:
    found = refused(database, Misdeclared, query="SELECT 1 FROM nothing_there").issue
    assert found.code == "query_failed"
    assert "nothing_there" in found.params["reason"]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM t",
        "SELECT 1; DELETE FROM t",
        "SELECT 1) q; DELETE FROM t; SELECT (1",
        "SELECT 1) q UNION SELECT (1",
        "SELECT 'it\\'; DELETE FROM t; --'",
        "SELECT $$ ' $$; DELETE FROM t; --'",
        "SELECT -- ' \n 1; DELETE FROM t; --'",
        "SELECT /* 1",
        "",
        ";",
    ],
)
def test_a_query_is_one_select(database: Database, query: str) -> None:
    assert refused(database, Misdeclared, query=query).issue.code == "query_unfit"
    assert (
        refused(database, Misdeclared, table="t", where="1=1; " + query).issue.code
        == "query_unfit"
    )


def test_a_query_cant_write(server_with_passwords: str, tmp_path: Path) -> None:
    with fresh_database(server_with_passwords) as url, postgresql(url, tmp_path) as database:
        database.run("CREATE SEQUENCE numbers")
        found = refused(database, Misdeclared, query="SELECT nextval('numbers')").issue
        assert "read-only" in found.params["reason"]


def test_nobody_listens(database: Database) -> None:
    options = account(database, port=free_port())
    with pytest.raises(SourceFaltering):
        database.pull(**options, table="t")


def test_what_takes_too_long(database: Database) -> None:
    sleep = {"postgresql": "pg_sleep(9)", "mariadb": "sleep(9)"}[database.kind]
    fault = refused(
        database, SourceUnavailable, seconds=1, query=f"SELECT id, {sleep} AS s FROM t"
    )
    assert fault.issue.code == "database_slow"


def test_a_server_that_goes_in_the_middle(database: Database) -> None:
    many = {
        "postgresql": "SELECT g, repeat('x', 1000) AS t FROM generate_series(1, 200000) g",
        "mariadb": "SELECT seq, repeat('x', 1000) AS t FROM seq_1_to_200000",
    }
    (part,) = SqlSource().pull(database.ask(query=many[database.kind]))
    blocks = iter(part.blocks)
    next(blocks)
    cursor = database.connection.cursor()
    if database.kind == "postgresql":
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%'"
        )
    else:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE id <> connection_id()")
        cursor.execute("KILL CONNECTION " + str(cursor.fetchall()[0][0]))
    with pytest.raises(SourceFaltering) as caught:
        list(blocks)
    assert caught.value.issue.code == "database_broke_off"


def test_a_server_that_freezes(server_with_passwords: str, tmp_path: Path) -> None:
    with fresh_database(server_with_passwords) as url, postgresql(url, tmp_path) as database:
        many = "SELECT g, repeat('x', 1000) AS t FROM generate_series(1, 200000) g"
        (part,) = SqlSource().pull(database.ask(seconds=2, query=many))
        blocks = iter(part.blocks)
        next(blocks)
        cursor = database.connection.cursor()
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY%'")
        frozen = cursor.fetchall()[0][0]
        os.kill(frozen, signal.SIGSTOP)
        try:
            with pytest.raises(SourceUnavailable) as caught:
                list(blocks)
        finally:
            os.kill(frozen, signal.SIGCONT)
    assert caught.value.issue.code == "database_slow"


def test_a_driver_that_isnt_installed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_address, "find_spec", lambda _module: None)
    for driver, package in (("sqlserver", "pymssql"), ("oracle", "oracledb"), ("dm", "dmPython")):
        options = account(database, driver=driver)
        found = refused(database, Misdeclared, **options, table="t").issue
        assert (found.code, package in found.params["package"]) == ("driver_missing", True)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("Pa55-w0rd", "database_address"),
        ("postgresql://u:Pa55-w0rd@h:port/d", "database_address"),
        ("postgresql://u:Pa55-w0rd@/d", "database_address"),
        ("postgresql://u:Pa55-w0rd@h/d?host=10.0.0.1", "database_address"),
        ("mysql://u:Pa55-w0rd@h/d?unix_socket=/run/x", "database_address"),
        ("clickhouse://u:Pa55-w0rd@h/d", "driver_unknown"),
    ],
)
def test_addresses_that_cant_be_used(database: Database, url: str, code: str) -> None:
    assert refused(database, Misdeclared, url=url, table="t").issue.code == code


def test_an_address_inside_is_refused_unless_allowed(database: Database) -> None:
    ask = Ask({**account(database), "table": "t"}, database.folder)
    with pytest.raises(Misdeclared) as caught:
        list(SqlSource().pull(ask))
    assert caught.value.issue.code == "address_refused"


def test_files_that_are_no_sqlite_database(tmp_path: Path) -> None:
    database = Database("sqlite", "sqlite:///x.db", None, tmp_path)
    assert refused(database, SourceUnavailable, table="t").issue.code == "file_missing"
    for content in (b"", b"id,word\n", b"SQLite format 3\0" + bytes(4096)):
        (tmp_path / "x.db").write_bytes(content)
        assert refused(database, SourceUnreadable, table="t").issue.code == "sqlite_invalid"


def test_columns_that_cant_tell_what_is_new(database: Database) -> None:
    by_word = {"column": "word", "overlap": 5}
    found = refused(database, Misdeclared, table="t", increment=by_word, cursor="a").issue
    assert (found.code, found.value) == ("increment_unfit", "word")
    by_id = {"column": "id", "start": "yesterday"}
    assert (
        "yesterday" in refused(database, Misdeclared, table="t", increment=by_id).issue.message()
    )


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"url": "postgresql://u:word@h/d", "table": "t"},
        {"driver": "postgresql", "host": "h", "database": "d", "user": "u", "password": "word",
         "table": "t"},
        {"url": "${DB}"},
        {"url": "${DB}", "table": "t", "query": "SELECT 1"},
        {"url": "${DB}", "table": "t", "increment": {"start": 5}},
        {"table": "t"},
    ],
)  # fmt: skip
def test_declarations_that_arent_one(desk: Desk, source: dict[str, Any]) -> None:
    with pytest.raises(Misdeclared) as caught:
        desk.declare(source={"kind": "sql", **source})
    assert caught.value.issue.code == "feed_invalid"


def test_a_feed_from_its_declaration_to_batches(
    database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLERK", SECRET)
    monkeypatch.setenv(INTERNAL, "test_feed")
    told = account(database, password="${CLERK}")
    source = {"kind": "sql", **told, "table": "t", "keys": ["id"], "increment": {"column": "id"}}
    fields = {"reg_no": "id", "subject_name": "word"}
    desk.declare(source=source, fields=fields, mode="increment")
    path = desk.folder / "test_feed.yml"
    path.write_text(re.sub(r"format:\n( .*\n)+", "", path.read_text()))  # the source's own
    feed = load_feed(path)
    delivered = pull(feed, Store(desk.folder / "raw"), cursor="1")
    assert delivered.cursor == "2"
    rows = [row for batch in read(feed, delivered.artefact) for row in batch.rows.rows()]
    assert rows == [(2, "2", "b")]
    keys = [key for batch in read(feed, delivered.artefact, keys=True) for key in batch.rows["id"]]
    assert sorted(keys) == ["1", "2"]
    assert SECRET not in str(delivered.parts)
    nothing = pull(feed, Store(desk.folder / "raw"), cursor="2")
    assert sum(batch.rows.height for batch in read(feed, nothing.artefact)) == 0
