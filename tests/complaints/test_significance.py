"""The test of counts: true to a second way of computing it, and as often wrong as it says."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.stats import beta, gamma, nbinom, poisson

from hub.complaints.hot_spots import hot_spots, period_before, usual_periods
from hub.complaints.significance import judged, surplus_of
from tests.complaints.ticket_data import DAY

CELLS, PERIODS = 400, 6


def counts(seed: int, surplus: float) -> np.ndarray:
    """Cells × (1 + periods) counts without any hot spot; rates from rare to frequent."""
    chance = np.random.default_rng(seed)
    rates = chance.gamma(0.8, 10, CELLS)[:, None] * np.ones(PERIODS + 1)
    if surplus:
        rates = rates * chance.gamma(1 / surplus, surplus, rates.shape)
    return chance.poisson(rates)


SHARES = (np.arange(20_000) + 0.5) / 20_000


def test_the_poisson_case_is_the_mean_over_what_the_rate_may_be() -> None:
    """P(≥ n), averaged over the rates that the usual periods allow."""
    observed = np.array([0, 3, 9, 20])
    usual = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [2, 2, 2, 2], [3, 3, 3, 3]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.complaints.significance.surplus_of", lambda _usual: 0.0)
        found = judged(observed, usual)
    for place in range(len(observed)):
        rates = gamma.ppf(SHARES, usual[place].sum() + 0.5, scale=1 / 4)
        expected = poisson.sf(observed[place] - 1, rates).mean()
        assert found.p[place] == pytest.approx(expected, rel=0.06)


def test_with_surplus_it_is_the_mean_over_what_the_probability_may_be() -> None:
    observed, usual = np.array([0, 4, 30]), np.array([[0, 1, 0], [2, 0, 5], [9, 20, 3]])
    found = judged(observed, usual)
    size = 1 / found.surplus
    for place in range(len(observed)):
        chances = beta.ppf(SHARES, 3 * size, usual[place].sum() + 0.5)
        expected = nbinom.sf(observed[place] - 1, size, chances).mean()
        assert found.p[place] == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("surplus", [0.0, 0.3])
def test_without_hot_spots_hardly_any_is_said(surplus: float) -> None:
    """Of 100 years without hot spots 400 cells each, at most 5 % + 2 % have one (q ≤ 0.05)."""
    wrong, low = 0, 0.0
    for seed in range(100):
        made = counts(seed, surplus)
        seen = made[made.sum(axis=1) >= 5]
        found = judged(seen[:, 0], seen[:, 1:])
        wrong += bool((found.q <= 0.05).any())
        low += float((found.p <= 0.05).mean()) / 100
    assert wrong <= 7
    assert low <= 0.055


def test_more_than_usual_is_found_and_the_rest_isn_t() -> None:
    """Ten cells of 400 have five times as many as their rate says."""
    found = false = said = hot_cells = 0
    for seed in range(50):
        made = counts(seed, 0.1)
        hot = np.arange(CELLS) < 10
        made[hot, 0] = np.maximum(5 * made[hot, 1:].mean(axis=1), 5).astype(int)
        keep = made.sum(axis=1) >= 5
        called = judged(made[keep, 0], made[keep, 1:]).q <= 0.05
        frequent = made[keep, 1:].mean(axis=1) >= 3
        found += int((hot[keep] & called & frequent).sum())
        hot_cells += int((hot[keep] & frequent).sum())
        false += int((~hot[keep] & called).sum())
        said += int(called.sum())
    assert false / said <= 0.05
    assert found / hot_cells >= 0.9


def test_counts_that_vary_more_are_known_by_it() -> None:
    assert surplus_of(counts(1, 0.0)[:, 1:]) < 0.1
    assert surplus_of(counts(1, 0.3)[:, 1:]) == pytest.approx(0.3, abs=0.12)
    assert surplus_of(np.array([[3], [4]])) == 0.0


def test_periods() -> None:
    now = period_before(DAY)
    assert str(now) == "2026-11-02/2026-11-29"
    assert period_before(date(2026, 11, 29)) == period_before(date(2026, 11, 23))
    usual = usual_periods(now, date(2025, 1, 1))
    assert [str(one) for one in usual] == [
        "2026-10-05/2026-11-01", "2026-09-07/2026-10-04", "2026-08-10/2026-09-06", "2025-11-03/2025-11-30",
    ]  # fmt: skip
    assert all(
        one.first.isoweekday() == 1 and one.last - one.first == timedelta(days=27) for one in usual
    )


def test_without_a_past_there_is_no_usual() -> None:
    rows = pl.DataFrame(
        {"kind": ["投诉"], "split_from": [None], "received_on": [DAY - timedelta(days=5)]},
        schema_overrides={"split_from": pl.String},
    )
    assert hot_spots(rows, DAY).is_empty()
    assert hot_spots(rows.clear(), DAY).is_empty()
