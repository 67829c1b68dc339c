"""Random steps of a province: whatever happens, each effect exactly once, in each record's order."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import update

from exchange_schemas.errors import Refused
from hub.database import write
from hub.exchange.receipts import ranges
from hub.ledger import contents, entries
from hub.outbound.delivering import deliver
from hub.outbound.fake_book import Book, digest_of
from hub.outbound.resetting import reset, retry_refused
from hub.outbound.tables import target_state
from tests.exchange.outbound_model import Crash, ModelWay, write_small
from tests.exchange.outbound_site import a_city, a_decision
from tests.hub.ledger_data import PENALTY

_MEMORY = Path("/dev/shm")  # noqa: S108 - files that no disk is waited for
FAULTS = ["take", "lose", "away", "half", "crash", "early", "later"]
NUMBERS = st.integers(1, 3)


class Deliveries(RuleBasedStateMachine):
    """`steps` counts those of all runs."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
        self.city = a_city(self.folder, f"sqlite:///{self.folder / 'hub.sqlite'}")
        write_small(self.city.site.targets)
        way = {"kind": "database", "url": "${NOWHERE}", "table": "EX"}
        self.city.declare("p", way, table="table-small.yml", batch=3)
        self.desk = self.city.desk("p")
        self.way = ModelWay(Book(), random.Random(1))
        self.now: dict[int, dict[str, Any]] = {}
        self.turn = 0

    @rule(numbers=st.lists(NUMBERS, min_size=1, max_size=4, unique=True), gone=st.booleans())
    def the_city_says(self, numbers: list[int], gone: bool) -> None:
        self.turn += 1
        if gone:
            away = [self.now.pop(one) for one in numbers if one in self.now]
            self.city.says([], gone=away)
            return
        for one in numbers:
            self.now[one] = a_decision(one, content=f"罚款第{self.turn}版")
        self.city.says([self.now[one] for one in numbers])

    @rule(faults=st.lists(st.sampled_from(FAULTS), max_size=4))
    def deliver(self, faults: list[str]) -> None:
        self.way.next = faults
        with suppress(Crash):
            deliver(self.desk, self.way)

    @rule(number=NUMBERS, on=st.booleans())
    def the_province_refuses(self, number: int, on: bool) -> None:
        self.way.book.rejects = {f"〔2026〕{number}号": "不合格"} if on else {}

    @rule()
    def send_again_what_was_refused(self) -> None:
        retry_refused(self.desk)

    @rule(part=st.floats(0, 1))
    def rewind(self, part: float) -> None:
        cursor = self.city.rows(target_state, target_state.c.cursor)[0][0]
        with suppress(Refused):
            reset(self.desk, int(cursor * part))

    @rule()
    def forget_the_failures(self) -> None:
        with write(self.city.engine) as connection:
            connection.execute(update(target_state).values(failures=0, not_before=None))

    @invariant()
    def effects_are_of_what_was_issued_once_and_in_order(self) -> None:
        type(self).steps += 1
        last: dict[str, int] = {}
        flows = set()
        for flow, item, _, sn, _ in self.way.book.effects:
            assert flow not in flows
            flows.add(flow)
            assert sn > last.get(item, 0), "an older entry came behind a newer one"
            last[item] = sn

    def teardown(self) -> None:
        try:
            self._settle()
            self._check()
        finally:
            self.city.engine.dispose()
            shutil.rmtree(self.folder)

    def _settle(self) -> None:
        self.way.book.rejects = {}
        self.way.next = []
        for _ in range(40):
            retry_refused(self.desk)
            done = deliver(self.desk, self.way)
            assert done.error is None
            if not self.city.entry_states() and set(self.city.delivery_states()) <= {"answered"}:
                return
        raise AssertionError("it never came to rest")

    def _check(self) -> None:
        """Acknowledged ⊆ stored ⊆ issued, digests equal, and what it holds is what the city says."""
        with self.city.engine.connect() as connection:
            issued = {one.seq: one for one in entries(connection, PENALTY, 0, 10_000)}
            texts = dict(contents(connection, PENALTY, 0, 10_000))
            said = ranges(connection, self.desk.consumer.id, self.desk.view.id, 1, 10_000)
        stored = {sn: (operation, digest) for _, _, operation, sn, digest in self.way.book.effects}
        assert set(stored) <= set(issued)
        for sn, (operation, digest) in stored.items():
            assert (operation == "D") == (issued[sn].operation == "delete")
            if operation != "D":
                assert digest == digest_of(_row(json.loads(texts[sn])))
        taken = {n for one in said if one.state == "taken" for n in range(one.first, one.last + 1)}
        assert taken <= set(stored)
        held = sorted(record["CF_WSH"] for record in self.way.book.records.values())
        assert held == sorted(str(one["doc_no"]) for one in self.now.values())
        by_number = {record["CF_WSH"]: record for record in self.way.book.records.values()}
        for one in self.now.values():
            assert by_number[one["doc_no"]]["CF_NR"] == one["content"]


def _row(record: dict[str, Any]) -> dict[str, str]:
    named = {"CF_WSH": "doc_no", "CF_XDR_MC": "subject_name", "CF_NR": "content"}
    return {column: record[name] for column, name in named.items()}


def _run(examples: int, steps: int, figures: dict[str, int | float]) -> None:
    Deliveries.steps = 0
    run_state_machine_as_test(
        Deliveries,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    figures["steps of a province that is delivered to"] = Deliveries.steps


def test_random_steps(figures: dict[str, int | float]) -> None:
    _run(12, 25, figures)


@pytest.mark.slow
def test_fifty_thousand_random_steps(figures: dict[str, int | float]) -> None:
    Deliveries.steps = 0
    while Deliveries.steps < 50_000:
        before = Deliveries.steps
        _run(60, 250, figures)
        Deliveries.steps += before
    figures["steps of a province that is delivered to"] = Deliveries.steps
