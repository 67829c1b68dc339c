"""Deliveries that begin to look otherwise are told on the run that first sees them."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hub.drift import Drift

DAYS = ["2020-01-31"] * 200
KINDS = ["企业", "个体"] * 100


def looked(**columns: list[str | None]) -> Drift:
    drift = Drift()
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    drift.take(frame.with_row_index("_line").cast({"_line": pl.Int64}))
    return drift


def told(before: Drift, now: Drift) -> list[tuple[str, str | None]]:
    return [(issue.code, issue.value) for issue in now.against(before.profile)]


def test_the_first_delivery_has_nothing_to_differ_from() -> None:
    assert list(looked(a=DAYS).against(None)) == []


def test_the_same_again_is_no_drift() -> None:
    assert told(looked(a=DAYS, b=KINDS), looked(a=DAYS, b=KINDS)) == []


def test_columns_come_and_go() -> None:
    assert told(looked(a=DAYS, b=KINDS), looked(a=DAYS, c=KINDS)) == [
        ("drift_column_gone", "b"),
        ("drift_column_new", "c"),
    ]


def test_a_new_code() -> None:
    now = looked(b=[*KINDS[:-1], "合作社"])
    assert told(looked(b=KINDS), now) == [("drift_value_new", "合作社")]


def test_values_of_another_kind() -> None:
    found = told(
        looked(a=[str(n) for n in range(200)]), looked(a=[f"第{n}号" for n in range(200)])
    )
    assert found == [("drift_type", "text")]


def test_a_share_out_of_its_range() -> None:
    now = looked(b=["企业"] * 190 + ["个体"] * 10)
    assert told(looked(b=KINDS), now) == [("drift_share", "个体"), ("drift_share", "企业")]
    assert ("drift_empty", "") in told(looked(a=DAYS), looked(a=[None] * 150 + DAYS[:50]))


def test_few_rows_say_nothing_of_shares() -> None:
    assert told(looked(b=KINDS), looked(b=["企业"] * 20)) == []


def test_an_empty_delivery_has_no_columns_to_miss() -> None:
    assert told(looked(a=DAYS), Drift()) == []


CELLS = st.lists(st.one_of(st.none(), st.text(max_size=6)), min_size=1, max_size=300)


@given(CELLS, CELLS)
def test_any_cells_can_be_looked_at(before: list[Any], now: list[Any]) -> None:
    for issue in looked(a=now).against(looked(a=before).profile):
        assert issue.message("en") and issue.message("zh_CN") != issue.message("en")


@given(CELLS)
def test_a_delivery_never_drifts_from_itself(cells: list[Any]) -> None:
    assert told(looked(a=cells), looked(a=cells)) == []
