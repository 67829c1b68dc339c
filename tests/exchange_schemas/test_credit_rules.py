"""Versions of the credit indicators: what is wrong with one is said where it stands, in both languages."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as some

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.credit_check import check_rules, read_rules
from exchange_schemas.credit_rules import FOLDER, PACKAGED, Counts, packaged_rules
from exchange_schemas.errors import Misdeclared
from hub.credit.contributions import parse
from hub.credit.facts import begin_of, end_of

CATALOGUE = load_catalogue()
TEXT = PACKAGED.read_text(encoding="utf-8")
WRONG = [
    ("weight: 55", "weight: 56", "dimensions", "101"),
    ("class: A, from: 90", "class: A, from: 70", "classes", "fall"),
    ("class: D, from: 0", "class: D, from: 5", "classes", "0"),
    ("dataset: quality_blacklist", "dataset: no_list", "indicators.quality_serious", "no_list"),
    ("counts: {from: [listed_on], stops_on", "counts: {from: [put_on], stops_on", "indicators.abnormal_listed", "put_on"),
    ("when: {late: [true]}", "when: {later: [true]}", "indicators.report_late", "later"),
    ("when: {late: [true]}", "when: {late: [perhaps]}", "indicators.report_late", "perhaps"),
    ("from: [reported_on]", "from: [subject_name]", "indicators.report_late", "date"),
    ("id: ip_case", "id: report_late", "report_late", "twice"),
    ("indicators: [bribery_listed]", "indicators: [bribery]", "warnings.bribery_restricted", "bribery"),
    ("level: 提示", "level: 严重", "warnings.0.level", "严重"),
    ("points: 12\n    at_most: 60", "points: 70\n    at_most: 60", "indicators.penalty_fine", "at_most"),
    ("valid_from: 2026-11-23", 'valid_from: "2026-13-23"', "valid_from", "2026-13-23"),
    ("leave_out: {reg_state", "leave_out: {state", "leave_out", "state"),
    ("points: 12", "points: 1.5", "indicators.1.points", "1.5"),
    ("version:", "version: ]", "-", "read"),
]  # fmt: skip


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")))
def test_what_is_delivered_has_no_issue(path: object) -> None:
    assert check_rules(TEXT, str(path), CATALOGUE) == []
    assert all(one.basis for one in (*packaged_rules().indicators, *packaged_rules().warnings))


@pytest.mark.parametrize(("old", "new", "place", "word"), WRONG)
def test_what_is_wrong_is_said_where_it_stands(old: str, new: str, place: str, word: str) -> None:
    assert old in TEXT
    issues = check_rules(TEXT.replace(old, new, 1), "own.yml", CATALOGUE)
    assert place in [one.params["place"] for one in issues], [one.message("en") for one in issues]
    mine = next(one for one in issues if one.params["place"] == place)
    assert word in mine.message("en") and mine.message("en").startswith("own.yml")
    assert not mine.message().isascii()
    with pytest.raises(Misdeclared):
        read_rules(TEXT.replace(old, new, 1), "own.yml", CATALOGUE)


DAYS = some.dates(date(1990, 1, 1), date(2090, 12, 31))


@given(DAYS, some.integers(1, 120), some.none() | DAYS, some.none() | DAYS, some.none() | DAYS)
def test_when_a_record_counts(
    start: date, months: int, stop: date | None, last: date | None, least: date | None
) -> None:
    """Beside a plain calculation with days."""
    told = Counts(("a",), 0, months, ("e",), ("b",), ("c",))
    days = {"a": start, "b": stop, "c": last, "e": least}
    row = pl.DataFrame({name: [day and str(day)] for name, day in days.items()},
                       schema=dict.fromkeys(days, pl.String))  # fmt: skip
    begin, end = row.select(begin_of(told).alias("b0"), end_of(told).alias("e0")).row(0)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    then = date(year, month + 1, 1) + timedelta(days=31)
    month_end = then.replace(day=1) - timedelta(days=1)
    term = min(date(year, month + 1, 1) + timedelta(days=start.day - 1), month_end)
    after = max(term, least or term) + timedelta(days=1)
    expected = min(
        [after, *([stop] if stop else []), *([last + timedelta(days=1)] if last else [])]
    )
    assert (begin, end) == (start, expected)


def test_a_contribution_can_be_read_back() -> None:
    one = parse("penalty_fine|12|2026-01-01||administrative_penalty|A|B|C")
    assert (one.indicator, one.points, one.last_day, one.key) == (
        "penalty_fine",
        12,
        None,
        "A|B|C",
    )
