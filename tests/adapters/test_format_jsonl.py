"""JSON Lines: a record on each line; a wrong line is one row, not the end of the run."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable

import pytest

from exchange_schemas.errors import SourceUnreadable
from tests.adapters.conftest import Desk

TOLD = {"format": {"kind": "jsonl"}, "fields": {"subject_name": "a"}}


def test_values_are_those_of_json(desk: Desk) -> None:
    read = desk.read(
        '{"a": 2.00, "l": ["罚款"], "o": {"x": true}}\r\n{"a": null, "late": "晚"}', "d.jsonl",
        **TOLD, ignore={"l": "-", "o.x": "-", "late": "-"},
    )  # fmt: skip
    assert read.rows.columns == ["_line", "a", "l", "o.x", "late"]
    assert read.rows.rows() == [(1, "2.00", '["罚款"]', "true", None), (2, None, None, None, "晚")]
    assert read.issues == []


def test_a_list_field_takes_the_lists_of_json(desk: Desk) -> None:
    feed = desk.feed('{"a": 1}', "d.jsonl", **TOLD)
    from adapters.converters import default_converter
    from exchange_schemas.catalogue import load_catalogue

    field = load_catalogue().get("food_sampling_result").fields["results"]
    assert default_converter(field, feed.format.kind) == "json_list"


def test_wrong_lines_are_rows_that_are_told(desk: Desk) -> None:
    lines = ['{"a": "甲"}', '{"a": ', "", '["a"]', '{"a": 1, "a": 2}', '{"a": "\\ud800"}', "  ",
             '{"a": NaN}', '{"a": "乙"}']  # fmt: skip
    read = desk.read("\n".join(lines), "d.jsonl", **TOLD)
    assert read.rows.rows() == [(1, "甲"), (9, "乙")]
    assert read.unreadable == 5
    told = [(i.line, i.value) for i in read.issues if i.code == "line_unreadable"]
    assert told == [(n, lines[n - 1]) for n in (2, 4, 5, 6, 8)]
    messages = [i.message("zh_CN") for i in read.issues]
    assert "第 4 行" in messages[1] and "不是对象" in messages[1]
    assert [(i.line, i.value) for i in read.issues if i.code == "row_blank"] == [(3, "2")]


@pytest.mark.parametrize(
    ("suffix", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress), ("", bytes)]
)
def test_packed_and_in_blocks(desk: Desk, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    text = "".join(f'{{"a": "茂名{n}"}}\n' for n in range(300_000))
    read = desk.read(pack(text.encode()), f"d.jsonl{suffix}", **TOLD)
    assert len(read.batches) > 1
    assert read.rows["a"].to_list() == [f"茂名{n}" for n in range(300_000)]
    assert read.rows["_line"].to_list() == list(range(1, 300_001))


def test_gb18030(desk: Desk) -> None:
    told = {**TOLD, "format": {"kind": "jsonl", "encoding": "gb18030"}}
    assert desk.read('{"a": "甲㐀"}'.encode("gb18030"), "d.jsonl", **told).rows["a"][0] == "甲㐀"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n \n", "file_empty"),
        (b'{"a": "\xff"}', "bytes_invalid"),
        (b'{"a": "\0"}', "byte_nul"),
        (b'{"b": 1}', "column_missing"),
        (b'{"a": "' + b" " * (20 << 20), "format_invalid"),
    ],
)
def test_what_stops_the_run(desk: Desk, content: bytes, code: str) -> None:
    with pytest.raises(SourceUnreadable) as caught:
        desk.read(content, "d.jsonl", **TOLD)
    assert caught.value.issue.code == code
    assert caught.value.issue.file == "d.jsonl"


def test_only_wrong_lines(desk: Desk) -> None:
    read = desk.read("x\ny\n", "d.jsonl", **TOLD)
    assert (read.rows.height, read.unreadable) == (0, 2)
