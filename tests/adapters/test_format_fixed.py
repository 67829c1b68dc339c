"""Rows of a fixed width: cut by bytes or by characters, and a row of another length kept apart."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.artefact import Artefact
from adapters.feed import Breaker, Feed, Format, Source
from adapters.format_fixed import read_fixed
from adapters.rule import Rule
from exchange_schemas.errors import HubError, Misdeclared
from exchange_schemas.issue import Issue, issues_of

WIDTHS = {"a": 6, "b": 4, "c": 3}
PADS = {"bytes": lambda text, width, codec: text.encode(codec).ljust(width),
        "characters": lambda text, width, codec: text.ljust(width).encode(codec)}  # fmt: skip


def feed_of(**options: Any) -> Feed:
    told = {"encoding": "gbk", "unit": "bytes", "widths": WIDTHS, **options}
    told = {key: value for key, value in told.items() if value is not None}
    rules = {f"of_{name}": Rule(f"of_{name}", (name,)) for name in "abc"}
    return Feed("f", {}, "s", None, Source("file"), Format("fixed", told), "snapshot", (), rules, {},
                Breaker(), Path("f.yml"))  # fmt: skip


def read(
    data: bytes | str, block: int = 1 << 20, name: str = "f.txt", **options: Any
) -> list[Any]:
    content = data if isinstance(data, bytes) else data.encode(options.get("encoding", "gbk"))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        artefact = Artefact("", path, len(content), name)
        return list(read_fixed(feed_of(**options), artefact, block))


def rows(batches: list[Any]) -> list[tuple[Any, ...]]:
    return [row for batch in batches for row in batch.rows.rows()]


def told(batches: list[Any]) -> list[Issue]:
    return [issue for batch in batches for issue in issues_of(batch.issues)]


def test_bytes_of_gbk() -> None:
    made = read("茂名A 1234xyz\r\n高州店  12 z \r\n")
    assert rows(made) == [(1, "茂名A", "1234", "xyz"), (2, "高州店", "12", "z")]
    assert told(made) == []


def test_characters() -> None:
    made = read("茂名A   1234xyz\n高州店   12   z \n", unit="characters")
    assert rows(made) == [(1, "茂名A", "1234", "xyz"), (2, "高州店", "12", "z")]
    text = "\ufeff茂名A   1234xyz\n".encode()
    assert rows(read(text, encoding="utf-8", unit=None)) == [(1, "茂名A", "1234", "xyz")]


def test_bytes_of_utf8_with_a_byte_order_mark() -> None:
    made = read("\ufeff茂名1234xyz\n".encode(), encoding="utf-8")
    assert rows(made) == [(1, "茂名", "1234", "xyz")]


CELL = st.text(
    st.characters(codec="gb18030", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=3
)
ROWS = st.lists(st.tuples(CELL, CELL, CELL).filter(any), max_size=12)


@given(ROWS, st.sampled_from(["bytes", "characters"]), st.sampled_from(["\n", "\r\n"]),
       st.sampled_from([160, 300, 1 << 20]), st.sampled_from(["gb18030", "utf-8"]))  # fmt: skip
@settings(deadline=None)
def test_what_is_written_comes_back(
    cells: list[tuple[str, ...]], unit: str, end: str, block: int, encoding: str
) -> None:
    pad = PADS[unit]
    data = b"".join(
        b"".join(pad(cell, 12, encoding) for cell in row) + end.encode() for row in cells
    )
    if not data:
        return
    made = read(data, block, encoding=encoding, unit=unit, widths=dict.fromkeys("abc", 12))
    assert rows(made) == [(line, *row) for line, row in enumerate(cells, 1)]
    assert told(made) == []


@given(st.lists(st.sampled_from(["茂名A 1234xyz", "茂名A 1234xy", "茂名A 1234xyz9", "", " " * 13])),
       st.sampled_from([20, 60, 1 << 20]))  # fmt: skip
@settings(deadline=None)
def test_rows_of_another_length_are_kept_as_written(lines: list[str], block: int) -> None:
    data = "".join(line + "\n" for line in lines)
    if not lines:
        return
    made = read(data, block)
    assert [row[0] for row in rows(made)] == [
        n for n, line in enumerate(lines, 1) if line == "茂名A 1234xyz"
    ]
    wrong = [(i.line, i.value) for i in told(made) if i.code == "row_width"]
    assert wrong == [(n, line) for n, line in enumerate(lines, 1) if line.startswith("茂名A 1234xy") and line != "茂名A 1234xyz"]  # fmt: skip
    blank = [(i.line, i.value) for i in told(made) if i.code == "row_blank"]
    empty = [n for n, line in enumerate(lines, 1) if not line.strip()]
    assert blank == ([(empty[0], str(len(empty)))] if empty else [])
    assert sum(batch.unreadable for batch in made) == len(wrong)


def test_a_wrong_row_says_what_it_is_and_should_be() -> None:
    (issue,) = told(read("茂名A 1234xy\n"))
    assert "the row is 12 bytes long and should be 13" in issue.message("en")
    assert "该行长 12 字节，应为 13" in issue.message("zh_CN")


def test_the_last_column_may_be_short_if_declared() -> None:
    data = "茂名A 1234x\n茂名A 1234\n茂名A 123\n茂名A 1234xyz\n"
    made = read(data, ragged=True)
    assert rows(made) == [
        (1, "茂名A", "1234", "x"),
        (2, "茂名A", "1234", ""),
        (4, "茂名A", "1234", "xyz"),
    ]
    assert [(i.code, i.line) for i in told(made)] == [("row_width", 3)]
    made = read(data, ragged=True, unit="characters", widths={"a": 4, "b": 4, "c": 3})
    assert [row[0] for row in rows(made)] == [1, 2, 4]


def test_columns_by_their_start_with_gaps_and_overlaps() -> None:
    columns = [{"name": "b", "start": 7, "width": 4}, {"name": "a", "start": 1, "width": 4},
               {"name": "c", "start": 9, "width": 2}]  # fmt: skip
    made = read("茂名  1234\n高州xy5678\n高州 z5678\n", columns=columns, widths=None)
    assert rows(made)[0] == (1, "1234", "茂名", "34")
    assert [(i.code, i.line, i.value, i.params["found"]) for i in told(made)] == [
        ("gap_filled", 2, "5–6", "xy")
    ]


def test_skipped_lines_count() -> None:
    assert rows(read("说明\n----\n茂名A 1234xyz\n", skip=2)) == [(3, "茂名A", "1234", "xyz")]


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r\n\x1a", "\n\x1a"])
def test_ends_of_files(end: str) -> None:
    made = read("茂名A 1234xyz\n高州B 5678abc" + end)
    assert rows(made) == [(1, "茂名A", "1234", "xyz"), (2, "高州B", "5678", "abc")]
    assert told(made) == []


def test_a_character_cut_in_two_is_an_issue_of_its_field() -> None:
    content = (
        "茂名A 1234xyz\n".encode("gbk") + b"x" + "茂名高".encode("gbk")[:5] + b"\xb8\xdf12xyz\n"
    )
    made = read(content)
    (issue,) = told(made)
    assert (issue.code, issue.line, issue.field) == ("bytes_cut", 2, "of_a")
    assert len(rows(made)) == 2


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (b"", {}, "file_empty"),
        (b"\xef\xbb\xbf", {"encoding": "utf-8"}, "file_empty"),
        (b"x" * 1_000, {}, "row_endless"),
        ("茂名A 1234xyz\n".encode("gbk"), {"encoding": "utf-8", "unit": "characters"}, "bytes_invalid"),
        (b"a\0b\n", {"unit": "characters"}, "byte_nul"),
        (b"x", {"encoding": "utf-16"}, "feed_invalid"),
        (b"x", {"columns": [{"name": "a", "start": 1, "width": 1}] * 2, "widths": None}, "column_duplicate"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(data: bytes, options: dict[str, Any], code: str) -> None:
    with pytest.raises(HubError) as caught:
        read(data, 100, **options)
    issue = caught.value.issue
    assert issue.code == code
    assert "{" not in issue.message("zh_CN")


def test_packed() -> None:
    import gzip

    made = read(gzip.compress("茂名A 1234xyz\n".encode("gbk")), name="f.txt.gz")
    assert rows(made) == [(1, "茂名A", "1234", "xyz")]


@pytest.mark.parametrize(
    "told",
    [
        {"encoding": "gbk"},
        {
            "encoding": "gbk",
            "widths": {"a": 1},
            "columns": [{"name": "a", "start": 1, "width": 1}],
        },
        {"encoding": "gbk", "widths": {"a": 0}},
        {"widths": {"a": 1}},
    ],
)
def test_declarations_that_do_not_fit(desk: Any, told: dict[str, Any]) -> None:
    with pytest.raises(Misdeclared):
        desk.declare(format={"kind": "fixed", **told})
    desk.declare(format={"kind": "fixed", "encoding": "gbk", "widths": {"a": 1, "b": 2}})
