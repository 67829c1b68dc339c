"""Files that programs write: SQLite, Parquet, Python literals, JSON in scripts."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.format_pydict import parse_literal
from adapters.json_script import json_in_script
from exchange_schemas.errors import SourceUnreadable
from tests.adapters.conftest import Desk

FIELDS = {"subject_name": "名称"}
TABLE = '"企业 ""x"""'


def refusal(desk: Desk, content: bytes, name: str, **format_: Any) -> str:
    with pytest.raises(SourceUnreadable) as caught:
        desk.read(content, name, format=format_, fields=FIELDS)
    assert caught.value.issue.message("en") != caught.value.issue.message("zh_CN")
    return caught.value.issue.code


def database(path: Path, *statements: str) -> bytes:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    return path.read_bytes()


def test_sqlite_values_are_exact_text(desk: Desk) -> None:
    made = database(
        desk.folder / "made",
        f"CREATE TABLE {TABLE} (名称, a, b, c, d)",
        f"INSERT INTO {TABLE} VALUES ('茂名', 3012345.0, 0.1, NULL, x'00ff')",
        f"INSERT INTO {TABLE} VALUES ('', 9007199254740993, -1.5, 'x', 1)",
    )
    found = desk.read(made, "a.sqlite", format={"kind": "sqlite"}, fields=FIELDS)
    assert found.rows.rows() == [
        (1, "茂名", "3012345", "0.1", None, "00ff"),
        (2, "", "9007199254740993", "-1.5", "x", "1"),
    ]


def test_sqlite_which_table(desk: Desk) -> None:
    made = database(desk.folder / "made", "CREATE TABLE a (名称)", "CREATE TABLE b (名称)",
                    "INSERT INTO b VALUES ('x')")  # fmt: skip
    assert refusal(desk, made, "a.db", kind="sqlite") == "file_table_missing"
    assert refusal(desk, made, "a.db", kind="sqlite", table="c") == "file_table_missing"
    told = {"kind": "sqlite", "table": "b"}
    assert desk.read(made, "a.db", format=told, fields=FIELDS).rows.height == 1


def test_sqlite_runs_nothing_of_the_file(desk: Desk) -> None:
    """A view is no table, and a generated column can't call what isn't innocent."""
    made = database(
        desk.folder / "made", "CREATE TABLE t (x)", "CREATE VIEW v AS SELECT 1 AS 名称"
    )
    assert refusal(desk, made, "a.db", kind="sqlite", table="v") == "file_table_missing"


@pytest.mark.parametrize("kind", ["sqlite", "parquet"])
@pytest.mark.parametrize(
    "content", [b"", b"junk" * 1000, b"SQLite format 3\0" + b"\xff" * 5000, b"PAR1" * 9]
)
def test_what_is_no_such_file(desk: Desk, kind: str, content: bytes) -> None:
    assert refusal(desk, content, "a.bin", kind=kind) in ("format_invalid", "file_table_missing")


def test_parquet_values_are_exact_text(desk: Desk) -> None:
    frame = pl.DataFrame({
        "名称": ["茂名", None],
        "d": [date(2026, 1, 31), None],
        "t": [datetime(2026, 1, 31, 8, 5, 1, 250_000, UTC), None],
        "n": pl.Series([Decimal("12.3400"), None], dtype=pl.Decimal(18, 4)),
        "f": [3.0, 0.1],
        "i": [2**53 + 1, -1],
        "b": [True, None],
        "x": [b"\x00\xff", None],
        "l": [["a", "乙"], None],
        "s": [{"k": 1}, {"k": None}],
    })  # fmt: skip
    path = desk.folder / "made.parquet"
    frame.write_parquet(path)
    found = desk.read(path.read_bytes(), "a.parquet", format={"kind": "parquet"}, fields=FIELDS)
    first, second = found.rows.drop("_line").to_dicts()
    assert first == {
        "名称": "茂名", "d": "2026-01-31", "t": "2026-01-31T08:05:01.250+00:00", "n": "12.3400",
        "f": "3", "i": "9007199254740993", "b": "true", "x": "00ff", "l": '["a","乙"]', "s": '{"k":1}',
    }  # fmt: skip
    assert second["名称"] is None and second["l"] is None and second["i"] == "-1"


def test_python_literals(desk: Desk) -> None:
    content = "{'名称': '茂名', 'n': 2.00, 'm': -12, 'x': None, 'ok': True, 'l': ['a', 'b']}\n__import__('os')\n"
    found = desk.read(content, "a.txt", format={"kind": "pydict"}, fields=FIELDS)
    (row,) = found.rows.to_dicts()
    assert (row["名称"], row["n"], row["m"], row["x"]) == ("茂名", "2.00", "-12", None)
    assert row["l"] == '["a", "b"]'
    assert [(issue.code, issue.line) for issue in found.issues][-1:] == [("line_unreadable", 2)]
    assert found.unreadable == 1


LITERALS = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@given(LITERALS)
def test_what_python_prints_is_read(value: Any) -> None:
    assert parse_literal(repr(value), "f") == value


@given(st.text(max_size=60))
def test_any_other_text_is_refused_or_read(text: str) -> None:
    try:
        parse_literal(text, "f")
    except SourceUnreadable as error:
        assert error.issue.code == "json_invalid"


@pytest.mark.parametrize(
    "text", ["[" * 60 + "]" * 60, "9" * (1 << 21), "f(1)", "1 + 1", "{1: 2}", "{'a': 1, 'a': 2}"]
)
def test_literals_that_are_refused(text: str) -> None:
    with pytest.raises(SourceUnreadable):
        parse_literal(text, "f")


@pytest.mark.parametrize(
    "text",
    [
        "var data = {};",
        "window.__DATA__ = {}",
        "callback({});",
        "/**/ jQuery_12({})",
        "<html><script>let x = 1; window['a'] = {};</script>",
        '<script type="application/json">{}</script>',
        "var small = {{}};var big = {}",
    ],
)
@given(value=st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=6), max_size=4))
def test_json_in_a_script(text: str, value: dict[str, Any]) -> None:
    written = json.dumps(value, ensure_ascii=False)
    whole = text.replace("{{}}", "[]").replace("{}", written)
    if value:
        assert json.loads(json_in_script(whole, "f")) == value


def test_a_script_as_a_delivery(desk: Desk) -> None:
    told = {"kind": "json", "script": True, "rows": "list"}
    content = 'var page = {"list": [{"名称": "茂名", "n": 2.00}]};'
    assert desk.read(content, "a.js", format=told, fields=FIELDS).rows.rows() == [
        (1, "茂名", "2.00")
    ]
    assert refusal(desk, b"var x = 1;", "a.js", **told) == "json_invalid"


def test_real_files(desk: Desk, shared: Path) -> None:
    rasff = (shared / "data/recalls/rasff_2024-2025.sqlite").read_bytes()
    found = desk.read(
        rasff, "r.sqlite", format={"kind": "sqlite"}, fields={"subject_name": "subject"}
    )
    assert found.rows.height == 8413
    assert not found.rows.drop("_line").select(pl.all().str.ends_with(".0").any()).row(0)[0]
    daily = (shared / "data/enterprise-registration/daily_2019-08-22_pydict.txt").read_bytes()
    rows = desk.read(daily, "d.txt", format={"kind": "pydict"}, fields={"subject_name": "Name"})
    assert (rows.rows.height, rows.unreadable) == (daily.count(b"\n"), 0)
