"""The library: what the portal asks of the releases, read from their files and from PostgreSQL."""

from pathlib import Path

import pytest

from publisher.library import Library
from publisher.query import Facet, Filters, Hit
from publisher.selection import Selection
from tests.publisher.shelf import CATALOGUE, ENTITIES, PENALTIES, USCC, chosen_of, release


def found(hits: list[Hit]) -> list[str]:
    return [hit.record_id for hit in hits]


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
    assert library.search("茂名", Filters("market_entity")).total == 1
    assert library.search("茂名", Filters("food_sampling_result")).total == 0
    assert library.search("茂名", Filters("../market_entity")).total == 0


def test_a_hit_tells_the_roles(library: Library) -> None:
    assert library.search("12号").items == [
        Hit(
            "administrative_penalty", "p1", "茂名市供销合作联社贸易公司", USCC, "茂市监罚〔2023〕12号",
            "2023-05-06", "茂名市市场监督管理局", "440902", "罚款；警告",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "filters", "ids"),
    [
        ("", Filters(), ["p2", "p1", "e2", "e1"]), ("", Filters(kind="罚款"), ["p2", "p1"]),
        ("", Filters(county="440981"), ["p2"]), ("供销", Filters(kind="警告"), ["p1"]),
        ("", Filters(department="茂名市市场监督管理局"), ["p1"]), ("张", Filters(kind="警告"), []),
        ("", Filters(since="2023-05-06"), ["p2", "p1"]), ("", Filters(until="2015-03-04"), ["e2", "e1"]),
        ("", Filters("market_entity"), ["e2", "e1"]), ("〔〕 茂名", Filters(), ["p1", "e1"]),
    ],
)  # fmt: skip
def test_filters(library: Library, words: str, filters: Filters, ids: list[str]) -> None:
    assert found(library.search(words, filters).items) == ids
    datasets = [filters.dataset] if filters.dataset else CATALOGUE.datasets()
    scanned = 0
    for one in filter(None, map(library.latest, datasets)):
        scanned += chosen_of(one, Selection(filters, words=words))
    assert library.search(words, filters).total == scanned == len(ids)


def test_facets(library: Library) -> None:
    facets = library.search("茂", facets=True).facets
    assert facets == {
        "dataset": [Facet("administrative_penalty", 2), Facet("market_entity", 1)],
        "department": [Facet("茂名市市场监督管理局", 1), Facet("高州市市场监督管理局", 1)],
        "county": [Facet("440902", 1), Facet("440981", 1)],
        "kind": [Facet("罚款", 2), Facet("警告", 1)],
    }
    assert library.search("茂名").facets == {}


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_follow_on_each_other(library: Library, size: int) -> None:
    whole = library.search("市", size=10)
    pages = [library.search("市", size=size)]
    while pages[-1].after:
        pages.append(library.search("市", after=pages[-1].after, size=size))
    assert {page.total for page in pages} == {whole.total}
    assert [hit for page in pages for hit in page.items] == whole.items
    assert len(pages) == -(-whole.total // size)


def test_days_that_many_datasets_have(library: Library) -> None:
    """Pages neither repeat nor leave out a hit where records of several datasets are of one day."""
    same = {"established_on": "2024-05-06"}
    more = [{**ENTITIES[0], "record_id": f"e{n}", **same} for n in range(3, 9)]
    release(library.releases, "market_entity", [*ENTITIES, *more])
    same = {"decided_on": "2024-05-06"}
    more = [{**PENALTIES[0], "record_id": f"p{n}", **same} for n in range(3, 9)]
    release(library.releases, "administrative_penalty", [*PENALTIES, *more])
    whole = found(library.search("", size=100).items)
    assert len(set(whole)) == len(whole) == 16
    for size in (1, 3, 5):
        ids, after = [], None
        while True:
            page = library.search("", after=after, size=size)
            ids += found(page.items)
            after = page.after
            if after is None:
                break
        assert ids == whole


@pytest.mark.parametrize("after", ["", "x", "%", "W10", "WyIxIl0", "null", "a" * 5000, "é"])
def test_a_cursor_that_nobody_gave_is_the_first_page(library: Library, after: str) -> None:
    assert library.search("市", after=after) == library.search("市")
    assert library.rows("market_entity", after=after) == library.rows("market_entity")


@pytest.mark.parametrize("query", ["\x00", '"', "*", "%", "a" * 5000, "' OR 1=1 --", "\ud800"[:0]])
def test_queries_are_only_words(library: Library, query: str) -> None:
    assert library.search(query).total in (0, 4)  # without a letter there is nothing to look for


def test_a_record_as_released_in_the_order_of_the_standard(library: Library) -> None:
    record = library.record("market_entity", "e2")
    assert record is not None
    assert {n: v for n, v in record.items() if n != "salt"} == ENTITIES[1]
    assert list(record) == [
        "record_id", "subject_name", "uscc", "established_on", "former_names", "salt",
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
