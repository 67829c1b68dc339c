"""The texts that a database's values come out as, and that they cost a bounded memory."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.artefact import Artefact
from adapters.format_csv import read_csv
from adapters.source_sql import SqlSource
from exchange_schemas.batch import LINE
from tests.adapters.conftest import Desk
from tests.adapters.databases import Database, mariadb, postgresql, sqlite
from tests.services.mariadb_server import fresh_mariadb, mariadb_server
from tests.services.postgres_server import fresh_database


@pytest.fixture(scope="module")
def databases(
    postgres_server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Database]]:
    folder = tmp_path_factory.mktemp("department")
    with ExitStack() as stack:
        server = stack.enter_context(mariadb_server())
        urls = {
            "postgresql": stack.enter_context(fresh_database(postgres_server_url)),
            "mariadb": stack.enter_context(fresh_mariadb(server)),
            "gbk": stack.enter_context(fresh_mariadb(server, "gbk")),
        }
        found = {
            "postgresql": stack.enter_context(postgresql(urls["postgresql"], folder)),
            "mariadb": stack.enter_context(mariadb(urls["mariadb"], folder)),
            "gbk": stack.enter_context(mariadb(urls["gbk"], folder)),
            "sqlite": stack.enter_context(sqlite(folder)),
        }
        found["sqlite"].run("CREATE TABLE anything (n INTEGER)")
        yield found


POSTGRESQL = [
    ("true", "true"),
    ("false", "false"),
    ("9223372036854775807", "9223372036854775807"),
    ("1234567890123456789012.500::numeric(30, 3)", "1234567890123456789012.500"),
    ("1e20::float8", "100000000000000000000"),
    ("1e-7::float8", "0.0000001"),
    ("0.1::float4", "0.1"),
    ("'NaN'::float8", "NaN"),
    ("'2024-02-29'::date", "2024-02-29"),
    ("'2024-05-01 08:05:00.000123'::timestamp", "2024-05-01 08:05:00.000123"),
    ("'2024-05-01 08:05:00.1Z'::timestamptz", "2024-05-01 16:05:00.1+08:00"),
    ("'1988-07-01 00:00Z'::timestamptz", "1988-07-01 08:00:00+08:00"),
    ("'infinity'::timestamptz", "infinity"),
    ("'08:05:00'::time", "08:05:00"),
    ("'1 day 2 hours'::interval", "P1DT2H"),
    ("decode('00ff41', 'hex')", "00ff41"),
    ("'{\"a\": 2.00}'::json", '{"a": 2.00}'),
    ("ARRAY['罚款', NULL, 'a,\"b']", '["罚款",null,"a,\\"b"]'),
    ("ARRAY[1.50, 2]::numeric[]", "[1.50,2]"),
    ("'ab'::char(4)", "ab  "),
    ("'{8f6c4a5e-0000-4000-8000-000000000001}'::uuid", "8f6c4a5e-0000-4000-8000-000000000001"),
    ("12.5::numeric::money", "12.50"),
    ("NULL::text", ""),
]
MARIADB = [
    ("BOOLEAN", "TRUE", "1"),
    ("BIGINT UNSIGNED", "18446744073709551615", "18446744073709551615"),
    ("DECIMAL(30, 3)", "1234567890123456789012.5", "1234567890123456789012.500"),
    ("DOUBLE", "1e20", "100000000000000000000"),
    ("DOUBLE", "1e-7", "0.0000001"),
    ("FLOAT", "0.1", "0.1"),
    ("DATE", "'2024-02-29'", "2024-02-29"),
    ("DATETIME(6)", "'2024-05-01 08:05:00.000123'", "2024-05-01 08:05:00.000123"),
    # the server's time zone is UTC, and the hub's Chinese time
    ("TIMESTAMP NULL", "'2024-05-01 08:05:00'", "2024-05-01 16:05:00"),
    ("TIME", "'-100:05:00'", "-100:05:00"),
    ("YEAR", "2024", "2024"),
    ("BIT(1)", "b'1'", "1"),
    ("VARBINARY(9)", "x'00ff41'", "00ff41"),
    ("JSON", "'{\"a\": 2.00}'", '{"a": 2.00}'),
    ("TEXT CHARACTER SET gbk", "'镕'", "镕"),
    ("TEXT", "'a\\0b'", "a␀b"),
    ("SET('a', 'b')", "'a,b'", "a,b"),
    ("TEXT", "NULL", ""),
]
SQLITE = [
    ("1", "1"),
    ("1.0", "1"),
    ("1e20", "100000000000000000000"),
    ("'2024-05-01'", "2024-05-01"),
    ("x'00ff41'", "00ff41"),
    ("'a' || char(0) || 'b'", "a␀b"),
    ("NULL", ""),
]


def one(database: Database, query: str) -> str:
    """The first cell of the one row; it has another cell, because an empty one alone is no row."""
    _, row = database.pull(query=query).rows()
    return row[0]


@pytest.mark.parametrize(("value", "text"), POSTGRESQL)
def test_texts_of_postgresql(databases: dict[str, Database], value: str, text: str) -> None:
    assert one(databases["postgresql"], f"SELECT {value} AS a, 1 AS b") == text


@pytest.mark.parametrize(("value", "text"), SQLITE)
def test_texts_of_sqlite(databases: dict[str, Database], value: str, text: str) -> None:
    assert one(databases["sqlite"], f"SELECT {value} AS a, 1 AS b") == text


@pytest.mark.parametrize(("kind", "value", "text"), MARIADB)
def test_texts_of_mariadb(
    databases: dict[str, Database], kind: str, value: str, text: str
) -> None:
    database = databases["mariadb"]
    database.run(f"CREATE OR REPLACE TABLE one (a {kind}, b INTEGER)")
    database.run(f"INSERT INTO one VALUES ({value}, 1)")
    assert one(database, "SELECT a, b FROM one") == text


def test_a_gbk_database(databases: dict[str, Database]) -> None:
    database = databases["gbk"]
    database.run("CREATE OR REPLACE TABLE `处罚` (`当事人` VARCHAR(20))")
    database.run("INSERT INTO `处罚` VALUES (?)", [("某镕\\某",), ("誠",)])
    assert database.pull(table="处罚").rows() == [["当事人"], ["某镕\\某"], ["誠"]]


def text_of(value: Any) -> str:
    """What a value must come out as, said in another way than the source does."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():  # databases differ in how many digits of a second they write
            return value.isoformat(" ", "microseconds")
        case Decimal():
            return f"{value:f}"
        case bytes():
            return value.hex()
    return str(value)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
