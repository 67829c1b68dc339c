"""A small year with known answers: every measure of the scoreboard, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared
from hub import ledger, people
from hub.database import connect, create_tables, write
from hub.nil_reports import state
from hub.occurrences import SOURCES
from hub.scope import Scope, scope
from hub.scoreboard import COUNTS, GROUPS, board, summed
from hub.scoreboard_lists import causes, overdue_records, records
from hub.tables import dataset
from hub.tables_of_filings import filing
from hub.tables_of_runs import correction
from tests.hub.scoreboard_data import act, delivery, publish, waiting

PENALTY, LICENSE = "administrative_penalty", "administrative_license"
MARKET, HEALTH = "market_regulation", "health"
ON = date(2026, 4, 20)
CATALOGUE = load_catalogue()

# Shanghai midnight between January and February is 16:00 UTC of January 31st.
JANUARY, FEBRUARY = "2026-01-31T15:59:59.999Z", "2026-01-31T16:00:00.000Z"


def fill(connection: Connection) -> None:
    """January to March of two departments; April isn't over."""
    bad = [
        ("date_unreadable", "decided_on"),
        ("date_unreadable", "decided_on"),
        ("required", "doc_no"),
    ]
    rejecting = delivery(connection, PENALTY, MARKET, JANUARY, 7, bad)
    delivery(connection, PENALTY, MARKET, FEBRUARY, 4)
    # the same bytes again, a held delivery, corrected rows: none of them is a delivery of March
    delivery(connection, PENALTY, MARKET, "2026-03-05T00:00:00.000Z", 4, same_as=rejecting)
    delivery(connection, PENALTY, MARKET, "2026-03-06T00:00:00.000Z", 9, state="held")
    fixed = delivery(connection, PENALTY, MARKET, "2026-03-07T00:00:00.000Z", 1, kind="correction")
    for line, key in ((2, "k2"), (3, None)):
        row = {
            "feed_id": 1, "rejected_run_id": rejecting, "line": line, "before": "{}", "after": "{}",
            "key": key, "run_id": fixed, "actor": "shen", "corrected_at": "2026-03-07T00:00:00.000Z",
        }  # fmt: skip
        connection.execute(insert(correction).values(row))
    disclosures(connection)
    people.grant(connection, "shen", HEALTH, "submitter", "operator")
    state(connection, CATALOGUE, PENALTY, HEALTH, "2026-02", "shen", ON)


def disclosures(connection: Connection) -> None:
    """Due in January: 3 in time, 1 late, 1 overdue; in February and March what isn't overdue."""
    january = [(f"r{n}", MARKET, "2026-01-31") for n in range(5)]
    february = [("r5", MARKET, "2026-02-01"), ("r6", MARKET, "2026-02-28")]
    open_ones = [("r7", MARKET, "2026-04-20"), ("r8", MARKET, "2026-04-19"), ("r9", MARKET, None)]
    waiting(connection, PENALTY, [*january, *february, *open_ones])
    waiting(connection, PENALTY, [("h1", HEALTH, "2026-03-01")], hold="consent:1")
    publish(connection, PENALTY, ["r0", "r1", "r2"], "2026-01-31")
    publish(connection, PENALTY, ["r3", "r9"], "2026-02-01")
    at = "2026-02-10T00:00:00.000Z"
    act(connection, PENALTY, "reject", ["r5"], at, "privacy")
    act(connection, PENALTY, "withdraw", ["r0"], JANUARY, "inaccurate")
    act(connection, PENALTY, "repair", ["r1"], FEBRUARY, "repair_granted")
    act(connection, PENALTY, "void", ["r2"], at)
    act(connection, PENALTY, "review", ["r2"], at)
    act(connection, PENALTY, "approve", ["r2"], at)
    act(connection, PENALTY, "republish", ["r2"], "2026-03-31T15:59:59.999Z")
    objection(connection, "SQ1", "granted", "withdrawn")
    objection(connection, "SQ2", "answered", "correction")
    objection(connection, "SQ3", "refused", "refused")


