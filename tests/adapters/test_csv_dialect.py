"""CSV that isn't separated by commas or quoted with `"`, and what others made to be awkward."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.csv_dialect import BLANKS
from adapters.feed import Breaker, Feed, Format, Source
from adapters.format_csv import read_csv
from adapters.opener import Artefact
from exchange_schemas.batch import LINE
from exchange_schemas.errors import Misdeclared, SourceUnreadable
from tests.adapters.conftest import Desk, Read

HORROR = "data/awkward-tables/messytables_horror"


def read_file(path: Path, block: int | None = None, **told: Any) -> Read:
    options = {"encoding": "utf-8", **told}
    feed = Feed("f", {}, "s", None, Source("file"), Format("csv", options), "snapshot", (), {}, {},
                Breaker(), Path("f.yml"))  # fmt: skip
    artefact = Artefact("", path, path.stat().st_size, path.name)
    return Read(list(read_csv(feed, artefact, block)))


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("csv") / "f.csv"

    def read(content: str, block: int | None = None, **told: Any) -> Read:
        path.write_bytes(content.encode())
        return read_file(path, block, **told)

    return read


CELL = st.text(st.sampled_from(list("ab'\"|,\\ 名𠮷")), min_size=1, max_size=6)


@given(st.lists(st.tuples(CELL, CELL), max_size=20), st.sampled_from(["'", '"']),
       st.sampled_from(["\n", "\r\n"]), st.booleans())  # fmt: skip
def test_what_python_writes_is_read(
    write: Any, rows: list[tuple[str, str]], quote: str, end: str, escaped: bool
) -> None:
    target = io.StringIO()
    told: dict[str, Any] = {"escapechar": "\\", "doublequote": False} if escaped else {}
    writer = csv.writer(target, quotechar=quote, delimiter="|", lineterminator=end,
                        quoting=csv.QUOTE_ALL, **told)  # fmt: skip
    writer.writerow(["x", "y"])
    writer.writerows(rows)
    options = {"escape": "\\"} if escaped else {}
    found = write(target.getvalue(), quote=quote, delimiter="|", **options)
    assert found.rows.rows() == [(line, *row) for line, row in enumerate(rows, 2)]


PLAIN = st.text(st.sampled_from(list("ab'\"|,名")), min_size=1, max_size=6)


@given(st.lists(st.tuples(PLAIN, PLAIN, PLAIN), min_size=1, max_size=30),
       st.sampled_from(["@@", "‖", "<#>", BLANKS]), st.sampled_from(["\n", "\r\n", "\r"]),
       st.sampled_from([None, 120]))  # fmt: skip
def test_delimiters_of_any_length(
    write: Any, rows: list[tuple[str, ...]], delimiter: str, end: str, block: int | None
) -> None:
    between = " \t " if delimiter == BLANKS else delimiter
    text = "".join(between.join(row) + end for row in [("x", "y", "z"), *rows])
    found = write(text, block, delimiter=delimiter, quote="none")
    assert found.rows.rows() == [(line, *row) for line, row in enumerate(rows, 2)]
    assert found.issues == []


def test_blanks_at_the_edges_of_lines(write: Any) -> None:
    found = write("  a   b\n 1\t 2  \n\n3 4 5\n6 7", delimiter=BLANKS, quote="none")
    assert found.rows.rows() == [(2, "1", "2"), (5, "6", "7")]
    told = [(issue.code, issue.line, issue.value) for issue in found.issues]
    assert told == [("row_length", 4, "3 4 5"), ("row_blank", 3, "1")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_above_the_header(write: Any, end: str) -> None:
    text = end.join(['Title, "a', "", "a,b", "1,2", "3,4,5", "6,7"])
    found = write(text, skip=2)
    assert found.rows.rows() == [(4, "1", "2"), (6, "6", "7")]
    assert [(i.code, i.line) for i in found.issues] == [("row_length", 5)]
    with pytest.raises(SourceUnreadable) as caught:
        write(text, skip=6)
    assert caught.value.issue.code == "file_empty"


def test_a_file_without_a_header(write: Any) -> None:
    found = write("1,2\n3,4", names=["a", " b "])
    assert found.rows.columns == [LINE, "a", "b"]
    assert found.rows.rows() == [(1, "1", "2"), (2, "3", "4")]
    assert write("x,x\n1,2\n", names=["a", "b"], skip=1).rows.rows() == [(2, "1", "2")]
    assert write("1,2\n", names=["a", ""]).rows.columns == [LINE, "a", "#2"]
    with pytest.raises(SourceUnreadable):
        write("", names=["a"])


def test_marks_that_quote_nothing(write: Any) -> None:
    found = write('a,b\n"1,2\n3",4\n', quote="none")
    assert found.rows.rows() == [(2, '"1', "2"), (3, '3"', "4")]


def test_a_quote_that_stays_open(write: Any) -> None:
    for told in ({"quote": "'"}, {"quote": "'", "escape": "\\"}):
        with pytest.raises(SourceUnreadable) as caught:
            write("a,b\n1,'2\n3,4\n", **told)
        assert caught.value.issue.code == "quote_open"
    with pytest.raises(SourceUnreadable) as caught:
        write("a,b\n1,2\\", escape="\\")
    assert caught.value.issue.code == "quote_open"


def test_a_line_without_end(write: Any) -> None:
    with pytest.raises(SourceUnreadable) as caught:
        write("a@@b\n" + "x" * 100_000, 1024, delimiter="@@", quote="none")
    assert caught.value.issue.code == "format_invalid"


#: Options, rows, columns, and the codes of what is told; or the code of why it is refused.
AWKWARD: dict[str, tuple[dict[str, Any], Any]] = {
    "begrotingsanalyse-2011.csv": ({}, (41, 20, {"row_blank": 1})),
    "characters.csv": ({"encoding": "big5"}, (382, 18, {})),
    "complex.csv": ({}, (2, 4, {"row_length": 1})),  # a quote behind a blank isn't one
    "excel_pasting.csv": ({"skip": 3}, (16, 9, {"row_blank": 1})),
    "example.tsv": ({"delimiter": "\t"}, (140, 17, {})),
    "long.csv": ({}, (3999, 1, {})),
    "mixedGLB.csv": ({"skip": 3}, (133, 19, {})),
    "null.csv": ({"names": ["a", "b", "c", "d"]}, (10, 4, {})),
    "simple.csv": ({}, (6, 3, {})),
    "simple.psv": ({"delimiter": "|"}, (28, 6, {})),
    "simple.ssv": ({"delimiter": ";"}, (6, 3, {})),
    "simple.unknown": ({}, ("file_empty",)),
    "skip_initials.csv": ({}, (2, 2, {})),
    "small.csv": ({}, (0, 1, {})),
    "spanish_chars.csv": ({}, ("bytes_invalid",)),
    "sparse_with_column_errors.csv": ({}, ("bytes_invalid",)),
    "utf-16le_encoded.csv": ({"encoding": "utf-16"}, (327, 19, {})),
    "utf8bom.csv": ({}, (0, 2, {})),
    "weird_head_padding.csv": (
        {"delimiter": ";", "skip": 10},
        (60, 11, {"row_length": 16, "row_blank": 1}),
    ),
}


def outcome(path: Path, told: dict[str, Any]) -> Any:
    try:
        found = read_file(path, **told)
    except SourceUnreadable as error:
        return (error.issue.code,)
    codes = [issue.code for issue in found.issues]
    return found.rows.height, found.rows.width - 1, {code: codes.count(code) for code in codes}


def test_every_awkward_file_is_read_or_refused(shared: Path) -> None:
    folder = shared / HORROR
    kinds = (".csv", ".tsv", ".psv", ".ssv", ".unknown")
    assert {path.name for path in folder.iterdir() if path.suffix in kinds} == set(AWKWARD)
    assert {name: outcome(folder / name, told) for name, (told, _) in AWKWARD.items()} == {
        name: expected for name, (_, expected) in AWKWARD.items()
    }


@pytest.mark.parametrize(
    "told",
    [{"delimiter": "||"}, {"delimiter": "，"}, {"delimiter": "blanks"}, {"delimiter": '"'},
     {"delimiter": ""}, {"quote": "x"}, {"escape": "ab"}, {"names": []}, {"skip": 0}],
)  # fmt: skip
def test_wrong_declarations(desk: Desk, told: dict[str, Any]) -> None:
    with pytest.raises(Misdeclared):
        desk.declare(format={"kind": "csv", "encoding": "utf-8", **told})
