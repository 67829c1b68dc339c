"""What is computed day by day, of what changed, is what a whole computing says on each of these days."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from hub.analysis.inputs import Inputs
from hub.analysis.tables import analysis_state
from hub.credit import computing, kept_facts
from hub.database import write
from tests.analysis.conftest import Place
from tests.credit.city import (
    ABNORMAL,
    CLASS,
    MARKET,
    PENALTY,
    WARNING,
    company,
    complaint,
    compute,
    listed,
    penalty,
    put,
    said,
)

COMPANIES, DAYS = 8, 12
START = date(2026, 11, 1)


def test_day_by_day_is_what_a_whole_computing_says(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On every day the results are computed twice, in part and then wholly: the second writes nothing."""
    chance, living = random.Random(20261130), {}
    parts = _counted(monkeypatch, "_part")
    put(place.engine, MARKET, [company(n) for n in range(COMPANIES)])
    compute(place, START)
    day = START
    for _ in range(DAYS):
        day += timedelta(days=chance.choice((1, 1, 1, 2, 45, 200)))
        _happens(place, chance, living, day)
        compute(place, day)
        before = said(place, CLASS), said(place, WARNING)
        _forget(place)
        again = compute(place, day)
        assert {name: _writes(counts) for name, counts in again.items()} == {CLASS: 0, WARNING: 0}
        assert said(place, CLASS).equals(before[0])
        assert said(place, WARNING).equals(before[1])
    assert parts == [DAYS]  # all of the first ones were in part
    assert before[1].height > 0


def test_a_new_ledger_says_the_same(place: Place) -> None:
    """The classes of the last day, computed day by day, are those of a computing that begins there."""
    chance, living = random.Random(7), {}
    put(place.engine, MARKET, [company(n) for n in range(COMPANIES)])
    day = START
    for _ in range(6):
        _happens(place, chance, living, day)
        compute(place, day)
        day += timedelta(days=chance.randrange(1, 90))
    compute(place, day)
    told = said(place, CLASS).drop("computed_on")
    _forget(place)
    with place.engine.connect() as connection:
        rules = computing.in_force(connection, day)
        left_out = computing.lifted(connection, rules)
    inputs = Inputs(place.site, place.engine, place.catalogue, day)
    facts = computing.all_facts(inputs, rules).lazy()
    now = computing.active(rules, facts, left_out, day)
    found = computing.scored(rules, now).collect().sort("subject")
    assert found.equals(told.select(found.columns))


def test_a_computing_that_died_is_done_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between classes and warnings: the next one, days later, says what is true then."""
    put(place.engine, MARKET, [company(1)])
    compute(place, START)
    put(place.engine, "complaint_report", [complaint(n, 1) for n in range(6)])

    def dies(*_given: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("hub.credit.warnings.warned", dies)
        with pytest.raises(KeyboardInterrupt):
            compute(place, date(2026, 11, 6))
    compute(place, date(2026, 11, 8))
    (event,) = said(place, WARNING).to_dicts()
    assert (event["rule"], event["began_on"]) == ("complaints_many", "2026-11-08")
    before = said(place, CLASS)
    _forget(place)
    compute(place, date(2026, 11, 8))
    assert said(place, CLASS).equals(before)


def test_an_older_database_is_computed_wholly(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(place.engine, MARKET, [company(1)])
    compute(place, START)
    kept = kept_facts.read(place.site)
    assert kept is not None
    parts = _counted(monkeypatch, "_part")
    later = kept_facts.Mark(**{**_words(kept.mark), "seqs": {**kept.mark.seqs, PENALTY: 7}})
    kept_facts.keep_all(place.site, later, kept.living().collect(), kept.left_out())
    compute(place, START + timedelta(days=1))
    (place.site.columns / "_credit" / kept_facts.read(place.site).facts).unlink()  # type: ignore[union-attr]
    compute(place, START + timedelta(days=2))
    assert parts == [0]
    compute(place, START + timedelta(days=3))
    assert parts == [1]


def test_many_changes_are_merged(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_facts, "_FEW", 3)
    put(place.engine, MARKET, [company(n) for n in range(3)])
    for number in range(4):
        put(
            place.engine,
            PENALTY,
            [penalty(n, n % 3, remark=str(number)) for n in range(number + 1)],
        )
        compute(place, START)
        kept = kept_facts.read(place.site)
        assert kept is not None
        facts = kept.living().collect()
        assert facts.unique().height == facts.height
        assert facts.filter(dataset=PENALTY).height == 2 * (number + 1)


def _words(mark: kept_facts.Mark) -> dict[str, Any]:
    return {name: getattr(mark, name) for name in mark.__dataclass_fields__}


def _counted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[int]:
    """How often a function of the computing is called from now on."""
    times, real = [0], getattr(computing, name)

    def counted(*given: Any) -> Any:
        times[0] += 1
        return real(*given)

    monkeypatch.setattr(computing, name, counted)
    return times


def _writes(counts: dict[str, int]) -> int:
    return counts["added"] + counts["changed"] + counts["gone"]


def _forget(place: Place) -> None:
    """As if it was never computed: the next computing is a whole one."""
    with write(place.engine) as connection:
        connection.execute(delete(analysis_state))


def _happens(place: Place, chance: random.Random, living: dict[str, Any], day: date) -> None:
    """What departments deliver on a day: new records, others, and some that are taken back."""
    for dataset, make in (
        (PENALTY, penalty),
        (ABNORMAL, listed),
        ("complaint_report", complaint),
        (MARKET, company),
    ):
        numbers = [chance.randrange(COMPANIES if dataset == MARKET else 12) for _ in range(3)]
        given = [_any(chance, dataset, make, number, day) for number in dict.fromkeys(numbers)]
        there = living.setdefault(dataset, {})
        gone = [there.pop(n) for n in list(there) if n not in numbers and chance.random() < 0.2]
        there.update(zip(dict.fromkeys(numbers), given, strict=True))
        put(place.engine, dataset, given, gone)


def _any(chance: random.Random, dataset: str, make: Any, number: int, day: date) -> dict[str, Any]:
    some = day + timedelta(days=chance.randrange(-400, 30))
    later = str(some + timedelta(days=chance.randrange(1, 300)))
    if dataset == MARKET:
        state = chance.choice(("存续", "存续", "存续", "注销"))
        found: dict[str, Any] = make(
            number, reg_state=state, industry_code=chance.choice(("1810", "1411"))
        )
        return found
    more: dict[str, Any] = {
        PENALTY: {
            "decided_on": str(some),
            "status": chance.choice(("正常", "正常", "撤销")),
            "penalty_kinds": [chance.choice(("罚款", "警告", "吊销许可证件"))],
            "public_until": chance.choice((None, later)),
        },
        ABNORMAL: {"listed_on": str(some), "removed_on": chance.choice((None, later))},
        "complaint_report": {"accept_decided_on": str(some)},
    }[dataset]
    made: dict[str, Any] = make(
        number, 10**6 if chance.random() < 0.05 else chance.randrange(COMPANIES), **more
    )
    if dataset == PENALTY:  # the key has the company's code: one record, whoever it is about
        made |= {"uscc": company(number % COMPANIES)["uscc"]}
    return made