DAYS = st.dates(date(1000, 1, 1))
MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31))  # noqa: DTZ001
ROWS = st.lists(
    st.tuples(
        TEXTS | st.none(),
        st.integers(-(2**63), 2**63 - 1) | st.none(),
        st.decimals(-(10**15), 10**15, places=4) | st.none(),
        DAYS | st.none(),
        MOMENTS | st.none(),
        st.binary(max_size=20) | st.none(),
    ),
    max_size=8,
)
TABLE = {
    "postgresql": "a TEXT, b BIGINT, c NUMERIC(20, 4), d DATE, e TIMESTAMP, f BYTEA",
    "mariadb": "a TEXT, b BIGINT, c DECIMAL(20, 4), d DATE, e DATETIME(6), f BLOB",
}


@pytest.mark.parametrize("kind", TABLE)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS)
def test_any_values_come_through_and_through_the_reader(
    databases: dict[str, Database], tmp_path: Path, kind: str, rows: list[tuple[Any, ...]]
) -> None:
    database = databases[kind]
    database.run("DROP TABLE IF EXISTS things")
    database.run(f"CREATE TABLE things (place INTEGER, {TABLE[kind]})")
    placed = [(place, *row) for place, row in enumerate(rows)]
    database.run("INSERT INTO things VALUES (?, ?, ?, ?, ?, ?, ?)", placed)
    content = database.pull(query="SELECT * FROM things", increment={"column": "place"}).content[0]
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    feed = Desk(tmp_path).declare()
    batches = read_csv(feed, Artefact("", path, path.stat().st_size, "rows.csv"))
    read = pl.concat([batch.rows for batch in batches]).drop(LINE)
    second = r"^(.{19})\.?(\d*)$"
    digits = pl.col("e").str.extract(second, 2).str.pad_end(6, "0")
    moment = pl.concat_str(pl.col("e").str.extract(second, 1), pl.lit("."), digits)
    read = read.with_columns(moment.fill_null("").alias("e"))
    assert read.rows() == [tuple(text_of(value) for value in row) for row in placed]


def resident() -> int:
    """Bytes of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "sqlite"])
def test_200_000_rows_in_constant_memory(databases: dict[str, Database], kind: str) -> None:
    database, rows = databases[kind], 200_000
    series = {
        "postgresql": f"SELECT g AS n, repeat('某', 200) AS t FROM generate_series(1, {rows}) g",
        "mariadb": f"SELECT seq AS n, repeat('某', 200) AS t FROM seq_1_to_{rows}",
        "sqlite": f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows})"
        " SELECT n, replace(hex(zeroblob(100)), '0', '某') AS t FROM s",
    }
    (part,) = SqlSource().pull(database.ask(query=series[kind]))
    size, lines, before, most = 0, 0, resident(), 0
    for block in part.blocks:
        size, lines = size + len(block), lines + block.count(b"\n")
        most = max(most, resident())
    assert (lines, size > 100 << 20) == (rows + 1, True)
    assert most - before < 40 << 20
