"""The stateful test of disclosure: a small number of steps in `make test`, 100,000 in `make prove`."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.flow.disclosure_machine import DisclosureMachine

STEPS = 50  # of one run
PROVED = int(os.environ.get("HUB_PROVE_STEPS", "100000"))


class Counting(DisclosureMachine):
    """Counts what was really done: hypothesis may stop a run early."""

    steps = 0

    def check_invariants(self, *arguments: object, **words: object) -> None:
        Counting.steps += 1
        super().check_invariants(*arguments, **words)


def _run(examples: int) -> int:
    Counting.steps = 0
    run_state_machine_as_test(
        Counting,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=timedelta(seconds=60),
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    return Counting.steps


def test_no_byte_is_public_without_an_approval() -> None:
    assert _run(12) >= 12


@pytest.mark.slow
def test_no_byte_is_public_without_an_approval_in_100_000_steps(
    figures: dict[str, int | float],
) -> None:
    done = 0
    while done < PROVED:
        done += _run(100)
        figures["steps of people, clocks and crashes; bytes public without approval: 0"] = done
