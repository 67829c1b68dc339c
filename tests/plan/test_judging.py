"""Reached, on track, behind: by the steps of a target and the day on which somebody looks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.plan_targets import Step, Target, the_plan
from hub.plan.judging import BEHIND, ON_TRACK, REACHED, UNMEASURED, expected, judge, step_of
from hub.plan.periods import period_of

TRACE, CASES = (the_plan().targets[name] for name in ("e-trace", "price-cases-half"))
BEGUN = the_plan().begun


@pytest.mark.parametrize(
    ("day", "value", "state", "past_due", "step"),
    [
        ("2013-12-31", 50.0, REACHED, False, 50),
        ("2013-12-31", 49.9, BEHIND, False, 50),
        ("2014-07-01", 65.0, ON_TRACK, False, 80),
        ("2014-07-01", 64.0, BEHIND, False, 80),
        ("2015-12-31", 100.0, REACHED, False, 100),
        ("2026-11-30", 99.9, BEHIND, True, 100),
        ("2026-11-30", 100.0, REACHED, False, 100),
        ("2026-11-30", None, UNMEASURED, False, 100),
    ],
)
def test_electronic_tracing(
    day: str, value: float | None, state: str, past_due: bool, step: float
) -> None:
    seen = date.fromisoformat(day)
    found = judge(TRACE, period_of(seen, "year"), value, BEGUN, seen)
    assert (found.state, found.past_due, found.step.value) == (state, past_due, step)


@pytest.mark.parametrize(
    ("period", "value", "state", "past_due"),
    [
        ("2026-03-01", 0.0, BEHIND, True),  # the half is over
        ("2026-03-01", 1.0, REACHED, False),
        ("2026-09-01", 0.0, ON_TRACK, False),  # there is a month left
        ("2026-09-01", 2.0, REACHED, False),
    ],
)
def test_what_every_half_year_has_to_have(
    period: str, value: float, state: str, past_due: bool
) -> None:
    half = period_of(date.fromisoformat(period), "half")
    found = judge(CASES, half, value, BEGUN, date(2026, 11, 30))
    assert (found.state, found.past_due, found.step.by) == (state, past_due, half.end)


TARGETS = st.sampled_from(list(the_plan().targets.values()))
MOMENTS = st.dates(date(2013, 11, 28), date(2028, 1, 1))


@given(TARGETS, MOMENTS, st.integers(0, 400), st.floats(0, 120), st.floats(0, 120))
def test_more_is_never_worse(
    target: Target, day: date, later: int, one: float, two: float
) -> None:
    order = [BEHIND, ON_TRACK, REACHED]
    period, seen = period_of(day, "quarter"), day + timedelta(days=later)
    less, more = (judge(target, period, value, BEGUN, seen) for value in sorted((one, two)))
    assert order.index(less.state) <= order.index(more.state)
    assert less.past_due or not more.past_due


@given(TARGETS, MOMENTS)
def test_the_even_way_ends_at_the_step(target: Target, day: date) -> None:
    step = step_of(target, period_of(day, "year"))
    assert target.each is not None or step in target.steps
    if target.each is None:
        assert expected(target, step, BEGUN, step.by) == step.value
        assert expected(target, step, BEGUN, min(day, step.by)) <= step.value


def test_a_step_that_is_over_gives_way_to_the_next() -> None:
    assert step_of(TRACE, period_of(date(2014, 1, 1), "month")) == Step(date(2014, 12, 31), 80)
