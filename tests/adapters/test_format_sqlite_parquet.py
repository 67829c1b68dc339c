"""Files of databases: every value as exact text, and nothing in them is executed."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.artefact import Artefact
from adapters.feed import Breaker, Feed, Format, Source
from adapters.format_sqlite import number_text
from adapters.plugins import find_reader
from exchange_schemas.batch import LINE
from exchange_schemas.errors import HubError
from tests.adapters.conftest import Desk, Read


def read_file(path: Path, kind: str, **told: Any) -> Read:
    feed = Feed("f", {}, "s", None, Source("file"), Format(kind, told), "snapshot", (), {}, {},
                Breaker(), Path("f.yml"))  # fmt: skip
    artefact = Artefact("", path, path.stat().st_size, path.name)
    return Read(list(find_reader(kind).read(feed, artefact)))


def fault(path: Path, kind: str, **told: Any) -> str:
    with pytest.raises(HubError) as caught:
        read_file(path, kind, **told)
    assert "{" not in caught.value.issue.message("zh_CN")
    return caught.value.issue.code


@pytest.fixture
def database(tmp_path: Path) -> Any:
    def make(script: str, name: str = "d.sqlite") -> Path:
        path = tmp_path / name
        with closing(sqlite3.connect(path)) as made:
            made.executescript(script)
        return path

    return make


def test_notifications_of_rasff(shared: Path) -> None:
    found = read_file(shared / "data/recalls/rasff_2024-2025.sqlite", "sqlite")
    assert found.rows.height == 8413
    assert found.rows[LINE].to_list()[:3] == [1, 2, 3]
    first = found.rows.row(0, named=True)
    assert (first["reference"], first["year"], first["hazards"]) == ("2024.9652", "2024", None)
    assert first["date"] == "2024-12-31 16:50:10.000000"
    assert found.issues == []
    with closing(sqlite3.connect(f"file:{shared / 'data/recalls/rasff_2024-2025.sqlite'}?mode=ro",
                                 uri=True)) as plain:  # fmt: skip
        told = plain.execute("SELECT * FROM rasff_notifications").fetchall()
    assert [tuple(v if v is None or isinstance(v, str) else repr(v) for v in row) for row in told] == (
        found.rows.drop(LINE).rows())  # fmt: skip


def test_values_of_sqlite(database: Any) -> None:
    path = database("CREATE TABLE t (a, b REAL, [c d] TEXT); INSERT INTO t VALUES "
                    "(1, 3012345.0, 'x'), (9223372036854775807, 0.1, NULL), (X'00fF', 1e22, ''),"
                    "(NULL, 1e300, CAST(X'ff41' AS TEXT)), ('茂', -0.5, 'z'); DELETE FROM t WHERE a = 1")  # fmt: skip
    found = read_file(path, "sqlite", table="t")
    assert found.rows.rows() == [
        (2, "9223372036854775807", "0.1", None),
        (3, "00ff", "10000000000000000000000", ""),
        (5, "茂", "-0.5", "z"),
    ]
    assert [(i.code, i.line, i.field) for i in found.issues] == [("sqlite_text", 4, "c d")]
    assert found.unreadable == 1


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_all_they_are(value: float) -> None:
    text = number_text(value)
    assert float(text) == value
    assert "e" not in text and not text.endswith(".0")


VALUE = st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)  # fmt: skip


@given(st.lists(st.tuples(VALUE, VALUE), max_size=9))
def test_any_values_come_back(rows: list[tuple[Any, Any]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "it's ?#%41.db"
        with closing(sqlite3.connect(path)) as made:
            made.execute("CREATE TABLE t (a, b)")
            made.executemany("INSERT INTO t VALUES (?, ?)", rows)
            made.commit()
        found = read_file(path, "sqlite")
    expected = [tuple(None if v is None else str(v) for v in row) for row in rows]
    assert found.rows.drop(LINE).rows() == expected


def test_which_table(database: Any) -> None:
    path = database("CREATE TABLE a (x); CREATE TABLE b (y) ; CREATE VIEW v AS SELECT x || '!' AS z FROM a;"
                    "INSERT INTO a VALUES (1); CREATE TABLE k (p TEXT PRIMARY KEY, rowid) WITHOUT ROWID;"
                    "INSERT INTO k VALUES ('q', 7)")  # fmt: skip
    assert fault(path, "sqlite") == "file_table_missing"
    assert fault(path, "sqlite", table="v") == "file_table_missing"
    assert fault(path, "sqlite", table="sqlite_master") == "file_table_missing"
    assert read_file(path, "sqlite", view="v").rows.rows() == [(1, "1!")]
    assert read_file(path, "sqlite", table="b").rows.columns == [LINE, "y"]
    assert read_file(path, "sqlite", table="k").rows.rows() == [(1, "q", "7")]


def test_an_endless_view_comes_to_an_end(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LIMIT_CHILD_SECONDS", "1")
    path = database("CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                    "SELECT count(*) AS c FROM n")  # fmt: skip
    start = time.monotonic()
    assert fault(path, "sqlite", view="v") == "format_invalid"
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "body", ["load_extension('x')", "zeroblob(1000000000)", "readfile('/etc/passwd')"]
)
def test_views_that_would_do_more_than_read(database: Any, body: str) -> None:
    path = database(f"CREATE VIEW v AS SELECT {body} AS a")
    assert fault(path, "sqlite", view="v") == "format_invalid"


def test_a_schema_that_was_tampered_with(database: Any) -> None:
    path = database("CREATE TABLE t (a); INSERT INTO t VALUES (1); PRAGMA writable_schema=ON;"
                    "UPDATE sqlite_master SET sql = 'CREATE TABLE t (a, b AS (load_extension(a)))'")  # fmt: skip
    assert fault(path, "sqlite", table="t") == "format_invalid"


@given(st.integers(0, 8191), st.binary(min_size=1, max_size=40))
def test_damaged_databases_are_read_or_refused(place: int, noise: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "d.sqlite"
        with closing(sqlite3.connect(path)) as made:
            made.execute("CREATE TABLE t (a, b)")
            made.executemany("INSERT INTO t VALUES (?, ?)", [(n, "x" * n) for n in range(80)])
            made.commit()
        data = bytearray(path.read_bytes())
        data[place : place + len(noise)] = noise
        path.write_bytes(data)
        try:
            read_file(path, "sqlite")
        except HubError as error:
            assert error.issue.code in ("format_invalid", "file_table_missing", "column_duplicate")


@pytest.mark.parametrize("kind", ["sqlite", "parquet"])
def test_other_files(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"PAR1 or SQLite format 3\0" * 99)
    assert fault(path, kind) == "format_invalid"


ZONE = dt.timezone(dt.timedelta(hours=8))
PARQUET: dict[str, tuple[pa.DataType, Any, str]] = {
    "integer": (pa.int64(), -(2**63), "-9223372036854775808"),
    "unsigned": (pa.uint64(), 2**64 - 1, "18446744073709551615"),
    "decimal": (pa.decimal128(18, 2), Decimal("12.00"), "12.00"),
    "small": (pa.decimal128(38, 20), Decimal("0.00000000000000000001"), "0.00000000000000000001"),
    "wide": (pa.decimal256(76, 1), Decimal("1e70"), "1" + "0" * 70 + ".0"),
    "float": (pa.float64(), 3012345.0, "3012345"),
    "large": (pa.float64(), 1e22, "1" + "0" * 22),
    "single": (pa.float32(), 0.1, "0.1"),
    "boolean": (pa.bool_(), True, "true"),
    "date": (pa.date32(), dt.date(2026, 1, 31), "2026-01-31"),
    "time": (pa.time64("us"), dt.time(8, 5), "08:05:00"),
    "moment": (pa.timestamp("ms"), dt.datetime(2026, 1, 31, 8, 5), "2026-01-31T08:05:00"),  # noqa: DTZ001
    "parts": (pa.timestamp("us"), dt.datetime(2026, 1, 31, 8, 5, 0, 1), "2026-01-31T08:05:00.000001"),  # noqa: DTZ001
    "zoned": (pa.timestamp("us", "Asia/Shanghai"), dt.datetime(2026, 1, 31, 8, tzinfo=ZONE),
              "2026-01-31T08:00:00+08:00"),
    "list": (pa.list_(pa.string()), ["罚款", None], '["罚款",null]'),
    "struct": (pa.struct([("a", pa.int32()), ("b", pa.date32())]), {"a": 1, "b": dt.date(2026, 1, 31)},
               '{"a":1,"b":"2026-01-31"}'),
    "map": (pa.map_(pa.string(), pa.decimal128(9, 2)), [("a", Decimal("1.50"))], '[{"key":"a","value":"1.50"}]'),
    "bytes": (pa.binary(), b"\x00\xff", "00ff"),
    "utf8": (pa.binary(), "茂名".encode(), "茂名"),
    "dictionary": (pa.dictionary(pa.int8(), pa.string()), "名", "名"),
    "nothing": (pa.null(), None, ""),
}  # fmt: skip


def test_values_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    arrays = {name: pa.array([value, None], kind) for name, (kind, value, _) in PARQUET.items()}
    pq.write_table(pa.table(arrays), path)
    found = read_file(path, "parquet", text=["utf8"])
    assert found.rows.columns == [LINE, *PARQUET]
    assert set(found.rows.dtypes[1:]) == {pl.String}
    first, second = found.rows.rows(named=True)
    assert {name: first[name] for name in PARQUET} == {
        name: text or None for name, (_, _, text) in PARQUET.items()
    }
    assert [second[name] for name in PARQUET] == [None] * len(PARQUET)
    assert (first[LINE], second[LINE]) == (1, 2)
    assert fault(path, "parquet", text=["bytes"]) == "format_invalid"


@given(st.lists(st.tuples(st.none() | st.text(st.characters(exclude_categories=["Cs"])),
                          st.none() | st.decimals(-10**9, 10**9, places=3)), max_size=20))  # fmt: skip
def test_any_rows_of_parquet(rows: list[tuple[str | None, Decimal | None]]) -> None:
    columns = {
        "a": pa.array([row[0] for row in rows], pa.string()),
        "b": pa.array([row[1] for row in rows], pa.decimal128(20, 3)),
    }
    with TemporaryDirectory() as folder:
        path = Path(folder) / "f.parquet"
        pq.write_table(pa.table(columns), path, row_group_size=3)
        found = read_file(path, "parquet")
    expected = [(a, None if b is None else format(b, "f")) for a, b in rows]
    assert found.rows.drop(LINE).rows() == expected
    assert found.rows[LINE].to_list() == list(range(1, len(rows) + 1))


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=30))
def test_damaged_parquet_is_read_or_refused(place: int, noise: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "f.parquet"
        pq.write_table(pa.table({"a": list(range(300)), "b": ["x"] * 300}), path)
        data = bytearray(path.read_bytes())
        data[place : place + len(noise)] = noise
        path.write_bytes(data)
        try:
            read_file(path, "parquet")
        except HubError as error:
            assert error.issue.code in ("format_invalid", "column_duplicate")


def test_polars_and_its_own_words_agree(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    frame = pl.DataFrame({"a": [["x"], []], "b": [{"c": 1.5}, None]})
    frame.write_parquet(path)
    found = read_file(path, "parquet").rows
    assert [json.loads(text) for text in found["a"]] == [["x"], []]
    assert found["b"].to_list() == ['{"c":1.5}', None]


def test_declared_feeds(desk: Desk, database: Any, tmp_path: Path) -> None:
    content = database("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x')").read_bytes()
    found = desk.read(content, "in.sqlite", format={"kind": "sqlite", "table": "t"})
    assert found.rows.rows() == [(1, "1", "x")]
    pq.write_table(pa.table({"a": [1], "b": ["y"]}), tmp_path / "x.parquet")
    content = (tmp_path / "x.parquet").read_bytes()
    assert desk.read(content, "in.parquet", format={"kind": "parquet"}).rows.rows() == [
        (1, "1", "y")
    ]
