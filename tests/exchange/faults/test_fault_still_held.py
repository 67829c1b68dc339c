"""A record that was withdrawn and that the province still holds: an alarm until it has confirmed."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from hub import people, review
from hub.chosen import Chosen
from hub.consume.notices import kept_notices
from hub.database import write
from hub.decisions import Reason
from hub.exchange.still_used import still_used
from tests.exchange.faults.history import tally
from tests.exchange.faults.living_city import CATALOGUE, City
from tests.exchange.faults.processes import Started
from tests.filings.conftest import STAFF, Office, a_penalty
from tests.hub.exchange_hub import a_key
from tests.hub.ledger_data import PENALTY

SOON = datetime.now(UTC) + timedelta(days=2)  # by then it should have confirmed


@dataclass
class Holding:
    """A province that was given records, and the office that takes them back."""

    city: City
    office: Office
    records: list[str]
    folder: Path
    key: str

    @property
    def engine(self) -> Engine:
        return self.city.engine

    def consume(self) -> Started:
        """`hub consume`, as a process: entries, then notices."""
        words = (
            "consume",
            self.city.url,
            "--dataset",
            PENALTY,
            "--to",
            str(self.folder),
            "--json",
        )
        return self.city.nursery.start(*words, HUB_CONSUMER_KEY=self.key)

    def withdraw(self, record: str) -> None:
        chosen = Chosen((record,))
        review.withdraw(self.office.desk("li"), chosen, Reason("decision_changed", "复议撤销"))

    def alarm(self) -> int:
        """How many records the alarm is about."""
        with self.engine.connect() as connection:
            return sum(one.records for one in still_used(connection, SOON))

    def confirmed(self, record: str) -> bool:
        """As the command that shows who has the record says."""
        site = ("--site", str(self.city.site.path))
        told = self.city.nursery.run(*site, "exchange", "holders", PENALTY, record)
        (mine,) = told["holders"]
        return mine["confirmed_at"] is not None

    def overdue(self) -> tuple[int, list[Any]]:
        """The exit code of `hub exchange overdue --check`, and whom it names, two days later."""
        words = ("--site", str(self.city.site.path), "exchange", "overdue", "--check", "--json")
        process = self.city.nursery.start(*words, hours=49)
        return process.wait(), process.told()["still_used"]


@pytest.fixture
def holding(city: City, tmp_path: Path) -> Holding:
    with write(city.engine) as connection:
        for person, (department, role) in STAFF.items():
            people.grant(connection, person, department, role, "tests")
    office = Office(city.site, city.engine, CATALOGUE)
    records = office.publish(*(a_penalty(n) for n in range(1, 7)))
    found = Holding(city, office, records, tmp_path / "to", a_key(city.engine))
    city.serve()
    assert found.consume().wait() == 0
    return found


def killed_before_it_confirms(holding: Holding, kills: int) -> int:
    """Kill the province at any moment of its pulls; returns how many kills met it at work."""
    chance, met = random.Random(kills), 0
    for _ in range(kills):
        process = holding.consume()
        time.sleep(chance.random() * 0.12)
        process.kill()
        met += process.wait() == -9
    return met


def prove(holding: Holding, kills: int, figures: dict[str, int | float]) -> None:
    assert holding.alarm() == 0
    first, second, *_ = holding.records
    holding.city.kill_server()  # the province can't be told yet
    holding.withdraw(first)
    assert holding.consume().wait() == 1
    assert (holding.alarm(), holding.confirmed(first)) == (1, False)
    code, named = holding.overdue()
    assert (code, [one["records"] for one in named]) == (1, [1])
    holding.city.serve()
    holding.withdraw(second)
    met = killed_before_it_confirms(holding, kills)
    left = holding.alarm()
    assert left == sum(not holding.confirmed(one) for one in (first, second))
    assert holding.consume().wait() == 0
    assert (holding.alarm(), holding.overdue()[0]) == (0, 0)
    assert holding.confirmed(first)
    assert holding.confirmed(second)
    told = kept_notices(holding.folder)
    assert len(told) == len({one["id"] for one in told}) == 2
    tally(figures, "faults: province killed before it confirms", met)
    tally(figures, "… withdrawals that it then confirmed, each once", len(told))


def test_a_withdrawn_record_is_still_held(
    holding: Holding, figures: dict[str, int | float]
) -> None:
    prove(holding, 8, figures)


@pytest.mark.slow
def test_a_withdrawn_record_is_still_held_through_two_hundred_kills(
    holding: Holding, figures: dict[str, int | float]
) -> None:
    prove(holding, 200, figures)
