"""Identifiers and days judged by tables give the verdicts of the patterns and of the calendar."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.days import day_verdicts
from exchange_schemas.fixed_width import FINE, MALFORMED, MISDIGITED, Adder
from exchange_schemas.identifiers import (
    ORG_FORM,
    USCC_ALPHABET,
    USCC_FORM,
    org_expected,
    org_verdicts,
    org_wrong,
    uscc_expected,
    uscc_verdicts,
    uscc_wrong,
)

_CODES = st.text(USCC_ALPHABET, min_size=17, max_size=18) | st.text("0123456789X", max_size=10)
_OTHERS = st.sampled_from(
    ["", "é" * 9, "9144090", "\n", " 1440902MA0000015X", "９１４４０９", "中国中国中国"]
)
VALUES = st.lists(_CODES | _OTHERS | st.text(max_size=19) | st.none(), max_size=20)

KINDS = [
    (uscc_verdicts, USCC_FORM, uscc_wrong, uscc_expected),
    (org_verdicts, ORG_FORM, org_wrong, org_expected),
]


@pytest.mark.parametrize(("verdicts", "form", "wrong", "expected"), KINDS)
@given(values=VALUES)
def test_the_verdicts_of_pattern_and_sum(verdicts, form, wrong, expected, values) -> None:  # type: ignore[no-untyped-def]
    bodies = pl.Series(values, dtype=pl.String)
    pairs = zip(values, expected(bodies), strict=True)
    right = [value[:-1] + digit for value, digit in pairs if digit]
    column = pl.Series([*values, *right], dtype=pl.String)
    slow = [
        None if value is None else MALFORMED if not re.fullmatch(form, value) else bad
        for value, bad in zip(column, wrong(column).cast(pl.Int8) * MISDIGITED, strict=True)
    ]
    assert verdicts(column).to_list() == slow
    assert verdicts(column).dtype == pl.UInt8
    # parts of a column, which lie inside others' memory
    assert verdicts(column[1:]).to_list() == slow[1:]


_DAYS = st.one_of(
    st.dates().map(str),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True, alphabet="0123456789-"),
    st.tuples(st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32)).map(
        lambda day: f"{day[0]:04}-{day[1]:02}-{day[2]:02}"
    ),
    st.text("0123456789-/ ", max_size=11),
    st.none(),
)


def _verdict(text: str | None) -> int | None:
    if text is None:
        return None
    if text.startswith("0000-"):  # Python's calendar begins in the year 1, RFC 3339's in 0
        text = "2000" + text[4:]
    try:
        return FINE if date.fromisoformat(text).isoformat() == text else MALFORMED
    except ValueError:
        return MALFORMED


@given(st.lists(_DAYS, max_size=30))
def test_days_are_those_of_the_calendar(days: list[str | None]) -> None:
    assert day_verdicts(pl.Series(days, dtype=pl.String)).to_list() == list(map(_verdict, days))


def test_sums_never_overflow_into_another_form() -> None:
    adder = Adder([{"0": 0, "1": 1}] * 18)
    for wrong in range(19):
        value = "x" * wrong + "1" * (18 - wrong)
        assert bool(adder.sums(pl.Series([value]))[0] >= adder.odd) is (wrong > 0)
