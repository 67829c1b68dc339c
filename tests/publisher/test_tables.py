"""Tables, counts and what is new: from the files and from PostgreSQL."""

import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from publisher.library import Library
from publisher.query import Filters
from publisher.selection import Selection
from tests.publisher.shelf import ENTITIES, PENALTIES, USCC, chosen_of, release

MANY = "administrative_penalty"


def ids(library: Library, dataset: str = MANY, **asked: Any) -> list[str]:
    """The record ids of one page."""
    rows = library.rows(dataset, **asked)
    return [str(row["record_id"]) for row in rows.records]


def penalties(count: int) -> list[dict[str, Any]]:
    """Records with repeated values and gaps."""
    rng = random.Random(7)
    return [
        {
            **PENALTIES[0], "record_id": f"p{n:03}", "doc_no": f"茂市监罚〔2024〕{n}号",
            "subject_name": rng.choice(["高州酒业", "茂名商行", "信宜超市"]),
            "fine_wan": rng.choice([None, "2.5", "10", "9.75"]),
            "decided_on": f"2024-0{rng.randint(1, 9)}-01",
            "penalty_kinds": rng.choice([None, ["罚款"], ["警告", "罚款"]]),
            "long_term": rng.choice([None, True, False]),
        }
        for n in range(60)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["p2", "p1"]), ({"where": {"subject_name": "张某"}}, ["p2"]),
        ({"where": {"doc_no": ["茂市监罚〔2024〕1号", "x"]}}, ["p2"]), ({"where": {"uscc": []}}, []),
        ({"where": {"penalty_kinds": "警告"}}, ["p1"]), ({"where": {"division_code": "440981"}}, ["p2"]),
        ({"where": {"authority": "高州市市场监督管理局"}}, ["p2"]), ({"where": {"salt": "x"}}, []),
        ({"where": {"authority": "高州市"}}, []), ({"where": {"nothing": "x"}}, []),
        ({"where": {"cert_no": "x"}}, []), ({"where": {"record_id": "p1"}}, ["p1"]),
        ({"words": "供销"}, ["p1"]), ({"words": "供销", "where": {"subject_name": "张某"}}, []),
        ({"filters": Filters(kind="罚款")}, ["p2", "p1"]), ({"sort": "fine_wan"}, ["p1", "p2"]),
        ({"sort": "-fine_wan"}, ["p2", "p1"]), ({"sort": "decided_on"}, ["p1", "p2"]),
        ({"sort": "nothing"}, ["p2", "p1"]), ({"offset": 1}, ["p1"]), ({"offset": 9}, []),
        ({"size": 0}, []), ({"sort": "uscc"}, ["p1", "p2"]), ({"sort": "-uscc"}, ["p1", "p2"]),
    ],
)  # fmt: skip
def test_rows(library: Library, asked: dict[str, Any], found: list[str]) -> None:
    assert ids(library, **asked) == found


def test_a_row_is_the_record_as_released(library: Library) -> None:
    rows = library.rows(MANY, {"record_id": ["p1"]})
    assert rows.total == 1
    assert rows.records == [library.record(MANY, "p1")]
    assert library.rows("nothing").records == library.rows("../x").records == []


@pytest.mark.parametrize("sort", [None, "fine_wan", "-fine_wan", "subject_name", "penalty_kinds"])
def test_pages_of_a_table_follow_on_each_other(library: Library, sort: str | None) -> None:
    release(library.releases, MANY, penalties(60))
    where = {"subject_name": ["高州酒业", "茂名商行"]}
    whole = library.rows(MANY, where, sort=sort, size=100)
    pages = [library.rows(MANY, where, sort=sort, size=7)]
    while pages[-1].after:
        pages.append(library.rows(MANY, where, sort=sort, size=7, after=pages[-1].after))
    assert [row for page in pages for row in page.records] == whole.records
    assert (
        len(whole.records)
        == whole.total
        == sum(row["subject_name"] != "信宜超市" for row in penalties(60))
    )
    if sort and sort.endswith("fine_wan"):
        told = [float(row["fine_wan"]) for row in whole.records if "fine_wan" in row]
        assert told == sorted(told, reverse=sort.startswith("-"))
        assert all("fine_wan" not in row for row in whole.records[len(told) :])


