"""Amounts: the real ways of writing them, exact shifts, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.convert_amount import amount_yuan_to_wan
from adapters.converter import cell

Convert = Callable[..., list[Any]]

WAN = {
    "10,800(万元人民币)": "10800", "300万人民币": "300", "54.2万人民币": "54.2",
    "85,000(万元人民币)": "85000", "2.00": "2", "500()": "500", "0(万元人民币)": "0",
    "0.0018万人民币": "0.0018", "200(万元)": "200", "3（万元）": "3", "1000(万)": "1000",
    "50万人民币元": "50", "13(万元（人民币）)": "13", "7( 万人民币元)": "7", "5((万美元))": "5",
    "1,000,000(人民币元)": "100", "1854元人民币": "0.1854", "0.01元": "0.000001",
    "1.5亿元": "15000", "２００万元": "200", "1.000000000万": "1",
}  # fmt: skip
REFUSED = ["000(万美元)", "(元/万元)", "500(元/万元)", "万人民币", "002万人民币", "3,0000000(万)",
           "1,00万", "-5万", "梁祝贵", "HENRI PERROT", "1.0000001万元", "1e5", "约300万", "12.",
           "300万元整整"]  # fmt: skip


@pytest.mark.parametrize(("cell", "value"), WAN.items())
def test_amounts_in_wan(convert: Convert, cell: str, value: str) -> None:
    assert convert("amount_wan", [cell]) == [value]


@pytest.mark.parametrize("cell", REFUSED)
def test_a_damaged_amount_is_refused_not_repaired(convert: Convert, cell: str) -> None:
    assert convert("amount_wan", [cell]) == [...]
    assert convert("amount_yuan_to_wan", [cell]) == [...]


def test_an_empty_cell_is_no_amount_and_no_fault(convert: Convert) -> None:
    assert convert("amount_wan", ["", "  ", None]) == [None, None, None]


def test_a_number_without_unit_is_yuan_where_the_feed_says_so(convert: Convert) -> None:
    cells = ["10000.0", "1", "0.0", "180000000.0", "5万元", "20000人民币"]
    assert convert("amount_yuan_to_wan", cells) == ["1", "0.0001", "0", "18000", "5", "2"]


@given(st.decimals(min_value=0, max_value=10**14, places=2, allow_nan=False))
def test_the_shift_is_exact(amount: Decimal) -> None:
    frame = pl.DataFrame({"cell": [f"{amount:f}", f"{amount:,f}"]})
    made = frame.select(amount_yuan_to_wan([cell("cell", ())], {}).value.alias("v"))["v"]
    assert made[0] == made[1]
    assert Decimal(made[0]) == amount / 10_000
    assert "." not in made[0] or not made[0].endswith(("0", "."))


def test_currencies(convert: Convert) -> None:
    cells = ["300万人民币", "9(万美元)", "9(万香港元)", "9万港币", "9(万日元)", "9(万欧元)", "9(万元)",
             "9(万元(港币))", "9(万德国马克)", "9(万)", "9", "人民币", "美元", "USD", "万元美元", None]  # fmt: skip
    assert convert("currency", cells) == [
        "CNY", "USD", "HKD", "HKD", "JPY", "EUR", "CNY", "HKD", "DEM", None, None, "CNY", "USD",
        "USD", "USD", None,
    ]  # fmt: skip


def test_plain_decimals(convert: Convert) -> None:
    cells = ["2.50", "-3.0", "1,234.5", "0", "-0.0", "0012", "1,23", "", "3元"]
    assert convert("decimal", cells) == ["2.5", "-3", "1234.5", "0", "0", ..., ..., None, ...]


def test_integers(convert: Convert) -> None:
    cells = ["12", "12.0", "1,234,567", "-3", "1.5", "12人", "", "9223372036854775808"]
    assert convert("integer", cells) == [12, 12, 1234567, -3, ..., ..., None, ...]
