"""The scoreboard against a count by hand in plain Python, on any set of records and deliveries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from exchange_schemas.catalogue import load_catalogue
from hub.database import connect, create_tables
from hub.scope import scope
from hub.scoreboard import board, summed
from hub.scoreboard_lists import listed, records
from tests.hub.scoreboard_data import delivery, publish, waiting

CATALOGUE = load_catalogue()
ON = date(2026, 4, 20)
PENALTY = "administrative_penalty"
DEPARTMENTS = ("market_regulation", "quality_supervision", "health")
HEIRS = {"quality_supervision": "market_regulation"}
FIRST = date(2026, 1, 25)

RECORD = st.tuples(
    st.sampled_from(DEPARTMENTS),
    st.none() | st.integers(0, 95),  # days after FIRST on which it is due; up to ten after ON
    st.none() | st.sampled_from((0, 5, 30, 60)),  # … on which it was published
)
# hours after January 31st, 12:00 UTC: midnight in Shanghai is among them
RUN = st.tuples(
    st.sampled_from(DEPARTMENTS), st.integers(0, 8), st.integers(0, 9), st.integers(0, 3)
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('oracle') / 'hub.sqlite'}")
    create_tables(engine)
    yield engine
    engine.dispose()


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(RECORD, max_size=25), st.lists(RUN, max_size=6))
def test_numbers_are_those_of_a_plain_count(
    engine: Engine,
    made: list[tuple[str, int | None, int | None]],
    runs: list[tuple[str, int, int, int]],
) -> None:
    expected: Counter[tuple[str, str, str]] = Counter()
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        rows: list[tuple[str, str, str | None]] = []
        publishing: dict[date, list[str]] = {}
        for place, (department, due, after) in enumerate(made):
            name, day = f"r{place:02}", None if due is None else FIRST + timedelta(due)
            rows.append((name, department, None if day is None else day.isoformat()))
            first = None if after is None else FIRST + timedelta(after)
            if first is not None:
                publishing.setdefault(first, []).append(name)
            if day is not None and (first is not None or day < ON):
                measure = "overdue" if first is None else "in_time" if first <= day else "late"
                expected[_heir(department), day.isoformat()[:7], measure] += 1
        waiting(connection, PENALTY, rows)
        for day, names in publishing.items():
            publish(connection, PENALTY, names, day.isoformat())
        for department, hours, accepted, rejected in runs:
            at = f"2026-01-31T{12 + hours}:00:00.000Z"
            delivery(connection, PENALTY, department, at, accepted, [("required", "x")] * rejected)
            month = "2026-01" if hours < 4 else "2026-02"
            numbers = {"runs": 1, "accepted": accepted, "rejected": rejected}
            for measure, count in numbers.items():
                expected[_heir(department), month, measure] += count
        _compare(connection, expected)
        connection.exec_driver_sql("ROLLBACK")


def _heir(department: str) -> str:
    return HEIRS.get(department, department)


def _compare(connection: Connection, expected: Counter[tuple[str, str, str]]) -> None:
    asked = scope(connection, CATALOGUE, ON, "2026-01", "2026-04", PENALTY)
    frame = board(connection, CATALOGUE, asked)
    measures = ("in_time", "late", "overdue", "runs", "accepted", "rejected")
    found = {
        (row["department"], row["month"], measure): row[measure]
        for row in frame.rows(named=True)
        for measure in measures
        if row[measure]
    }
    assert found == {key: count for key, count in expected.items() if count}
    ids = listed(connection, asked, 100)
    behind = Counter(ids.select("department", "month", "measure").iter_rows())
    for (department, month, measure), count in found.items():
        if measure not in ("accepted", "in_time"):
            assert behind[department, month, measure] == count
        if measure != "accepted":
            one = scope(connection, CATALOGUE, ON, month, month, PENALTY, department)
            assert len(records(connection, one, measure)) == count
    for row in summed(frame, ("dataset",)).rows(named=True):
        for rate in ("reporting_rate", "compliance_rate", "timeliness_rate"):
            assert row[rate] is None or 0 <= row[rate] <= 1
