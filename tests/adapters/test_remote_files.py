"""Which files a feed takes: patterns, last, all and new, and a cursor that misses none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.remote_files import Entry, choose, read_cursor, split, write_cursor
from adapters.secret_check import secrets_in

A, B, C = Entry("a.csv", 1, 30.0), Entry("b.csv", 2, 10.0), Entry("c.csv", 3, 20.0)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ["c.csv"]),
        ({"take": "last", "by": "time"}, ["a.csv"]),
        ({"take": "all"}, ["a.csv", "b.csv", "c.csv"]),
        ({"take": "all", "by": "time"}, ["b.csv", "c.csv", "a.csv"]),
        ({"take": "new", "by": "time"}, ["b.csv", "c.csv", "a.csv"]),
    ],
)
def test_take_and_by(options: dict[str, Any], names: list[str]) -> None:
    assert [e.name for e in choose([A, B, C], options, None)] == names


def test_new_by_name_is_what_sorts_behind_the_last_name() -> None:
    cursor = write_cursor([B])
    assert choose([A, B, C], {"take": "new"}, cursor) == [C]


def test_new_by_time_sees_another_file_of_the_same_second_and_one_that_grew_in_it() -> None:
    options = {"take": "new", "by": "time"}
    cursor = write_cursor([B])
    late, grown = Entry("0.csv", 9, B.time), Entry("b.csv", 3, B.time)
    assert choose([late, B], options, cursor) == [late]
    assert choose([grown], options, cursor) == [grown]
    assert choose([late, B], options, write_cursor([late], cursor)) == []


@pytest.mark.parametrize("cursor", [None, "", "2024-05-01", "[]", '{"time": "x"}', '{"a": {}}'])
def test_the_cursor_of_another_source_is_none(cursor: str | None) -> None:
    assert read_cursor(cursor) == (0.0, {})
    assert choose([A, B], {"take": "new"}, cursor) == [A, B]


@pytest.mark.parametrize(
    ("path", "parts"),
    [("/out/*.csv", ("/out", "*.csv")), ("/a.csv", ("/", "a.csv")), ("a.csv", ("", "a.csv")),
     ("出口/新/a.csv", ("出口/新", "a.csv"))],
)  # fmt: skip
def test_folder_and_name(path: str, parts: tuple[str, str]) -> None:
    assert split(path) == parts


def test_a_host_key_is_public() -> None:
    assert list(secrets_in({"host_key": "SHA256:x", "key": "${KEY}"})) == []
    assert [i.value for i in secrets_in({"key": "-----BEGIN"})] == ["key"]


names = st.text(min_size=1, max_size=6)
arrivals = st.lists(
    st.lists(st.tuples(names, st.integers(0, 3)), max_size=4), min_size=1, max_size=6
)


@given(arrivals)
def test_every_file_that_comes_in_the_order_of_time_is_taken_once(
    told: list[list[tuple[str, int]]],
) -> None:
    """Between two pulls files come whose times are the last one's or later."""
    options = {"take": "new", "by": "time"}
    there: dict[str, Entry] = {}
    cursor, clock, taken = None, 0.0, []
    for batch in told:
        for name, later in batch:
            if name not in there:
                clock += later
                there[name] = Entry(name, 1, clock)
        chosen = choose(there.values(), options, cursor)
        taken += [e.name for e in chosen]
        cursor = write_cursor(chosen, cursor) if chosen else cursor
    assert sorted(taken) == sorted(there)
