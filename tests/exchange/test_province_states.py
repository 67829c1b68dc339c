"""The reference consumer against a model: any order of pulls, crashes, damage, erasures and lies."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.exchange.province_machine import Province

SHORT = settings(max_examples=12, stateful_step_count=20, deadline=None)
STEPS = 25_000  # for each kind of store
LONG = settings(
    max_examples=100, stateful_step_count=50, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


class Rows(Province):
    """With a database."""

    kind = "sql"


class TestFiles(Province.TestCase):
    """A folder."""

    settings = SHORT


class TestRows(Rows.TestCase):
    """A database."""

    settings = SHORT


@pytest.mark.slow
@pytest.mark.parametrize("machine", [Province, Rows])
def test_twenty_five_thousand_steps(
    machine: type[Province], figures: dict[str, int | float]
) -> None:
    Province.steps = 0
    while Province.steps < STEPS:
        run_state_machine_as_test(machine, settings=LONG)  # type: ignore[no-untyped-call]
    figures[f"steps of a province that pulls ({machine.kind})"] = Province.steps
