"""The departments' real files, read whole by the shipped feeds, with exact counts.

A human has read the refused cells named here and agrees with each.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

import adapters
from adapters.artefact import Store
from adapters.declaration import load_feed
from adapters.feed import Feed
from adapters.mapping import normalise
from adapters.pull import pull, read
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import load_catalogue

FEEDS = Path(str(adapters.__file__)).parent / "feeds"

# feed: rows read into batches, rows that couldn't be split, issues by code
COUNTS: dict[str, tuple[int, int, dict[str, int]]] = {
    "kinginsun_zhejiang_1992": (2_385, 1, {"row_length": 1, "amount_unreadable": 1}),
    "kinginsun_ningxia_2015": (9_620, 0, {}),
    "kinginsun_jiangxi_2018": (8_744, 0, {"amount_unreadable": 1}),
    "kinginsun_jiangxi_gb18030": (2_000, 0, {"amount_unreadable": 1}),
    "kinginsun_maoming": (1_678, 0, {"amount_unreadable": 1}),
    "kinginsun_national": (300_430, 1, {"row_length": 1, "amount_unreadable": 45}),
    "ningbo_entities": (999, 0, {}),
    "ningbo_abnormal": (50, 0, {}),
    "foodmate_2021_1": (629, 0, {}),
    "foodmate_2021_2": (1_213, 0, {}),
    "foodmate_2022": (2_297, 0, {}),
    "env_penalties": (6, 0, {"total_differs": 1}),
    "complaint_messages": (4_326, 0, {}),
    "fruit_prices": (79_621, 0, {}),
    "open_data_catalogue": (190, 0, {}),
    "accounting_firm_licences": (4_000, 0, {"date_unreadable": 16}),
    "drug_numbers_domestic": (1_718, 0, {}),
    "drug_numbers_import": (2_872, 0, {}),
}


@pytest.fixture
def data(shared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FEED_DATA", str(shared / "data"))
    return shared / "data"


def through(name: str, store: Path) -> tuple[Feed, Batch]:
    feed = load_feed(FEEDS / f"{name}.yml")
    standard = load_catalogue().get(feed.standard)
    batches = [
        normalise(feed, standard, raw) for raw in read(feed, pull(feed, Store(store)).artefact)
    ]
    return feed, Batch(
        pl.concat([batch.rows for batch in batches]),
        pl.concat([batch.issues for batch in batches]),
        sum(batch.unreadable for batch in batches),
    )


@pytest.mark.parametrize("name", COUNTS)
def test_counts(data: Path, tmp_path: Path, name: str) -> None:
    _, batch = through(name, tmp_path)
    rows, unreadable, issues = COUNTS[name]
    assert (batch.rows.height, batch.unreadable) == (rows, unreadable)
    assert Counter(batch.issues["code"].to_list()) == Counter(issues)


def refused(batch: Batch, code: str) -> list[tuple[int, str]]:
    return batch.issues.filter(pl.col("code") == code).sort("line").select("line", "value").rows()


def test_the_row_with_nine_cells(data: Path, tmp_path: Path) -> None:
    _, batch = through("kinginsun_zhejiang_1992", tmp_path)
    ((line, text),) = refused(batch, "row_length")
    assert (line, text[:10]) == (1634, "杭州金马房地产有限公")
    assert refused(batch, "amount_unreadable") == [(723, "凭相关有效证件经营)**")]


def test_capital_that_tells_nothing(data: Path, tmp_path: Path) -> None:
    assert [
        v for _, v in refused(through("kinginsun_jiangxi_2018", tmp_path)[1], "amount_unreadable")
    ] == ["30,000(元/万元)"]
    assert [
        v for _, v in refused(through("kinginsun_maoming", tmp_path)[1], "amount_unreadable")
    ] == ["梁祝贵"]


def test_the_national_file(data: Path, tmp_path: Path) -> None:
    _, batch = through("kinginsun_national", tmp_path)
    assert batch.rows[LINE].is_sorted() and batch.rows[LINE][-1] == 300_432
    assert refused(batch, "row_length")[0][0] == 240_542
    amounts = Counter(value for _, value in refused(batch, "amount_unreadable"))
    assert amounts["1,0000000(万)"] == 8  # a point or a comma is lost: nobody can tell how much
    assert amounts["002万人民币"] == 4  # the tail of a number that was cut at its comma
    assert amounts["HENRI PERROT"] == 1  # the cells of this row are one to the right
    assert batch.rows["reg_no"].drop_nulls().len() == 850  # not 18 characters in the code's column
    assert batch.rows["capital_currency"].value_counts(sort=True)["capital_currency"].to_list()[
        :4
    ] == ["CNY", None, "USD", "HKD"]
    assert not batch.rows["business_scope"].str.contains("〓$").any()


def test_lines_are_those_of_the_file(data: Path, tmp_path: Path) -> None:
    """Against Python's csv module, which says on which line each row ends."""
    for name, path in (
        ("foodmate_2022", "unqualified-products/foodmate_sampling_2022_3-4.csv"),
        ("ningbo_abnormal", "ningbo-market-tables/dw_zj_scjdgl_jyycmlxx.csv"),
    ):
        with (data / path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            ends = [reader.line_num for _ in reader]
        feed = load_feed(FEEDS / f"{name}.yml")
        raw = pl.concat(b.rows for b in read(feed, pull(feed, Store(tmp_path)).artefact))
        assert raw[LINE].to_list() == [end + 1 for end in ends[:-1]]


def test_gb18030_gives_what_utf8_gives(data: Path, tmp_path: Path) -> None:
    _, original = through("kinginsun_jiangxi_2018", tmp_path)
    _, derived = through("kinginsun_jiangxi_gb18030", tmp_path)
    assert derived.rows.equals(original.rows.head(2_000))


def test_unqualified_food(data: Path, tmp_path: Path) -> None:
    for name, failed in (("foodmate_2021_1", 41), ("foodmate_2021_2", 28), ("foodmate_2022", 55)):
        _, batch = through(name, tmp_path)
        assert batch.rows["sample_no"].n_unique() == batch.rows.height
        assert (batch.rows["verdict"] == "不合格").sum() == failed
        assert not (batch.rows["nominal_producer"] == "/").any()


def test_several_results_and_a_limit_with_commas(data: Path, tmp_path: Path) -> None:
    _, batch = through("foodmate_2022", tmp_path)
    row = batch.rows.filter(pl.col("product_name") == "攸秀香干（豆制品）").row(0, named=True)
    assert row["results"] == ["＜10CFU/g", "＜10CFU/g", "＜10CFU/g", "2000CFU/g", "＜10CFU/g"]
    assert row["standard_value"] == "n=5,c=2,m=10²CFU/g, M=10³CFU/g"
    assert "委托商：武汉味福调味食品有限公司" in batch.rows["remark"].to_list()
    _, earlier = through("foodmate_2021_2", tmp_path)
    results = earlier.rows["results"].drop_nulls().to_list()
    assert results == [["初检结果：2.9mg/kg", "复检结果：2.7mg/kg"]]


def test_penalties(data: Path, tmp_path: Path) -> None:
    _, batch = through("env_penalties", tmp_path)
    assert batch.rows["fine_wan"].to_list() == ["2", "54", "8", "3", "8", None]
    assert batch.rows["penalty_kinds"].to_list() == [["罚款"]] * 5 + [["责令改正"]]
    assert set(batch.rows["uscc"]) == {"91110000710925462X"}
    assert batch.rows["doc_no"][1] == "德环罚字〔2019〕0013号"
    assert batch.rows["doc_no_as_written"][1] == "德环罚字【2019】0013号"
    ((code, value, params),) = batch.issues.select("code", "value", "params").rows()
    assert (code, value, params) == ("total_differs", "14", '{"found": "6"}')


def test_ningbo(data: Path, tmp_path: Path) -> None:
    _, batch = through("ningbo_entities", tmp_path)
    capital = batch.rows.filter(pl.col("subject_name") == "宁波梅山保税港区金湛张景茹商务服务部")
    assert capital.select("registered_capital", "capital_currency", "industry_code", "long_term", "operate_to").row(0) == (
        "1", "CNY", "7299", True, None,
    )  # fmt: skip
    assert (
        batch.rows["registered_capital"].null_count()
        == batch.rows["capital_currency"].null_count()
        == 371
    )
    assert batch.rows["industry_code"].null_count() == 121
    _, listed = through("ningbo_abnormal", tmp_path)
    assert Counter(listed.rows["reason_code"]) == {"4": 16, "3": 13, "2": 11, "1": 10}
    assert listed.rows["remove_code"].null_count() == 16


def test_messages_of_a_workbook(data: Path, tmp_path: Path) -> None:
    _, batch = through("complaint_messages", tmp_path)
    rows = {row["_line"]: row for row in batch.rows.to_dicts()}
    assert rows[2]["ticket_no"] == "188006"  # a number to Excel
    assert rows[2]["facts"].startswith(
        "座落在A市A3区联丰路米兰春天G2栋320"
    )  # behind tabs and breaks
    # of the three ways in which the column has its times: text, days with a fraction, whole days
    assert [rows[line]["received_at"] for line in (2, 70, 34)] == [
        "2019-02-28T11:25:05+08:00", "2019-11-13T11:20:21+08:00", "2019-08-01T00:00:00+08:00",
    ]  # fmt: skip
    assert batch.rows["received_at"].null_count() == 0


def test_years_that_were_days_of_excel(data: Path, tmp_path: Path) -> None:
    _, batch = through("accounting_firm_licences", tmp_path)
    written = [value for _, value in refused(batch, "date_unreadable")]
    assert {"42200-03-13", "190728634-07-21"} <= set(written)
    assert all(len(value) > len("2026-01-31") for value in written)
    row = batch.rows.row(0, named=True)
    assert (row["doc_no"], row["doc_no_as_written"]) == (
        "冀财注〔1999〕102号",
        "冀财注[1999]102号",
    )


def test_prices_that_are_no_prices(data: Path, tmp_path: Path) -> None:
    _, batch = through("fruit_prices", tmp_path)
    assert batch.rows["average_price"].null_count() == 422
    assert batch.rows.select("lowest_price", "highest_price").null_count().row(0) == (0, 0)
    assert set(batch.rows["unit"]) == {"元/斤"}