def objection(connection: Connection, number: str, ended: str, outcome: str) -> None:
    row = {
        "number": number, "kind": "objection", "dataset_id": ledger.dataset_id(connection, PENALTY),
        "record_id": "r0", "state": ended, "content_sha256": "", "party_name": "茂名市某商行",
        "statement": "不符", "evidence": "[]", "filed_at": JANUARY, "filed_on": "2026-01-31",
        "received_at": JANUARY, "handler": "he", "outcome": outcome, "decided_by": "he",
        "decided_at": JANUARY,
    }  # fmt: skip
    connection.execute(insert(filing).values(row))


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = connect(database_url)
    create_tables(engine)
    with write(engine) as connection:
        fill(connection)
        yield connection
    engine.dispose()


def asked(connection: Connection, **words: Any) -> Scope:
    return scope(connection, CATALOGUE, ON, "2026-01", "2026-04", **words)


def told(connection: Connection, department: str, month: str) -> dict[str, Any]:
    """The counts that aren't 0, and the rates."""
    frame = board(connection, CATALOGUE, asked(connection, name=PENALTY))
    mine = (frame["department"] == department) & (frame["month"] == month)
    (row,) = frame.filter(mine).drop(GROUPS).rows(named=True)
    return {name: value for name, value in row.items() if value or name.endswith("_rate")}


KNOWN = {
    # 10 rows read, 7 taken; of five due three were in time: 3 / (3 + 1 + 1)
    (MARKET, "2026-01"): {
        "owed": 1, "reported": 1, "runs": 1, "read": 10, "accepted": 7, "rejected": 3,
        "in_time": 3, "late": 1, "overdue": 1, "withdrawn": 1, "objections_upheld": 2,
        "reporting_rate": 1.0, "compliance_rate": 0.7, "timeliness_rate": 0.6,
    },
    # r5 was refused by a person, so it isn't overdue; r6 is
    (MARKET, "2026-02"): {
        "owed": 1, "reported": 1, "runs": 1, "read": 4, "accepted": 4, "overdue": 1, "repaired": 1,
        "reporting_rate": 1.0, "compliance_rate": 1.0, "timeliness_rate": 0.0,
    },
    # corrected rows are no delivery: due on April 10th, so it is silent
    (MARKET, "2026-03"): {
        "owed": 1, "silent": 1, "corrected_rows": 1, "corrected_records": 1,
        "reporting_rate": 0.0, "compliance_rate": None, "timeliness_rate": None,
    },
    # r8 was due on the 19th, r7 is due today; April's report isn't owed yet
    (MARKET, "2026-04"): {
        "overdue": 1,
        "reporting_rate": None, "compliance_rate": None, "timeliness_rate": 0.0,
    },
    (HEALTH, "2026-02"): {
        "owed": 1, "reported": 1, "nil_reports": 1,
        "reporting_rate": 1.0, "compliance_rate": None, "timeliness_rate": None,
    },
    # h1 is on hold
    (HEALTH, "2026-03"): {
        "owed": 1, "silent": 1,
        "reporting_rate": 0.0, "compliance_rate": None, "timeliness_rate": None,
    },
}  # fmt: skip


@pytest.mark.parametrize(("department", "month"), KNOWN)
def test_every_measure_is_as_worked_out(
    connection: Connection, department: str, month: str
) -> None:
    assert told(connection, department, month) == KNOWN[department, month]


def test_who_said_nothing_is_there_too(connection: Connection) -> None:
    frame = board(connection, CATALOGUE, asked(connection, name=PENALTY))
    silent = frame.filter(frame["silent"] > 0)
    assert set(silent["department"]) == {MARKET, HEALTH, "civil_affairs", "agriculture_rural"}
    assert silent.filter(silent["department"] == "civil_affairs")["month"].to_list() == [
        "2026-01", "2026-02", "2026-03",
    ]  # fmt: skip


def test_what_is_counted_is_what_is_listed(connection: Connection) -> None:
    frame = board(connection, CATALOGUE, asked(connection, name=PENALTY))
    shown = 0
    for row in frame.rows(named=True):
        one = scope(
            connection,
            CATALOGUE,
            ON,
            row["month"],
            row["month"],
            row["dataset"],
            row["department"],
        )
        for measure in SOURCES:
            found = records(connection, one, measure)
            assert len(found) == len(set(found)) == row[measure], (measure, row)
            shown += len(found)
    assert shown == 19


