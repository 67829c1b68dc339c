"""Whatever a penalty says, its days keep their order and can be worked out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.clocks import due, never_public, public_until, publish_by, severity
from exchange_schemas.law import ClockRule, Law, load_law

STANDARD = load_catalogue().get("administrative_penalty")
KINDS = STANDARD.fields["penalty_kinds"].schema["items"]["enum"]
LAW = load_law()
TODAY = date(2026, 11, 24)
Record = Mapping[str, Any]
Rows = list[tuple[date | None, ...]]

DAYS = st.one_of(
    st.dates(date(2003, 1, 1), date(2028, 12, 31)),
    # around the days on which rules begin and end, years end and February does
    st.builds(
        lambda text, n: date.fromisoformat(text) + timedelta(days=n),
        st.sampled_from(["2018-07-25", "2021-09-01", "2026-04-01", "2024-02-29", "2026-12-31"]),
        st.integers(-2, 2),
    ),
)
TEXTS = DAYS.map(date.isoformat)
PENALTIES = st.fixed_dictionaries(
    {
        "decided_on": TEXTS,
        "penalty_kinds": st.lists(st.sampled_from(KINDS), min_size=1, max_size=3),
    },
    optional={
        "procedure": st.sampled_from(["简易程序", "普通程序"]),
        "severity_class": st.sampled_from(["轻微", "一般", "严重"]),
        "fine_wan": st.sampled_from(["0.1", "0.3", "0.300001", "200"]),
        "restriction_until": TEXTS,
        "party_home_province": st.sampled_from(["440000", "450000"]),
        "status": st.sampled_from(STANDARD.fields["status"].schema["enum"]),
    },
)
CHOICES = st.sampled_from(["shorter", "longer", "penalty-three-years", "credit-general"])
CALM = settings(deadline=None, max_examples=60)
# records with the day on which each is public first: some time after the decision
PUBLISHED = st.lists(st.tuples(PENALTIES, st.integers(0, 900)), min_size=1, max_size=6)


def frame(records: list[tuple[Any, int]]) -> pl.DataFrame:
    rows = pl.DataFrame([record for record, _ in records], schema=STANDARD.dtypes)
    days = [date.fromisoformat(one["decided_on"]) + timedelta(days=n) for one, n in records]
    return rows.with_columns(published_on=pl.Series(days, dtype=pl.Date))


def chosen(choice: str) -> Law:
    return replace(LAW, settings=replace(LAW.settings, choice=choice))


def only(name: str) -> Law:
    """The law of one rule, as a decision recorded it, and of those that give the class."""
    kept = tuple(r for r in LAW.clocks if r.name == name or r.kind == "severity")
    return replace(LAW, clocks=kept)


def rule(name: str) -> ClockRule:
    found = LAW.rule(name)
    assert isinstance(found, ClockRule)
    return found


@CALM
@given(PUBLISHED)
def test_nothing_has_to_be_public_before_it_was_decided(records: list[tuple[Any, int]]) -> None:
    rows = frame(records)
    found = publish_by(LAW, STANDARD, rows)
    for (record, _), (day, name) in zip(records, found.iter_rows(), strict=True):
        assert (day is None) == (name is None)
        if day is not None:
            assert day.isoformat() > record["decided_on"]
            assert rule(name).valid_on(date.fromisoformat(record["decided_on"]))


@CALM
@given(PUBLISHED, CHOICES)
def test_an_end_is_later_than_its_beginning(records: list[tuple[Any, int]], choice: str) -> None:
    rows = frame(records)
    for row, found in zip(
        rows.to_dicts(), public_until(chosen(choice), STANDARD, rows).rows(), strict=True
    ):
        for end, name in (found[:2], found[2:]):
            if name is None:
                assert end is None
                continue
            (start,) = rule(name).start
            assert end.isoformat() > str(row[start])
            decided = date.fromisoformat(row["decided_on"])
            assert rule(name).valid_on(decided)
            assert (
                end
                <= max(row["published_on"], decided).replace(day=1) + timedelta(days=3 * 366 + 31)
                or end.isoformat() == row["restriction_until"]
            )


@CALM
@given(PUBLISHED)
def test_the_shorter_end_is_not_after_the_longer(records: list[tuple[Any, int]]) -> None:
    rows = frame(records)
    short = public_until(chosen("shorter"), STANDARD, rows).rows()
    long = public_until(chosen("longer"), STANDARD, rows).rows()
    for (end, name, other, its), (last, last_name, first, first_name) in zip(
        short, long, strict=True
    ):
        assert (other is None) == (its is None) == (first is None)
        if other is None:
            assert (end, name) == (last, last_name)
        else:
            assert end == first <= last == other
            assert {name, its} == {last_name, first_name}


@CALM
@given(PUBLISHED, CHOICES)
def test_days_are_worked_out_again_from_their_rule(
    records: list[tuple[Any, int]], choice: str
) -> None:
    rows = frame(records)
    until, by = public_until(chosen(choice), STANDARD, rows), publish_by(LAW, STANDARD, rows)
    for number, (end, name, other, its) in enumerate(until.iter_rows()):
        row = rows.slice(number, 1)
        for day, one in ((end, name), (other, its)):
            if one is not None:
                assert public_until(only(one), STANDARD, row).row(0)[:2] == (day, one)
        day, one = by.row(number)
        if one is not None:
            assert publish_by(only(one), STANDARD, row).row(0) == (day, one)


@CALM
@given(PUBLISHED, CHOICES)
def test_rows_do_not_depend_on_each_other(records: list[tuple[Any, int]], choice: str) -> None:
    rows, law = frame(records), chosen(choice)
    single = [rows.slice(n, 1) for n in range(rows.height)]
    for clock in (publish_by, public_until):
        assert clock(law, STANDARD, rows).rows() == [
            clock(law, STANDARD, r).row(0) for r in single
        ]
    never = [never_public(LAW, STANDARD, r, TODAY).item() for r in single]
    assert never_public(LAW, STANDARD, rows, TODAY).to_list() == never
    classes = [severity(LAW, STANDARD, r).item() for r in single]
    assert severity(LAW, STANDARD, rows).to_list() == classes


@CALM
@given(PENALTIES)
def test_mere_warnings_and_what_was_revoked_are_never_public(record: Record) -> None:
    rows = pl.DataFrame([record], schema=STANDARD.dtypes)
    forbidden = (
        {*record["penalty_kinds"]} == {"警告"}
        or record.get("procedure") == "简易程序"
        or record.get("status") in ("撤销", "确认违法", "无效")
        or (record.get("severity_class") == "轻微" and record["decided_on"] >= "2026-04-01")
    )
    assert (never_public(LAW, STANDARD, rows, TODAY).item() is not None) == forbidden


@CALM
@given(
    st.sampled_from(["withdraw_by", "answer_by", "consent_by", "repair_decide_by", "report_by"]),
    st.dates(date(2021, 9, 1), date(2027, 11, 1)),
)
def test_what_is_due_is_counted_day_by_day(kind: str, start: date) -> None:
    day, name = due(LAW, kind, "administrative_penalty", start)
    told = rule(name)
    assert start < day
    assert due(LAW, kind, "administrative_penalty", start) == (day, name)
    if told.unit == "day_of_next_month":
        assert day.day == told.amount
        assert (day.year * 12 + day.month) - (start.year * 12 + start.month) == 1
        return
    days = [start + timedelta(days=n) for n in range(1, (day - start).days + 1)]
    assert sum(bool(LAW.calendar.is_worked(one)) for one in days) == told.amount
    assert LAW.calendar.is_worked(day)
