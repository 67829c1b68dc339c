"""The library: what the portal asks of the releases."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from publisher.library import DEEPEST, Library
from publisher.release import Release, build_release

CATALOGUE = load_catalogue()
USCC = "91440902194921018Q"

ENTITIES: list[dict[str, Any]] = [
    {
        "record_id": "e1", "subject_name": "茂名市供销合作联社贸易公司", "uscc": USCC,
        "established_on": "1979-10-01", "reg_state": "存续",
    },
    {
        "record_id": "e2", "subject_name": "高州市鑫源食品有限公司", "uscc": "91440981MA00000A0G",
        "established_on": "2015-03-04", "former_names": ["高州鑫源商行"],
    },
]  # fmt: skip
PENALTIES: list[dict[str, Any]] = [
    {
        "record_id": "p1", "subject_name": "茂名市供销合作联社贸易公司", "uscc": USCC,
        "doc_no": "茂市监罚〔2023〕12号", "decided_on": "2023-05-06", "penalty_kinds": ["罚款"],
    },
    {
        "record_id": "p2", "subject_name": "张某", "doc_no": "茂市监罚〔2024〕1号",
        "decided_on": "2024-05-06",
    },
]  # fmt: skip


def release(root: Path, dataset: str, rows: list[dict[str, Any]]) -> Release:
    standard = CATALOGUE.get(dataset)
    fields = {n: f.dtype for n, f in standard.fields_for("public").items()}
    view = pl.DataFrame(rows, schema={"record_id": pl.String, **fields})
    return build_release(root, standard, view)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    release(tmp_path, "market_entity", ENTITIES)
    release(tmp_path, "administrative_penalty", PENALTIES)
    return Library(tmp_path, CATALOGUE)


def test_the_current_release_of_each_dataset(library: Library) -> None:
    assert [r.dataset for r in library.datasets()] == ["administrative_penalty", "market_entity"]
    latest = library.latest("market_entity")
    assert latest is not None
    assert latest.counts["records"] == 2
    assert library.latest("food_sampling_result") is None


def test_search_in_all_datasets_newest_first(library: Library) -> None:
    hits = library.search("茂名市供销")
    assert hits.total == 2
    assert [(h.dataset, h.record_id) for h in hits.items] == [
        ("administrative_penalty", "p1"), ("market_entity", "e1"),
    ]  # fmt: skip
    assert hits.items[0].document == "茂市监罚〔2023〕12号"
    assert library.search(USCC).total == 2
    assert [h.record_id for h in library.search("(2023)12号").items] == ["p1"]


def test_search_in_one_dataset(library: Library) -> None:
    assert library.search("茂名", "market_entity").total == 1
    assert library.search("茂名", "food_sampling_result").total == 0
    assert library.search("茂名", "../market_entity").total == 0


def test_pages(library: Library) -> None:
    whole = library.search("市", size=10)
    pages = [library.search("市", page=page, size=1) for page in range(1, whole.total + 2)]
    assert {page.total for page in pages} == {whole.total}
    assert [hit for page in pages for hit in page.items] == whole.items
    assert library.search("市", page=DEEPEST, size=20).items == []
    assert library.search("市", page=0, size=10) == whole


@pytest.mark.parametrize("query", ["", " ", "〔〕", "\x00", '"', "*", "%", "a" * 5000])
def test_queries_without_an_answer(library: Library, query: str) -> None:
    assert library.search(query).items == []


def test_a_record_as_released_in_the_order_of_the_standard(library: Library) -> None:
    record = library.record("market_entity", "e2")
    assert record == ENTITIES[1]
    assert list(record) == [
        "record_id", "subject_name", "uscc", "established_on", "former_names",
    ]  # fmt: skip
    assert library.record("market_entity", "nobody") is None
    assert library.record("nothing", "e2") is None
    assert library.record("../market_entity", "e2") is None


def test_one_company_across_datasets(library: Library) -> None:
    found = library.subject(f" {USCC.lower()} ")
    assert {dataset: [hit.record_id for hit in hits] for dataset, hits in found.items()} == {
        "administrative_penalty": ["p1"], "market_entity": ["e1"],
    }  # fmt: skip
    assert library.subject("91440902") == {}


def test_a_preview_is_the_newest_records(library: Library) -> None:
    assert [row["record_id"] for row in library.preview("market_entity")] == ["e2", "e1"]
    assert len(library.preview("market_entity", 1)) == 1
    assert library.preview("food_sampling_result") == []


def test_a_new_release_counts_at_once_and_history_grows(library: Library) -> None:
    assert library.record("market_entity", "e1") is not None
    release(library.releases, "market_entity", ENTITIES[1:])
    assert library.record("market_entity", "e1") is None
    assert library.search("供销").total == 1
    assert [r.number for r in library.history("market_entity")] == [2, 1]


def test_a_part_of_the_history_and_one_release_of_it(library: Library) -> None:
    for upto in (1, 0):
        release(library.releases, "market_entity", ENTITIES[:upto])
    assert [r.number for r in library.history("market_entity", most=2)] == [3, 2]
    assert [r.number for r in library.history("market_entity", skip=2, most=2)] == [1]
    assert library.history("market_entity", skip=3, most=2) == []
    second = library.release("market_entity", 2)
    assert second is not None
    assert second.counts["records"] == 1
    for dataset, number in (("market_entity", 4), ("market_entity", 0), ("../x", 1)):
        assert library.release(dataset, number) is None


def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path / "none", CATALOGUE)
    assert library.datasets() == []
    assert library.search("茂名").total == 0
    assert library.subject(USCC) == {}
