"""Statistics for publication: right numbers, none below five, and none that follows from the others."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.complaints.statistic import COUNTS, statistics
from tests.complaints.statistic_rows import CITY, COUNTIES, TOPS, january, rows

ALL = ("全部部门", "全部事项")


def test_numbers_rates_and_money() -> None:
    told = january(
        [[10, 20, 30], [40, 50, 60], [70, 80, 90]],
        accept_decision="受理", mediation_result="达成", closed_on="2026-01-20", due_on="2026-01-19", amount_yuan="2.5",
    )  # fmt: skip
    key = {(r["division_code"], r["dept"], r["category"]): r for r in told.iter_rows(named=True)}
    assert len(key) == told.height == 9 + 3 + 3 + 1 + 1
    assert key["440904", "全部部门", "类02"]["received"] == 50
    assert key["440904", *ALL]["received"] == 150
    assert key[CITY, "全部部门", "类03"]["received"] == 180
    assert key[CITY, "市场监管局", "全部事项"]["received"] == 450
    whole = key[CITY, *ALL]
    assert [whole[name] for name in COUNTS] == [450, 450, 450, None, 450]
    assert whole["suppressed"] == ["按期办结量"], "none was closed in time, and zero isn't told"
    assert (whole["mediation_success_rate"], whole["on_time_rate"]) == ("100.00", None)
    assert whole["recovered_yuan"] == "1125.00"


def test_a_month_is_told_when_it_is_over() -> None:
    every = rows([[9, 9, 9]] * 3)
    assert statistics(every, date(2026, 1, 31), CITY, COUNTIES)["period"].unique().to_list() == [
        "2025-12"
    ]


def test_businesses_with_five_complaints_are_named_and_persons_never() -> None:
    named = {"respondent": "91440904MA00001K79", "respondent_name": "青榄渔港水产品有限公司"}
    for kind, expected in (
        ("legal_or_unincorporated", ["青榄渔港水产品有限公司"]),
        ("individual_business", None),
    ):
        told = january([[5, 0, 0]] * 3, respondent_type=kind, **named)
        whole = told.filter(
            pl.col("division_code") == CITY, pl.col("category") == "全部事项"
        ).sort("dept")
        assert whole["top_respondents"].drop_nulls().to_list() == ([expected] if expected else [])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=3, max_size=3))
def test_no_withheld_number_follows(cells: list[list[int]]) -> None:
    """A second way: with the published numbers as equations, every withheld one can take two values."""
    told = january(cells).filter(pl.col("dept") == "全部部门")
    numbers = {
        (r["division_code"], r["category"]): r["received"] for r in told.iter_rows(named=True)
    }
    if not any(map(sum, cells)):
        assert not numbers
        return
    assert len(numbers) == 16
    lines, hidden = [], []
    for (county, category), number in numbers.items():
        if number is not None:
            assert number >= 5
        line = np.array([
            float((county in (c, CITY)) and (category in (f"类{t}", "全部事项"))) for c in COUNTIES for t in TOPS
        ])  # fmt: skip
        (hidden if number is None else lines).append(line)
    known = np.array(lines).reshape(-1, 9)
    rank = np.linalg.matrix_rank(known) if lines else 0
    for one in hidden:
        assert np.linalg.matrix_rank(np.vstack([known, one])) > rank


def test_every_record_is_one_of_the_standard() -> None:
    from exchange_schemas.batch import LINE, Batch
    from exchange_schemas.catalogue import load_catalogue
    from exchange_schemas.validate import check

    standard = load_catalogue().get("complaint_statistic")
    told = january([[1, 5, 30], [0, 4, 6], [7, 8, 9]], accept_decision="受理").with_row_index(
        LINE, 1
    )
    whole = told.select(
        pl.col(LINE).cast(pl.Int64),
        *(
            (pl.col(n) if n in told.columns else pl.lit(None)).cast(t).alias(n)
            for n, t in standard.dtypes.items()
        ),
    )
    assert check(standard, Batch(whole)).rows.height == told.height


@pytest.mark.parametrize("name", list(COUNTS))
def test_what_isn_t_told_is_named(name: str) -> None:
    for row in january([[1, 5, 30], [0, 4, 6], [7, 8, 9]], accept_decision="受理").iter_rows(
        named=True
    ):
        assert (row[name] is None) == (COUNTS[name] in (row["suppressed"] or []))


def test_what_is_closed_at_night_is_closed_on_the_day_here() -> None:
    for due, in_time in (("2026-01-19", None), ("2026-01-20", 81)):  # half an hour after midnight
        told = january(
            [[9, 9, 9]] * 3, state="closed", closed_at="2026-01-19T16:30:00.000Z", due_on=due
        )
        whole = told.filter(
            pl.col("division_code") == CITY, pl.col("category") == ALL[1], pl.col("dept") == ALL[0]
        )
        assert whole["closed_on_time"].to_list() == [in_time]
