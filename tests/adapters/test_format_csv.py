"""CSV: cells as written, and every row on its right line."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.artefact import Store
from adapters.feed import Breaker, Feed, Format, Source
from adapters.format_csv import read_csv
from exchange_schemas.batch import LINE
from exchange_schemas.errors import SourceUnreadable

CELL = st.text(
    st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"])
    | st.sampled_from(list('"\r\n,，名称𠮷 \t')),
    max_size=8,
)


def feed_of(encoding: str = "utf-8", delimiter: str = ",") -> Feed:
    return Feed("f", {}, "s", None, Source("file"), Format("csv", {"encoding": encoding, "delimiter": delimiter}),
                "snapshot", (), {}, {}, Breaker(), Path("f.yml"))  # fmt: skip


def read(data: bytes, encoding: str = "utf-8", delimiter: str = ",", block: int = 1 << 20) -> list:
    with TemporaryDirectory() as folder:
        artefact = Store(Path(folder)).keep(io.BytesIO(data), "f.csv")
        return list(read_csv(feed_of(encoding, delimiter), artefact, block))


def rows_of(batches: list) -> list[tuple]:
    return [row for batch in batches for row in batch.rows.iter_rows()]


def wrong_of(batches: list) -> list[tuple]:
    return [
        row
        for batch in batches
        for row in batch.issues.select("line", "code", "value", "params").iter_rows()
    ]


def fault(data: bytes, **options: object) -> tuple[str, int | None]:
    with pytest.raises(SourceUnreadable) as caught:
        read(data, **options)  # type: ignore[arg-type]
    return caught.value.issue.code, caught.value.issue.line


def physical_lines(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3).filter(any), max_size=12),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([",", ";", "\t"]),
)
def test_what_is_written_is_read_with_its_lines(
    rows: list[list[str]], encoding: str, end: str, delimiter: str
) -> None:
    text, expected = f"甲{delimiter}乙{delimiter}丙{end}", []
    for row in rows:
        line = physical_lines(text) + 1
        written = io.StringIO()
        csv.writer(
            written, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator=end
        ).writerow(row)
        text += written.getvalue()
        expected.append((line, *row))
    batches = read(text.encode(encoding), encoding, delimiter)
    assert rows_of(batches) == expected
    assert wrong_of(batches) == []


@given(st.lists(st.sampled_from(["1,2", "1,2,3", "1", '"a\nb",2', '"a\r\nb\n"', "", ",", '"x""y",z'])),
       st.sampled_from([64, 200, 1 << 20]))  # fmt: skip
def test_lines_hold_among_wrong_and_blank_rows_and_across_blocks(
    lines: list[str], block: int
) -> None:
    text = "甲,乙\n" + "".join(line + "\n" for line in lines)
    good, wrong, blank, at = [], [], 0, 2
    for line in lines:
        cells = next(csv.reader(io.StringIO(line, newline="")), [])
        if line in ("", ","):
            blank += 1
        elif len(cells) == 2:
            good.append((at, *cells))
        else:
            wrong.append((at, "row_length", line))
        at += 1 + physical_lines(line)
    batches = read(text.encode(), block=block)
    assert rows_of(batches) == good
    found = wrong_of(batches)
    assert [row[:3] for row in found if row[1] == "row_length"] == wrong
    assert sum(int(row[2]) for row in found if row[1] == "row_blank") == blank
    assert sum(batch.unreadable for batch in batches) == len(wrong)


def test_a_wrong_row_is_kept_as_written_up_to_500_characters() -> None:
    batches = read(("a,b\n1,2\n" + "长" * 600 + "\n").encode())
    assert wrong_of(batches) == [(3, "row_length", "长" * 500, '{"found": "1", "expected": "2"}')]


def test_the_last_row_may_lack_its_line_end() -> None:
    assert rows_of(read(b"a,b\n1,2\n3,4")) == [(2, "1", "2"), (3, "3", "4")]
    assert rows_of(read(b"a,b\n1,2\n3,")) == [(2, "1", "2"), (3, "3", "")]


def test_leading_blank_lines_and_untidy_header_cells() -> None:
    batches = read("\n  ,\n 甲 ,\u3000乙\u3000,\n1,2,3\n".encode())
    assert batches[0].rows.columns == [LINE, "甲", "乙", "#3"]
    assert rows_of(batches) == [(4, "1", "2", "3")]


def test_a_header_may_be_quoted_over_two_lines() -> None:
    batches = read('"甲\n乙",丙\n1,2\n'.encode())
    assert batches[0].rows.columns == [LINE, "甲\n乙", "丙"]
    assert rows_of(batches) == [(3, "1", "2")]


def test_a_column_that_is_called_like_ours_gets_another_name() -> None:
    assert read(b"_line,b\n1,2\n")[0].rows.columns == [LINE, "#1", "b"]


def test_one_column_is_a_table_too() -> None:
    assert rows_of(read("甲\n1\n\n3\n".encode())) == [(2, "1"), (4, "3")]


def test_the_same_name_twice_in_the_header() -> None:
    assert fault(b"a,b,a \n1,2,3\n") == ("column_duplicate", 1)


def test_an_empty_file_and_one_of_blank_lines() -> None:
    assert fault(b"")[0] == "file_empty"
    assert fault(b"\xef\xbb\xbf")[0] == "file_empty"
    assert fault(b"\n\n \n")[0] == "file_empty"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n1,2\n3,"4\n5,6\n7,8\n', 3),
        ('a,b\n1,2\n"3,4\n5,6\n7,8', 3),
        ('a,b\n"x\ny",2\n3\n\n3,"4', 6),
        ('a,"b\n1,2\n', 1),
    ],
)
def test_a_quotation_mark_that_never_closes_is_found_at_its_row(text: str, line: int) -> None:
    assert fault(text.encode()) == ("quote_open", line)


def test_an_open_quotation_mark_far_from_the_end() -> None:
    text = "a,b\n" + "1,2\n" * 20 + '3,"4\n' + "1,2\n" * 1000
    assert fault(text.encode(), block=256) == ("quote_open", 22)


def test_marks_inside_a_bare_cell_are_text() -> None:
    assert rows_of(read(b'a,b\n5" pipe,x\n')) == [(2, '5" pipe', "x")]


@pytest.mark.parametrize("block", range(64, 80))
def test_a_line_end_of_two_characters_is_never_torn(block: int) -> None:
    text = "a,b\r\n" + '1,"x\r\ny"\r\n' * 40
    assert rows_of(read(text.encode(), block=block)) == [
        (2 + 2 * at, "1", "x\r\ny") for at in range(40)
    ]


def test_reading_can_stop_anywhere() -> None:
    with TemporaryDirectory() as folder:
        data = b"a,b\n" + b"1,2\n" * 10_000
        artefact = Store(Path(folder)).keep(io.BytesIO(data), "f.csv")
        batches = read_csv(feed_of(), artefact, 512)
        assert next(batches).rows.height > 0
        batches.close()  # type: ignore[attr-defined]
