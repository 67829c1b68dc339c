"""The index finds exactly what a scan for the characters would find, in the order of the release."""

import csv
import sqlite3
import tempfile
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from publisher.bigrams import words_of
from publisher.index import Index
from publisher.query import Filters
from tests.publisher.indexes import Row, frame, ids, read, reading, scan, write

COMPANIES: list[Row] = [
    {
        "name": "高州市鑫源食品有限公司", "code": "91440902194921018Q", "date": "2024-03-02",
        "document": "茂市监罚〔2023〕12号", "department": "茂名市市场监督管理局",
        "county": "440981", "kind": ["罚款", "警告"], "published_on": "2024-03-05",
    },
    {
        "name": "茂名市鑫源商行", "code": "91440904195174149F", "date": "2024-01-31",
        "document": "电市监罚〔2022〕3号", "department": "电白区市场监督管理局",
        "county": "440904", "kind": ["罚款"], "published_on": "2024-03-07",
    },
    {
        "name": "高州酒业", "product": "桂圆酒", "batch": "2023-05-06/B12", "date": None,
        "parties": ["化州市天天超市", "张三酒行"], "county": "440981001002",
    },
]  # fmt: skip


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return read(write(tmp_path / "index.sqlite", frame(COMPANIES)))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("高州", ["高州"]), ("", []), ("《》〔〕-", []), ("ａｂｃ", ["ABC"]),
        ("高州 水泥 高州", ["高州", "水泥"]), ('"OR NEAR(', ["OR", "NEAR"]), ("é", ["É"]),
    ],
)  # fmt: skip
def test_words_are_folded(query: str, words: list[str]) -> None:
    assert words_of(query) == words


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("鑫源", [0, 1]), ("高州", [0, 2]), ("源食", [0]), ("业", [2]), ("高", [0, 2]), ("州高", []),
        ("食品 高州", [0]), ("有限公司", [0]), ("高州市鑫源食品有限公司", [0]), ("鑫源食品公司", []),
        ("桂圆", [2]), ("天天超市", [2]), ("市张", []), ("20230506B12", [2]), ("2023-05", [2]),
        ("91440902194921018q", [0]), ("9144090", [0, 1]), ("174149F", [1]), ("18Q茂", []),
        ("茂市监罚(2023)12号", [0]), ("茂市监罚﹝２０２３﹞１２号", [0]), ("监罚〔2023〕", [0]),
        ("2023 12号", [0]), ("〔2023〕12", [0]), ("[2023]", [0, 2]),
    ],
)  # fmt: skip
def test_any_part_of_a_text_is_found(index: Index, query: str, found: list[int]) -> None:
    assert ids(index, query) == [f"r{n:04}" for n in found]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(), [0, 1, 2]), (Filters(county="440981"), [0, 2]), (Filters(kind="罚款"), [0, 1]),
        (Filters(kind="警告"), [0]), (Filters(kind="罚"), []), (Filters(county="4409"), []),
        (Filters(department="电白区市场监督管理局"), [1]), (Filters(since="2024-02-01"), [0]),
        (Filters(until="2024-03-01"), [1]), (Filters(since="2024-01-31", until="2024-03-02"), [0, 1]),
        (Filters(since="2024-03-03"), []), (Filters(county="440981", kind="罚款"), [0]),
        (Filters(since="2025-01-01", until="2024-01-01"), []),
    ],
)  # fmt: skip
def test_filters(index: Index, filters: Filters, found: list[int]) -> None:
    assert ids(index, "", filters) == [f"r{n:04}" for n in found]


def test_values_and_periods_are_counted(index: Index) -> None:
    flags = index.matching("", Filters())
    assert index.tally("kind", flags) == {"罚款": 2, "警告": 1}
    assert index.tally("county", flags) == {"440981": 2, "440904": 1}
    assert index.tally("kind", index.matching("茂名", Filters())) == {"罚款": 1}
    assert index.periods("month", flags) == {"2024-01": 1, "2024-03": 1}
    assert index.periods("year", flags) == {"2024": 2}


