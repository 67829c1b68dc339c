"""The city's departments by name and day, one at a time and whole columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.codes import load_codes
from exchange_schemas.departments import (
    department_code,
    department_named,
    departments_named,
    successor,
    successors,
)

IN_2014, IN_2020 = date(2014, 5, 1), date(2020, 5, 1)

NAMED = [
    ("茂名市市场监督管理局", IN_2020, "market_regulation"),
    ("市市场监督管理局", IN_2020, "market_regulation"),
    (" 广东省茂名市市场监督管理局 ", IN_2020, "market_regulation"),
    ("市市场监督管理局", IN_2014, None),
    ("市市场监督管理局", None, "market_regulation"),
    ("茂名市工商行政管理局", IN_2014, "industry_commerce"),
    ("市工商局", IN_2020, None),
    ("茂名市委宣传部", IN_2020, "publicity"),
    ("茂名银监分局", IN_2014, "banking_regulator"),
    ("市卫生健康局", IN_2020, "health"),
    ("市卫生健康局", IN_2014, None),
    # of districts, of the province, of another city, and of nobody knows whom
    ("茂名市茂南区市场监督管理局", IN_2020, None),
    ("高州市市场监督管理局", IN_2020, None),
    ("广东省市场监督管理局", IN_2020, None),
    ("湛江市市场监督管理局", IN_2020, None),
    ("市场监督管理局", IN_2020, None),
    ("", IN_2020, None),
]


@pytest.mark.parametrize(("name", "day", "code"), NAMED)
def test_a_name_means_a_department_on_a_day(name: str, day: date | None, code: str | None) -> None:
    found = department_named(name, day)
    assert (found and found.code) == code


def test_columns_say_the_same() -> None:
    rows = [(name, day and day.isoformat()) for name, day, _ in NAMED] + [(None, "2020-01-01")]
    frame = pl.DataFrame(rows, {"n": pl.String, "d": pl.String}, orient="row")
    told = frame.select(departments_named(pl.col("n"), pl.col("d")).alias("x"))["x"].to_list()
    assert told == [code for _, _, code in NAMED] + [None]


@given(st.lists(st.tuples(
    st.sampled_from([c.title for c in load_codes("departments").codes.values()]), st.dates(),
)))  # fmt: skip
def test_columns_always_say_the_same(pairs: list[tuple[str, date]]) -> None:
    frame = pl.DataFrame(
        [(f"茂名市{name.removeprefix('市')}", day.isoformat()) for name, day in pairs],
        {"n": pl.String, "d": pl.String},
        orient="row",
    )
    told = frame.select(departments_named(pl.col("n"), pl.col("d")).alias("x"))["x"].to_list()
    single = [department_named(n, date.fromisoformat(d)) for n, d in frame.iter_rows()]
    assert told == [found and found.code for found in single]


def test_work_is_handed_on() -> None:
    assert [one.code for one in successors("price", IN_2020)] == [
        "development_reform", "market_regulation",
    ]  # fmt: skip
    first = successor("industry_commerce", IN_2020)
    assert first is not None and first.code == "market_regulation" and first.valid_on(IN_2020)
    own = successor("industry_commerce", IN_2014)
    assert own is not None and own.code == "industry_commerce"
    assert successor("market_regulation", IN_2014) is None
    assert successor("nobody", IN_2020) is None


def test_credit_codes_are_given_where_they_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert department_code("茂名市民政局", IN_2020) is None
    lines = (
        "code,title,title_en,valid_from,valid_to,succeeded_by,uscc",
        "old,市旧局,Old,,2018-12-31,new,11440900000000019J",
        "new,市旧局,New,2019-01-01,,,",
        "civil_affairs,市民政局,Civil,,,,11440900000000027A",
    )
    (tmp_path / "departments.csv").write_text("\n".join(lines), encoding="utf-8")
    names = (
        "code,title,title_en,valid_from,valid_to,department\n市新名局,市新名局,N,2016-01-01,,old\n"
    )
    (tmp_path / "department_names.csv").write_text(names, encoding="utf-8")
    monkeypatch.setenv("HUB_CODES", str(tmp_path))
    assert department_code("茂名市民政局", IN_2020) == "11440900000000027A"
    assert department_code("市旧局", IN_2014) == "11440900000000019J"
    assert department_code("市旧局", IN_2020) is None
    told = [department_named("市新名局", date(year, 1, 1)) for year in (2015, 2016, 2019)]
    assert [found and found.code for found in told] == [None, "old", None]
    frame = pl.DataFrame({"n": ["市旧局", "市旧局"], "d": ["2014-05-01", "2020-05-01"]})
    codes = frame.select(
        departments_named(pl.col("n"), pl.col("d")).alias("code"),
        departments_named(pl.col("n"), pl.col("d"), "uscc").alias("uscc"),
    )
    assert codes.rows() == [("old", "11440900000000019J"), ("new", None)]


def test_every_name_leads_to_a_department() -> None:
    departments = load_codes("departments").codes
    for code in load_codes("department_names").codes.values():
        assert code.more["department"] in departments
        assert department_named(code.code) is not None
