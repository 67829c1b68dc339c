"""Measures over large datasets take seconds."""

from __future__ import annotations

import time
from datetime import date

import numpy as np
import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.plan_query import read_query
from exchange_schemas.plan_targets import the_plan
from hub.plan.measuring import measure

OPERATORS, SALES, DAYS = 200_000, 1_000_000, 4_000
LIMIT = 5.0  # seconds


@pytest.mark.slow
def test_tracing_of_a_million_sales(figures: dict[str, int | float]) -> None:
    catalogue, chance = load_catalogue(), np.random.default_rng(7)
    codes = pl.Series(np.arange(OPERATORS)).cast(pl.String)
    keys = pl.Series(np.arange(SALES)).cast(pl.String)
    days = pl.Series(chance.integers(0, DAYS, SALES))
    frames = {
        "food_operator_credit": pl.DataFrame({"_key": codes, "uscc": codes}),
        "food_trace_ledger": pl.DataFrame(
            {"_key": keys, "operator_uscc": codes.gather(chance.integers(0, OPERATORS, SALES))}
        ).with_columns(
            happened_at=(pl.lit(date(2015, 1, 1)) + pl.duration(days=days)).dt.to_string()
            + "T08:00:00+08:00"
        ),
    }
    query = read_query(the_plan().target("e-trace").measure, catalogue, "e-trace")
    begin = time.perf_counter()
    found = measure(
        query, lambda name: frames[name].lazy(), catalogue, the_plan().begun, date(2026, 11, 30)
    )
    figures["targets: seconds for a million trace rows"] = taken = time.perf_counter() - begin
    assert found[-1].denominator == OPERATORS
    assert found[-1].numerator == frames["food_trace_ledger"]["operator_uscc"].n_unique()
    assert taken < LIMIT
