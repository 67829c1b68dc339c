"""A cursor is exact: what the last run left finds the same value again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sql_cursor import cursor_text, cursor_value, set_back
from exchange_schemas.errors import Misdeclared

ZONES = st.builds(timezone, st.timedeltas(timedelta(hours=-12), timedelta(hours=14)).map(
    lambda offset: timedelta(minutes=offset // timedelta(minutes=1))
))  # fmt: skip
VALUES = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.datetimes()
    | st.datetimes(timezones=ZONES)
    | st.dates()
    | st.text()
    | st.binary()
    | st.uuids()
)


@given(VALUES)
def test_a_value_comes_back_exactly(value: Any) -> None:
    again = cursor_value(cursor_text(value, "a"), value, "a")
    assert (again, type(again)) == (value, type(value))


@given(VALUES, st.integers(0, 10**12))
def test_an_overlap_never_goes_forward(value: Any, overlap: int) -> None:
    if isinstance(value, str | bytes) or not hasattr(value, "__sub__"):
        assert set_back(value, 0, "a") == value
    else:
        assert set_back(value, overlap, "a") <= value


def test_overlaps() -> None:
    assert set_back(datetime(2024, 3, 1, 0, 0, 5, tzinfo=UTC), 10, "a") == datetime(
        2024, 2, 29, 23, 59, 55, tzinfo=UTC
    )
    assert set_back(date(2024, 3, 1), 3600, "a") == date(2024, 2, 29)
    assert set_back(Decimal("1.10"), 0.1, "a") == Decimal("1.00")
    assert set_back(2**60 + 1, 1, "a") == 2**60
    assert set_back(datetime(1, 1, 1, tzinfo=UTC), 1, "a") == datetime(1, 1, 1, tzinfo=UTC)


def test_a_start_as_people_write_it() -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    assert cursor_value("2024-01-02", moment, "a") == datetime(2024, 1, 1, 16, tzinfo=UTC)
    assert (
        cursor_value("2024-01-02 08:00:00Z", datetime.fromisoformat("2024-01-01"), "a").hour == 16
    )
    assert cursor_value("2024-01-02 08:00:00", date(2024, 1, 1), "a") == date(2024, 1, 2)


@pytest.mark.parametrize(
    "value", [None, True, float("nan"), Decimal("Infinity"), [1], {}, object()]
)
def test_what_is_no_cursor(value: Any) -> None:
    with pytest.raises(Misdeclared):
        cursor_text(value, "a")


@pytest.mark.parametrize(
    ("text", "sample"),
    [
        ("soon", date(2024, 1, 1)),
        ("x", 1),
        ("x", Decimal(1)),
        ("xy", b""),
        ("1", [1]),
        ("1", True),
    ],
)
def test_a_text_that_isnt_of_the_columns_type(text: str, sample: Any) -> None:
    with pytest.raises(Misdeclared):
        cursor_value(text, sample, "a")