def test_records_come_page_by_page(connection: Connection) -> None:
    one = scope(connection, CATALOGUE, ON, "2026-01", "2026-01", PENALTY, MARKET)
    first = records(connection, one, "in_time", limit=2)
    assert first == ["r0", "r1"]
    assert records(connection, one, "in_time", after="r1", limit=2) == ["r2"]
    assert records(connection, one, "rejected") == ["1:2", "1:3", "1:4"]
    with pytest.raises(Misdeclared, match="no measure speed"):
        records(connection, one, "speed")


def test_the_overdue_list_says_how_late(connection: Connection) -> None:
    rows = overdue_records(connection, asked(connection)).rows(named=True)
    found = [(r["record_id"], r["department"], r["days_late"], r["month"]) for r in rows]
    assert found == [
        ("r4", MARKET, 79, "2026-01"), ("r6", MARKET, 51, "2026-02"), ("r8", MARKET, 1, "2026-04"),
    ]  # fmt: skip


def test_no_department_hides_behind_another(connection: Connection) -> None:
    waiting(connection, PENALTY, [("h2", HEALTH, "2026-04-01")])
    rows = overdue_records(connection, asked(connection), limit=1).rows(named=True)
    assert [one["record_id"] for one in rows] == ["r4", "h2"]


def test_rejected_rows_by_cause(connection: Connection) -> None:
    found = causes(connection, asked(connection)).rows()
    key = (MARKET, PENALTY, "2026-01")
    assert found == [(*key, "date_unreadable", "decided_on", 2), (*key, "required", "doc_no", 1)]


def test_sums_have_the_rates_of_the_sums(connection: Connection) -> None:
    frame = board(connection, CATALOGUE, asked(connection))
    by_department = summed(frame, ("department",))
    (row,) = by_department.filter(by_department["department"] == MARKET).rows(named=True)
    assert (row["read"], row["accepted"]) == (14, 11)
    assert row["compliance_rate"] == 11 / 14
    assert row["timeliness_rate"] == 3 / 7
    for name in COUNTS:
        assert by_department[name].sum() == frame[name].sum()
    assert frame.select(GROUPS).is_duplicated().sum() == 0


def test_a_merged_department_counts_for_its_successor(connection: Connection) -> None:
    delivery(connection, LICENSE, "quality_supervision", "2026-02-01T00:00:00.000Z", 3)
    waiting(connection, LICENSE, [("l1", "food_drug", "2026-02-03")])
    for code in (MARKET, "quality_supervision", "food_drug"):
        one = asked(connection, name=LICENSE, department=code)
        assert one.department == MARKET
        frame = board(connection, CATALOGUE, one)
        row = frame.filter(frame["month"] == "2026-02").rows(named=True)[0]
        assert (row["department"], row["read"], row["overdue"]) == (MARKET, 3, 1)
        assert records(connection, one, "overdue") == ["l1"]


def test_a_run_without_department_is_the_owners(connection: Connection) -> None:
    delivery(connection, PENALTY, None, "2026-03-31T15:00:00.000Z", 2)
    assert told(connection, MARKET, "2026-03")["reported"] == 1
    mine = scope(connection, CATALOGUE, ON, "2026-03", "2026-03", PENALTY, MARKET)
    assert len(records(connection, mine, "runs")) == 1
    other = scope(connection, CATALOGUE, ON, "2026-03", "2026-03", PENALTY, HEALTH)
    assert records(connection, other, "runs") == []


def test_a_dataset_that_nobody_delivered_has_no_number(connection: Connection) -> None:
    connection.execute(dataset.delete().where(dataset.c.name == "nothing"))
    frame = board(connection, CATALOGUE, asked(connection, name="administrative_license"))
    assert set(frame["dataset"]) == {"administrative_license"}
    assert frame["silent"].sum() == frame["owed"].sum() > 0
