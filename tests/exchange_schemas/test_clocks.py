"""Every rule of law gives the day that was counted by hand, alone and beside the others."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.clocks import (
    depends_on_low_fine,
    due,
    never_public,
    public_until,
    publish_by,
    repair_conditions,
    severity,
)
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.law import Law, load_law
from exchange_schemas.standard import Standard
from tests.exchange_schemas import law_vectors as vectors
from tests.exchange_schemas.law_vectors import ENDLESS, PENALTY, penalty

CATALOGUE = load_catalogue()
WHOLE = load_law()
STANDARD = CATALOGUE.get(PENALTY)
Record = Mapping[str, Any]


def only(rule: str) -> Law:
    """The law with one rule, and with those that say how serious a case is."""
    kept = [one for one in WHOLE.clocks if one.id == rule or one.kind == "severity"]
    return replace(WHOLE, clocks=tuple(kept))


def frame(standard: Standard, *records: Record, published: date | None = None) -> pl.DataFrame:
    rows = pl.DataFrame([*records], schema=standard.dtypes)
    return rows if published is None else rows.with_columns(published_on=pl.lit(published))


@pytest.mark.parametrize(("rule", "dataset", "record", "day"), vectors.PUBLISH)
def test_publish_by(rule: str, dataset: str, record: Record, day: date | None) -> None:
    standard = CATALOGUE.get(dataset)
    found, name = publish_by(only(rule), standard, frame(standard, record)).row(0)
    assert found == day
    assert (name and name.split("@")[0]) == (rule if day else None)


@pytest.mark.parametrize(("rule", "dataset", "record", "published", "day"), vectors.UNTIL)
def test_public_until(
    rule: str, dataset: str, record: Record, published: date, day: date | None
) -> None:
    standard = CATALOGUE.get(dataset)
    rows = frame(standard, record, published=published)
    found, name, *other = public_until(only(rule), standard, rows).row(0)
    assert found == (None if day == ENDLESS else day)
    assert (name and name.split("@")[0]) == (rule if day else None)
    assert other == [None, None]


@pytest.mark.parametrize(("rule", "dataset", "start", "day"), vectors.DUE)
def test_due(rule: str, dataset: str, start: date, day: date | None) -> None:
    law = only(rule)
    (kind,) = {one.kind for one in law.clocks if one.id == rule}
    if day is None:
        with pytest.raises(Misdeclared) as caught:
            due(law, kind, dataset, start)
        assert caught.value.issue.code == "law_unruled"
        assert dataset in caught.value.issue.message()
    else:
        found, name = due(law, kind, dataset, start)
        assert (found, name.split("@")[0]) == (day, rule)


@pytest.mark.parametrize(("rule", "record", "expected"), vectors.SEVERITY)
def test_severity(rule: str, record: Record, expected: str | None) -> None:
    assert severity(WHOLE, STANDARD, frame(STANDARD, record)).item() == expected
    others = replace(WHOLE, clocks=tuple(one for one in WHOLE.clocks if one.id != rule))
    if expected:
        assert severity(others, STANDARD, frame(STANDARD, record)).item() != expected


@pytest.mark.parametrize("told", ["轻微", "一般", "严重"])
def test_the_class_that_a_record_says_counts(told: str) -> None:
    record = penalty("2026-04-01", "吊销许可证件", severity_class=told)
    assert severity(WHOLE, STANDARD, frame(STANDARD, record)).item() == told


@pytest.mark.parametrize(("rule", "dataset", "record", "published", "day"), vectors.LEAST)
def test_least_term_before_repair(
    rule: str, dataset: str, record: Record, published: date, day: date
) -> None:
    standard = CATALOGUE.get(dataset)
    for today in (day, day - (date(2024, 1, 2) - date(2024, 1, 1))):
        _, found, _ = repair_conditions(WHOLE, standard, record, published, today)
        assert found.rule is not None
        assert (found.name, found.day, found.rule.split("@")[0]) == ("minimum_period", day, rule)
        assert found.met is (today == day)


@pytest.mark.parametrize(("rule", "kinds", "heavy"), vectors.HEAVY)
def test_heavy_kinds_are_never_repaired(rule: str, kinds: list[str], heavy: str) -> None:
    record = penalty("2023-01-04", *kinds)
    *_, found = repair_conditions(WHOLE, STANDARD, record, date(2023, 1, 9), date(2026, 1, 9))
    assert found.rule is not None
    assert (found.met, found.value, found.rule.split("@")[0]) == (False, heavy, rule)


def test_what_is_said_on_repair_of_an_ordinary_fine() -> None:
    record = penalty("2026-05-06")
    found = repair_conditions(WHOLE, STANDARD, record, date(2026, 5, 9), date(2026, 9, 9))
    assert [(one.name, one.met, one.value) for one in found] == [
        ("severity", True, "一般"),
        ("minimum_period", True, None),
        ("heavy_kind", True, None),
    ]
    before = repair_conditions(
        WHOLE, STANDARD, penalty("2022-05-06"), date(2022, 5, 9), date(2022, 6, 9)
    )
    assert [(one.name, one.met) for one in before] == [
        ("severity", None),
        ("minimum_period", False),
        ("heavy_kind", True),
    ]


def test_the_earliest_of_several_days_counts() -> None:
    records = [
        penalty("2021-09-01"),
        penalty("2018-07-24"),
        penalty("2003-01-01"),
        {},
    ]
    assert publish_by(WHOLE, STANDARD, frame(STANDARD, *records)).rows() == [
        (date(2021, 9, 10), "dual-publicity@2018-07-25"),
        (date(2018, 8, 21), "open-government-20-days@2008-05-01"),
        (None, None),
        (None, None),
    ]


def test_a_special_rule_goes_before_the_general_one() -> None:
    assert (
        due(WHOLE, "withdraw_by", PENALTY, date(2026, 9, 30))[1] == "penalty-withdraw@2021-07-15"
    )
    assert due(WHOLE, "withdraw_by", "market_entity", date(2026, 9, 30))[1].startswith("other-")


def test_beyond_the_calendar_nothing_is_due() -> None:
    with pytest.raises(Refused) as caught:
        due(WHOLE, "answer_by", PENALTY, date(2027, 12, 20))
    issue = caught.value.issue
    assert (issue.code, issue.value) == ("calendar_over", "answer-party@2026-01-01")
    assert "2027-12-31" in issue.message()


CHOICES: list[tuple[str, tuple[str, str], tuple[str, str]]] = [
    ("shorter", ("2027-05-01", "credit-general"), ("2029-05-10", "penalty-three-years")),
    ("longer", ("2029-05-10", "penalty-three-years"), ("2027-05-01", "credit-general")),
    ("penalty-three-years", ("2029-05-10", "penalty-three-years"),
     ("2027-05-01", "credit-general")),
    ("credit-general", ("2027-05-01", "credit-general"), ("2029-05-10", "penalty-three-years")),
    ("credit-serious", ("2027-05-01", "credit-general"), ("2029-05-10", "penalty-three-years")),
]  # fmt: skip


@pytest.mark.parametrize(("choice", "first", "second"), CHOICES)
def test_where_two_laws_apply_the_site_chooses(
    tmp_path: Path, choice: str, first: tuple[str, str], second: tuple[str, str]
) -> None:
    (tmp_path / "settings.yml").write_text(f"choice: {choice}\n", encoding="utf-8")
    rows = frame(STANDARD, penalty("2026-05-01"), published=date(2026, 5, 10))
    end, rule, other, its = public_until(load_law(tmp_path), STANDARD, rows).row(0)
    assert (end.isoformat(), rule.split("@")[0]) == first
    assert (other.isoformat(), its.split("@")[0]) == second


def test_both_sides_of_the_day_on_which_the_credit_measure_came() -> None:
    rows = frame(
        STANDARD, penalty("2026-03-31"), penalty("2026-04-01"), published=date(2026, 4, 8)
    )
    found = public_until(WHOLE, STANDARD, rows)
    assert found["until_rule"].to_list() == [
        "penalty-three-years@2021-09-01",
        "credit-general@2026-04-01",
    ]
    assert found["public_until"].to_list() == [date(2029, 4, 8), date(2027, 4, 1)]
    assert found["other_rule"].to_list() == [None, "penalty-three-years@2021-09-01"]


@pytest.mark.parametrize(("fine", "years"), [
    ("0.3", False), ("0.299999", False), ("0.300001", True), (None, True),
])  # fmt: skip
def test_a_low_fine_is_public_for_three_months(
    tmp_path: Path, fine: str | None, years: bool
) -> None:
    (tmp_path / "settings.yml").write_text("low_fine_yuan: 3000\n", encoding="utf-8")
    law = load_law(tmp_path)
    rows = frame(STANDARD, penalty("2025-05-06", fine_wan=fine), published=date(2025, 5, 10))
    end = public_until(law, STANDARD, rows)["public_until"].item()
    assert end == (date(2028, 5, 10) if years else date(2025, 8, 10))
    assert not depends_on_low_fine(law, STANDARD, rows).item()


def test_terms_that_depend_on_an_amount_that_nobody_set_are_marked() -> None:
    rows = frame(
        STANDARD,
        penalty("2025-05-06", fine_wan="0.1"),
        penalty("2025-05-06", "警告", "罚款", fine_wan="0.1"),
        penalty("2025-05-06", "罚款", "没收违法所得", fine_wan="0.1"),
        penalty("2025-05-06", "通报批评"),
        {},
    )
    assert depends_on_low_fine(WHOLE, STANDARD, rows).to_list() == [
        True,
        True,
        False,
        False,
        False,
    ]
    entity = CATALOGUE.get("market_entity")
    assert depends_on_low_fine(WHOLE, entity, frame(entity, {}, {})).to_list() == [False, False]


def test_a_huge_fine_is_serious_once_its_amount_is_set(tmp_path: Path) -> None:
    (tmp_path / "settings.yml").write_text("huge_fine_yuan: 1000000\n", encoding="utf-8")
    law = load_law(tmp_path)
    assert law.settings.huge_fine_yuan == Decimal(1_000_000)
    rows = frame(
        STANDARD, *(penalty("2026-04-01", fine_wan=fine) for fine in ("100", "99.999999"))
    )
    assert severity(law, STANDARD, rows).to_list() == ["严重", "一般"]


@pytest.mark.parametrize("dataset", CATALOGUE.datasets())
def test_every_version_of_every_standard_has_its_clocks(dataset: str) -> None:
    for version in CATALOGUE.get(dataset).versions:
        standard = CATALOGUE.get(dataset, version)
        for count in (0, 3):
            rows = frame(standard, *[{} for _ in range(count)], published=date(2026, 5, 9))
            assert len(never_public(WHOLE, standard, rows, date(2026, 6, 1))) == count
            assert len(severity(WHOLE, standard, rows)) == count
            assert publish_by(WHOLE, standard, rows).shape == (count, 2)
            until = public_until(WHOLE, standard, rows)
            assert until.shape == (count, 4)
            assert until.dtypes == [pl.Date, pl.String, pl.Date, pl.String]


def test_a_million_records_take_seconds() -> None:
    records = [
        penalty("2026-05-06", fine_wan="0.2"),
        penalty("2023-05-01", "吊销许可证件", restriction_until="2030-01-01"),
        penalty("2025-09-29", "警告"),
        penalty("2019-03-01", "通报批评", party_home_province="450000"),
    ]
    columns = frame(STANDARD, *records, published=date(2026, 5, 10))
    rows = columns.join(pl.DataFrame({"copy": range(250_000)}), how="cross")
    began = time.perf_counter()
    never = never_public(WHOLE, STANDARD, rows, date(2026, 6, 1))
    by, until = publish_by(WHOLE, STANDARD, rows), public_until(WHOLE, STANDARD, rows)
    assert time.perf_counter() - began < 10  # of the disclosures of a whole province
    assert never.null_count() == 750_000
    assert by["publish_by"].null_count() == until["public_until"].null_count() == 0
