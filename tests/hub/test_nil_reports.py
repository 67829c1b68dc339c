"""Nil reports: who may state one, when it is refused, and which silence is overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared, Refused
from hub import ledger, nil_reports, people
from hub.database import connect, create_tables, write
from hub.reporting import overdue
from hub.reports_owed import owed
from hub.tables_of_reports import nil_report
from tests.hub.ledger_data import PENALTY, a_penalty, made, put
from tests.hub.scoreboard_data import delivery

CATALOGUE = load_catalogue()
ON = date(2026, 4, 20)
NOON = "2026-02-10T04:00:00.000Z"


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = connect(database_url)
    create_tables(engine)
    with write(engine) as connection:
        people.grant(connection, "shen", "health", "submitter", "operator")
        delivery(connection, PENALTY, "market_regulation", NOON, 3)
        yield connection
    engine.dispose()


def state(
    connection: Connection, period: str = "2026-02", department: str = "health", who: str = "shen"
) -> int:
    return nil_reports.state(connection, CATALOGUE, PENALTY, department, period, who, ON)


def silent(connection: Connection, on: date = ON) -> set[tuple[str, str]]:
    found = overdue(connection, CATALOGUE, on, [PENALTY])
    return {(row["owner"], row["period"]) for row in found.rows(named=True)}


def test_a_nil_report_ends_the_silence_until_it_is_withdrawn(connection: Connection) -> None:
    assert ("health", "2026-02") in silent(connection)
    number = state(connection)
    assert ("health", "2026-02") not in silent(connection)
    assert ("health", "2026-03") in silent(connection)
    nil_reports.withdraw(connection, number, "shen")
    assert ("health", "2026-02") in silent(connection)
    again = state(connection)
    found = nil_reports.listing(connection, PENALTY, "health")
    assert [(one["id"], one["withdrawn_by"]) for one in found] == [(again, None), (number, "shen")]
    assert nil_reports.listing(connection, PENALTY, "civil_affairs") == []
    with pytest.raises(Refused, match="withdrawn already"):
        nil_reports.withdraw(connection, number, "shen")


def test_what_is_overdue_begins_after_the_due_day(connection: Connection) -> None:
    due = owed(CATALOGUE, [PENALTY], ["2026-02"], ON)["due"].unique().to_list()
    assert due == [date(2026, 3, 10)]
    assert silent(connection, date(2026, 3, 10)) == set()
    after = silent(connection, date(2026, 3, 11))
    assert after == {(one, "2026-02") for one in ("agriculture_rural", "health", "civil_affairs")}


def test_months_before_the_hub_aren_t_owed(connection: Connection) -> None:
    assert {period for _, period in silent(connection)} == {"2026-02", "2026-03"}


def test_only_a_submitter_of_the_department_states_it(connection: Connection) -> None:
    people.grant(connection, "he", "health", "reviewer", "operator")
    for who in ("he", "nobody"):
        with pytest.raises(Refused, match="submitter"):
            state(connection, who=who)
    with pytest.raises(Refused, match="submitter"):
        state(connection, department="civil_affairs")
    number = state(connection)
    with pytest.raises(Refused, match="submitter"):
        nil_reports.withdraw(connection, number, "he")


def test_it_is_stated_once(connection: Connection) -> None:
    state(connection)
    with pytest.raises(Refused, match="stated already"):
        state(connection)
    with pytest.raises(IntegrityError), connection.begin_nested():
        row = {
            "dataset_id": ledger.dataset_id(connection, PENALTY), "department": "health",
            "period": "2026-02", "actor": "x", "reported_at": NOON,
        }  # fmt: skip
        connection.execute(nil_report.insert().values(row))


def test_it_is_refused_against_data_of_the_month(connection: Connection) -> None:
    delivery(connection, PENALTY, "health", "2026-03-31T15:59:59.999Z", 1)
    delivery(
        connection, PENALTY, "health", "2026-02-28T15:59:59.999Z", 0, [("required", "doc_no")]
    )
    with pytest.raises(Refused, match="delivered records"):
        state(connection, "2026-03")
    assert state(connection, "2026-02")  # rows that were all rejected are no records


def test_a_record_of_the_month_that_came_later_is_data(database_url: str) -> None:
    """Decided on the month's last day, delivered in the next one."""
    engine = made(database_url)
    told = {"department": "market_regulation", "started_at": NOON}
    put(engine, PENALTY, [a_penalty(0, "丙", decided_on="2026-02-01")], **told)
    later = [
        a_penalty(1, "甲", decided_on="2026-02-28"),
        a_penalty(2, "乙", decided_on="2026-01-05"),
    ]
    put(engine, PENALTY, later, department="health", started_at="2026-03-03T04:00:00.000Z")
    with write(engine) as connection:
        people.grant(connection, "shen", "health", "submitter", "operator")
        others = {"civil_affairs", "agriculture_rural"}
        assert silent(connection) == {
            *((one, month) for one in others for month in ("2026-02", "2026-03")),
            ("market_regulation", "2026-03"),
        }
        with pytest.raises(Refused, match="delivered records"):
            state(connection, "2026-02")
    engine.dispose()


@pytest.mark.parametrize(
    ("period", "error", "words"),
    [
        ("2026-04", Refused, "isn't over"),
        ("2026-13", Misdeclared, "no month"),
        ("2026-1", Misdeclared, "no month"),
        ("２０２６-01", Misdeclared, "no month"),
        ("", Misdeclared, "no month"),
    ],
)
def test_months_that_can_t_be_reported(
    connection: Connection, period: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        state(connection, period)


def test_a_department_that_owes_nothing_has_nothing_to_state(connection: Connection) -> None:
    people.grant(connection, "li", "tourism", "submitter", "operator")
    with pytest.raises(Misdeclared, match="owes no report"):
        state(connection, department="tourism", who="li")


def test_a_successor_reports_for_a_department_that_ended(connection: Connection) -> None:
    """Four bureaus owed December 2018; from January on market regulation answers for them."""
    delivery(connection, PENALTY, "industry_commerce", "2018-12-05T00:00:00.000Z", 2)
    people.grant(connection, "ma", "market_regulation", "submitter", "operator")
    on = date(2019, 2, 1)
    merged = {"quality_supervision", "food_drug", "intellectual_property", "price"}
    asked = owed(CATALOGUE, [PENALTY], ["2018-12"], on)
    answering = dict(asked.select("owner", "department").iter_rows())
    assert {one for one, heir in answering.items() if heir == "market_regulation"} == (
        merged - {"price"} | {"industry_commerce"}
    )
    assert answering["price"] == "development_reform"
    nil_reports.state(connection, CATALOGUE, PENALTY, "market_regulation", "2018-12", "ma", on)
    left = overdue(connection, CATALOGUE, on, [PENALTY], "2018-12")
    assert merged & set(left["owner"]) == set()
    assert "health" in set(left["owner"])
