"""The index finds what a scan of the text would find, and nothing else."""

import csv
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.standard import Roles
from publisher.bigrams import folded, pairs, phrase_query
from publisher.index import Index, build_index, open_index
from tests.publisher.samples import PENALTY, released

ROLES = Roles("name", "code", "document", "date")


@contextmanager
def index_of(*rows: tuple[str | None, str | None, str | None]) -> Iterator[Index]:
    """An index of (name, code, document) rows; record ids are r0, r1 …"""
    columns = {"name": pl.String, "code": pl.String, "document": pl.String}
    frame = pl.DataFrame(list(rows), schema=columns, orient="row").with_columns(
        pl.format("r{}", pl.int_range(pl.len())).alias("record_id"), pl.lit(None).alias("date")
    )
    place = pl.DataFrame({"start": [0] * frame.height, "length": [1] * frame.height})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.sqlite"
        build_index(path, ROLES, frame, place)
        with open_index(path) as index:
            yield index


def ids(index: Index, query: str) -> list[str]:
    found = [hit.record_id for hit in index.find(query, limit=10_000)]
    assert index.count(query) == len(found)
    return found


def scan(rows: list[tuple[str | None, str | None, str | None]], query: str) -> list[str]:
    """What a plain substring scan of the folded texts finds."""
    wanted = pl.select(folded(pl.lit(query))).item()
    frame = pl.DataFrame(rows, schema=["n", "c", "d"], orient="row").cast(pl.String)
    texts = frame.select(folded(pl.all()))
    hit = pl.any_horizontal(pl.all().str.contains(wanted, literal=True).fill_null(value=False))
    hits = texts.select(hit).to_series() if texts.height else []
    return [f"r{n}" for n, holds in enumerate(hits) if holds and wanted]


def test_pairs_overlap_and_end_with_the_last_character() -> None:
    texts = pl.Series(["高州市", "市", "", None, "𠮷野家"])
    assert pairs(texts) == ["高州 州市 市 ", "市 ", "", "", "𠮷野 野家 家 "]
    assert pairs(pl.Series([], dtype=pl.String)) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("高州", '"高州"'), ("高州市", '"高州 州市"'), ("市", '"市" *'), ("", ""), ("《》〔〕-", ""),
        ("ａｂｃ", '"AB BC"'), ("高州 水泥", '"高州" AND "水泥"'), ('"OR NEAR(', '"OR" AND "NE EA AR"'),
    ],
)  # fmt: skip
def test_queries_are_phrases_of_pairs(query: str, words: str) -> None:
    assert phrase_query(query) == words


def test_chinese_names_by_any_part() -> None:
    with index_of(
        ("高州市鑫源食品有限公司", None, None),
        ("茂名市鑫源商行", None, None),
        ("高州酒业", None, None),
    ) as index:
        assert ids(index, "鑫源") == ["r0", "r1"]
        assert ids(index, "高州") == ["r0", "r2"]
        assert ids(index, "源食") == ["r0"]
        assert ids(index, "业") == ["r2"]
        assert ids(index, "高") == ["r0", "r2"]
        assert ids(index, "州高") == []
        assert ids(index, "食品 高州") == ["r0"]


@pytest.mark.parametrize(
    "query",
    [
        "茂市监罚〔2023〕12号", "茂市监罚(2023)12号", "茂市监罚（2023）12号", "茂市监罚[2023]12号",
        "茂市监罚【2023】12号", "茂市监罚﹝２０２３﹞１２号", "监罚〔2023〕", "2023 12号", "〔2023〕12",
    ],
)  # fmt: skip
def test_document_numbers_with_any_brackets_and_by_part(query: str) -> None:
    with index_of(
        ("甲", None, "茂市监罚〔2023〕12号"), ("乙", None, "电市监罚〔2022〕3号")
    ) as index:
        assert ids(index, query) == ["r0"]


def test_credit_codes_exactly_and_by_part() -> None:
    with index_of(("甲", "91440902194921018Q", None), ("乙", "91440904195174149F", None)) as index:
        assert ids(index, "91440902194921018Q") == ["r0"]
        assert ids(index, "91440902194921018q") == ["r0"]
        assert ids(index, "9144090") == ["r0", "r1"]
        assert ids(index, "174149F") == ["r1"]
        assert [hit.record_id for hit in index.of_code("91440904195174149F")] == ["r1"]
        assert index.of_code("9144090") == []


def test_a_phrase_does_not_run_from_one_field_into_the_next() -> None:
    with index_of(("高州", "水泥", "厂")) as index:
        assert ids(index, "州水") == []
        assert ids(index, "泥厂") == []


few = st.text(st.sampled_from("高州市茂名12aA ()〔〕-é𠮷ﬁ①\u0301"), max_size=8)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
cell = st.none() | few | anything


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(cell, cell, cell), max_size=6), few | anything)
def test_hits_equal_a_scan(
    rows: list[tuple[str | None, str | None, str | None]], query: str
) -> None:
    query = "".join(query.split())  # blanks separate words that are all wanted
    with index_of(*rows) as index:
        assert ids(index, query) == scan(rows, query)


def test_real_names_equal_a_scan(shared: Path) -> None:
    source = shared / "data/enterprise-registration/kinginsun_茂名_all_years.csv"
    with source.open(encoding="utf-8", newline="") as file:
        rows = [(row[0], row[1], None) for row in islice(csv.reader(file), 1, 1001)]
    with index_of(*rows) as index:
        for query in (
            "高州",
            "公司",
            "有限公司",
            "司",
            "电白县",
            "9144",
            "茂名市",
            "(",
            "0",
            "鑫源",
            "Q",
        ):
            assert ids(index, query) == scan(rows, query), query


def test_pages_follow_on_each_other(tmp_path: Path) -> None:
    rows = [(f"茂名{number}", None, None) for number in range(45)]
    with index_of(*rows) as index:
        pages = [index.find("茂名", offset, 20) for offset in (0, 20, 40, 60)]
    assert [len(page) for page in pages] == [20, 20, 5, 0]
    assert [hit.record_id for page in pages for hit in page] == [f"r{n}" for n in range(45)]


def test_an_open_index_cannot_be_written(tmp_path: Path) -> None:
    path = released(tmp_path).path / "index.sqlite"
    before = path.read_bytes()
    with open_index(path) as index, pytest.raises(sqlite3.OperationalError, match="readonly"):
        index._connection.execute("DELETE FROM record")
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.glob("index.sqlite?*")] == []


def test_a_missing_index_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError), open_index(tmp_path / "no.sqlite") as index:
        index.count("高州")
    assert list(tmp_path.iterdir()) == []


def test_a_path_with_signs_of_addresses_opens(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c#d%20高州"
    made = released(folder)
    assert made.dataset == PENALTY
    with open_index(made.path / "index.sqlite") as index:
        assert index.count("鑫源") == 1
