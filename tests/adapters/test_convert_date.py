"""Dates: four ways of writing them, midnight, and "without end"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.convert_date import date as converter

Convert = Callable[..., list[Any]]


@pytest.mark.parametrize(
    "cell",
    ["2020-01-31", "2020/1/31", "2020.1.31", "20200131", "2020年1月31日", "2020年01月31日",
     "2020-01-31 00:00:00", "2020/1/31 0:00", "2020-01-31T00:00:00.000", " ２０２０-０１-３１　"],
)  # fmt: skip
def test_ways_of_writing_a_day(convert: Convert, cell: str) -> None:
    assert convert("date", [cell]) == ["2020-01-31"]


@pytest.mark.parametrize(
    "cell",
    ["2020-01-31 08:30:00", "43861", "2020-02-30", "2019-02-29", "20-01-31", "2020-1", "2020年",
     "31/01/2020", "202001031", "0", "今天", "2020-13-01", "2020-01-31至2021-01-31"],
)  # fmt: skip
def test_what_is_no_day_is_refused(convert: Convert, cell: str) -> None:
    assert convert("date", [cell]) == [...]


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_every_day_survives_every_form(day: date) -> None:
    forms = [day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day:%Y%m%d}",
             f"{day.year}年{day.month}月{day.day}日"]  # fmt: skip
    frame = pl.DataFrame({"cell": forms})
    made = frame.select(converter([pl.col("cell")], {}).value.alias("v"))["v"]
    assert made.to_list() == [day.isoformat()] * 4


def test_without_end(convert: Convert) -> None:
    cells = ["2099-12-31", "9999-09-09", "20991231", "长期", "2030-01-01", "", "某日"]
    assert convert("date_open", cells) == [None, None, None, None, "2030-01-01", None, ...]
    assert convert("long_term", cells) == [True, True, True, True, False, None, False]
    assert convert("date", ["2099-12-31"]) == ["2099-12-31"]


def test_times(convert: Convert) -> None:
    cells = ["2020-01-31 8:05", "2020/1/31 12:30:59", "2020-01-31T23:59:59+08:00", "2020-01-31 24:00",
             "2020-01-31", ""]  # fmt: skip
    assert convert("datetime", cells) == [
        "2020-01-31T08:05:00+08:00", "2020-01-31T12:30:59+08:00", "2020-01-31T23:59:59+08:00", ...,
        ..., None,
    ]  # fmt: skip
