"""JSON that a feed finds by its name in a script or a page, and Python's dictionaries in lines."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.json_script import json_in_script
from exchange_schemas.errors import SourceUnreadable
from tests.adapters.conftest import Desk

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict | list))


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("var small = [1]; var data = {};", "var data"),
        ("window.__DATA__={}\nwindow.x = [2]", "window.__DATA__"),
        ("other([3]);\njQuery12_3( {} );", "jQuery12_3"),
        ("<script>var a = [4]</script><script id='__DATA__' type=x>\n{}</script>", "#__DATA__"),
        ("mydata = [5], data = {}, z = 1", "data"),
    ],
)
@given(value=PLAIN)
def test_data_by_its_name(page: str, name: str, value: Any) -> None:
    written = json.dumps(value, ensure_ascii=False)
    assert json_in_script(page.replace("{}", written), "f", name) == written


@pytest.mark.parametrize(
    ("page", "code", "line"),
    [
        ("var x = {};", "script_missing", None),
        ("var data = f({});", "script_missing", None),
        ("data = {}; data = {};", "script_several", None),
        ("x\ndata = {'a': 1};", "json_invalid", 2),
        ("x\ndata = {a: 1};", "json_invalid", 2),
        ("x\ndata = {} + f();", "json_invalid", 2),
        ("data = " + "[" * 100_000, "json_invalid", None),
    ],
)
def test_what_is_refused(page: str, code: str, line: int | None) -> None:
    with pytest.raises(SourceUnreadable) as caught:
        json_in_script(page, "f", "data")
    assert (caught.value.issue.code, caught.value.issue.line) == (code, line)
    assert "{" not in caught.value.issue.message("zh_CN")


def test_a_named_script_as_a_delivery(desk: Desk) -> None:
    content = (
        '<script>var other = [{}]; window.list = {"rows": [{"a": 2.00, "b": "名"}]};</script>'
    )
    told = {"kind": "json", "script": "window.list", "rows": "rows"}
    assert desk.read(content, "p.html", format=told).rows.rows() == [(1, "2.00", "名")]


def test_every_line_of_a_real_file(desk: Desk, shared: Path) -> None:
    path = shared / "data/enterprise-registration/daily_2019-08-22_pydict.txt"
    content = path.read_bytes()
    found = desk.read(content, "d.txt", format={"kind": "pydict"}, fields={"subject_name": "Name"})
    expected = [ast.literal_eval(line) for line in content.decode().splitlines()]
    assert found.rows.height == len(expected) == 5226
    texts = {True: "true", False: "false", None: None}
    for row, told in zip(found.rows.to_dicts(), expected, strict=True):
        for name, value in told.items():
            plain = texts[value] if value is None or isinstance(value, bool) else str(value)
            assert row[name] == plain