def test_a_phrase_does_not_run_from_one_text_into_the_next(tmp_path: Path) -> None:
    rows = frame([{"name": "高州", "code": "水泥", "parties": ["厂房", None, "出租"]}])
    index = read(write(tmp_path / "index.sqlite", rows))
    for query in ("州水", "泥厂", "房出"):
        assert ids(index, query) == []
    assert ids(index, "出租") == ["r0000"]


few = st.text(st.sampled_from("高州市茂名12aA ()〔〕-é𠮷ﬁ①\u0301ß\n·"), max_size=8)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
long = st.integers(1, 90).map(lambda n: "高州市鑫源" * n)
cell = st.none() | few | anything | long
rows_told = st.lists(
    st.fixed_dictionaries(
        {"name": cell, "code": cell, "parties": st.none() | st.lists(st.none() | few, max_size=3)}
    ),
    max_size=6,
)


@settings(max_examples=120, deadline=None)
@given(rows_told, few | anything | long)
@example([{"name": "市"}] * 40 + [{"name": "高市" * 300}], "市")
@example([{"name": "e\n\u0301"}, {"name": "e\u0301"}], "é")
def test_hits_equal_a_scan(rows: list[Row], query: str) -> None:
    told = frame(rows)
    with tempfile.TemporaryDirectory() as folder:
        index = read(write(Path(folder) / "index.sqlite", told))
        assert ids(index, query) == scan(told, query)


def test_real_names_equal_a_scan(shared: Path, tmp_path: Path) -> None:
    source = shared / "data/enterprise-registration/kinginsun_茂名_all_years.csv"
    with source.open(encoding="utf-8", newline="") as file:
        told = [{"name": row[0], "code": row[1]} for row in islice(csv.reader(file), 1, 1501)]
    rows = frame(told)
    index = read(write(tmp_path / "index.sqlite", rows))
    for query in (
        "高州",
        "公司",
        "有限公司",
        "司",
        "电白县",
        "9144",
        "茂名市",
        "0",
        "鑫源",
        "Q",
        "电白 公司",
    ):
        assert ids(index, query) == scan(rows, query), query


def test_more_than_a_chunk(tmp_path: Path) -> None:
    """Records before and behind the border of a chunk, in the order of the release."""
    told = [{"name": f"茂名{n}号", "date": f"20{n % 20 + 10}-01-01"} for n in range(70_000)]
    told[100]["name"] = "高州" * 40_000  # has no room at the end of a chunk
    rows = frame([{"record_id": f"r{n:06}", **row} for n, row in enumerate(told)])
    index = read(write(tmp_path / "index.sqlite", rows))
    for query in ("6553", "茂名69999号", "州高", "999"):
        assert ids(index, query) == scan(rows, query), query
    assert index.rows == 70_000


def test_an_index_of_nothing(tmp_path: Path) -> None:
    index = read(write(tmp_path / "index.sqlite", frame([])))
    assert (ids(index, ""), ids(index, "高州"), ids(index, "高")) == ([], [], [])
    assert index.tally("kind", index.matching("", Filters())) == {}
    assert index.row("r0") is None


def test_an_open_index_cannot_be_written(tmp_path: Path) -> None:
    path = write(tmp_path / "index.sqlite", frame(COMPANIES))
    before = path.read_bytes()
    with (
        reading(path) as opened,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        opened._connection.execute("DELETE FROM record")  # type: ignore[attr-defined]
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["index.sqlite"]


def test_a_missing_index_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        read(tmp_path / "no.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_path_with_signs_of_addresses_opens(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c#d%20高州"
    folder.mkdir()
    assert ids(read(write(folder / "index.sqlite", frame(COMPANIES))), "酒行") == ["r0002"]