def test_a_cursor_goes_on_in_the_next_release(library: Library) -> None:
    """Records that were put before the cursor, or removed, don't shift the pages."""
    old = penalties(60)
    release(library.releases, MANY, old)
    first = library.rows(MANY, size=10)
    hits = library.search("", Filters(MANY), size=10)
    seen = [row["record_id"] for row in first.records]
    assert seen == [hit.record_id for hit in hits.items]
    new = [{**old[0], "record_id": f"new{n}", "decided_on": "2025-01-01"} for n in range(5)]
    live = [row for row in old if row["record_id"] not in seen[3:6]]
    release(library.releases, MANY, [*new, *live])
    expected = ids(library, size=100)[5 + 7 :][:10]
    assert ids(library, after=first.after, size=10) == expected
    after = library.search("", Filters(MANY), after=hits.after, size=10)
    assert [hit.record_id for hit in after.items] == expected


@pytest.mark.parametrize("words", ["", "高州", "罚 茂名", "2024"])
def test_rows_are_those_of_the_selection(library: Library, words: str) -> None:
    release(library.releases, MANY, penalties(60))
    latest = library.latest(MANY)
    assert latest is not None
    for where in (
        {"fine_wan": ["10", "2.5"]},
        {"long_term": ["true"]},
        {"penalty_kinds": ["警告"]},
    ):
        for filters in (Filters(), Filters(kind="罚款"), Filters(since="2024-05-01")):
            chosen = Selection(filters, where, words)
            assert library.rows(MANY, where, words, filters).total == chosen_of(latest, chosen)


def test_counts(library: Library) -> None:
    assert library.counts(MANY, "year") == library.years(MANY) == {"2023": 1, "2024": 1}
    assert library.counts(MANY, "month") == {"2023-05": 1, "2024-05": 1}
    assert library.counts(MANY, "kind") == {"罚款": 2, "警告": 1}
    assert library.counts(MANY, "county", Filters(kind="警告")) == {"440902": 1}
    assert library.counts("market_entity", "department") == {}
    assert library.counts("nothing", "kind") == {}


def test_what_is_new(library: Library) -> None:
    days = ["2024-06-03", None, "2024-06-05", "2024-06-04"]
    rows = [{**ENTITIES[0], "record_id": f"e{n}", "published_on": d} for n, d in enumerate(days)]
    release(library.releases, "market_entity", rows)

    def new(since: str, size: int = 20) -> list[str]:
        return [hit.record_id for hit in library.newest("market_entity", since, size)]

    assert new("2024-06-04") == ["e2", "e3"]
    assert new("2024-01-01") == ["e2", "e3", "e0"]
    assert new("2024-01-01", 1) == ["e2"]
    assert new("2024-07-01") == []
    assert library.newest("nothing", "2024-01-01") == []


def test_an_index_that_is_damaged_takes_only_its_dataset_away(library: Library) -> None:
    latest = library.latest("market_entity")
    assert latest is not None
    index = latest.path / "internal" / "index.sqlite"
    index.chmod(0o644)
    index.write_bytes(b"no database")
    hits = library.search("茂名")
    assert [hit.record_id for hit in hits.items] == ["p1"]
    assert hits.updating == ("market_entity",)
    assert set(library.subject(USCC)) == {MANY}
    assert len(library.datasets()) == 2


@pytest.mark.parametrize("name", ["current.json", "1/manifest.json"])
def test_a_manifest_that_is_damaged_takes_only_its_dataset_away(
    library: Library, name: str
) -> None:
    path = library.releases / "market_entity" / name
    path.chmod(0o644)
    path.write_text("{")
    assert [one.dataset for one in library.datasets()] == [MANY]
    assert library.updating() == library.search("茂名").updating == ("market_entity",)
    assert library.search("茂名").total == 1
    assert library.search("茂名", Filters("market_entity")).updating == ("market_entity",)


def test_columns_stand_in_the_order_of_the_release(library: Library, tmp_path: Path) -> None:
    release(tmp_path, MANY, penalties(60))
    latest = library.latest(MANY)
    assert latest is not None
    told = library.store.columns(latest, ["record_id", "nothing", "fine_wan"])
    assert told.columns == ["record_id", "fine_wan"]
    assert told["record_id"].to_list() == ids(library, size=100)
    assert told.schema["fine_wan"] == pl.String
