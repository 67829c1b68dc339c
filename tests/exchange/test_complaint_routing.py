"""New tickets: to the department of the most specific rule, exactly once, and never dropped."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from exchange_schemas.complaint_rules import Route, grounds_on, load_routes, routed
from exchange_schemas.errors import Misdeclared
from hub import between_work
from hub.complaints import routing
from hub.complaints.tables import complaint_position, complaint_step, complaint_ticket
from hub.database import write
from hub.tables_of_terms import step_due, step_notice
from hub.terms import office
from hub.work import work, work_now
from tests.exchange.complaint_site import PRIVATE, Hotline, a_ticket, hotline, routes

ON = date(2026, 11, 23)
BEGIN = datetime.fromisoformat("2026-11-23T12:00:00+08:00")


@pytest.fixture
def made(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    return hotline(tmp_path, database_url, monkeypatch)


def test_the_most_specific_rule_in_force_wins(made: Hotline) -> None:
    routes(
        made.site,
        "food,,0101,,health,,",
        "food-kids,,010102,,education,,2026-11-22",
        "maonan,,01,440902,trade,,",
        "kinds,建议,,,trade,2026-01-01,",
    )
    made.put(
        a_ticket(1),
        a_ticket(2, category_code="0199"),
        a_ticket(3, category_code="0199", division_code="440981"),
        a_ticket(4, category_code=None, division_code=None),
        a_ticket(5, kind="建议", category_code="0999", facts="建议"),
        a_ticket(6, kind="行政效能投诉", category_code="0999"),
        a_ticket(7, kind="咨询", category_code="0999"),
        a_ticket(8, kind=None, category_code="0999"),
    )
    with time_machine.travel(BEGIN):
        done = made.route()
    assert (done["taken"], done["routed"], done["unrouted"]) == (8, 6, 2)
    placed = [(made.ticket(n)["department"], made.ticket(n)["route"]) for n in range(1, 9)]
    assert placed == [
        ("health", "food"),
        ("trade", "maonan"),
        ("market_regulation", "consumer"),
        ("market_regulation", "consumer"),
        ("trade", "kinds"),
        ("supervisory_commission", "efficiency"),
        (None, None),
        (None, None),
    ]
    assert made.ticket(7)["state"] == "unrouted"
    assert made.ticket(8)["kind"] == "其他"


def a_route(place: int, category: str, division: str, kind: str) -> Route:
    return Route(f"r{place}", kind, category, division, f"d{place}", None, None)


@given(
    parts=st.lists(
        st.tuples(
            st.sampled_from(["", "0", "01", "012"]),
            st.sampled_from(["", "44", "4409"]),
            st.sampled_from(["", "投诉"]),
        ),
        unique=True,
        max_size=8,
    ),
    ticket=st.tuples(
        st.sampled_from([None, "0", "0123", "9"]),
        st.sampled_from([None, "440902", "110101"]),
        st.sampled_from(["投诉", "举报"]),
    ),
)
def test_columns_choose_as_a_person_would(
    parts: list[tuple[str, str, str]], ticket: tuple[str | None, str | None, str]
) -> None:
    every = [a_route(n, *one) for n, one in enumerate(parts)]
    ordered = sorted(every, key=lambda r: (-len(r.category), -len(r.division), not r.kind, r.id))
    category, division, kind = ticket
    fits = [
        r
        for r in ordered
        if (category or "").startswith(r.category)
        and (division or "").startswith(r.division)
        and r.kind in ("", kind)
    ]
    schema = {"category_code": pl.String, "division_code": pl.String, "kind": pl.String}
    frame = pl.DataFrame([ticket], schema=schema, orient="row")
    told = routed(ordered, ON, frame)
    assert told["route"].item() == (fits[0].id if fits else None)


@pytest.mark.parametrize(
    "line",
    [
        "x,,,,no_such_department,,",
        "x,,,,trade,yesterday,",
        ",,,,trade,,",
        "x,,,,trade,",
        "x,,,,trade,,,",
        "x,,,,trade,,\nx,,,,trade,,",
    ],
)
def test_wrong_routes_are_told_and_nothing_is_routed(tmp_path: Path, line: str) -> None:
    head = "id,kind,category,division,department,valid_from,valid_until"
    (tmp_path / "complaint_routes.csv").write_text(f"{head}\n{line}\n")
    with pytest.raises(Misdeclared) as caught:
        load_routes(tmp_path)
    assert caught.value.issue.code == "route_invalid"


def test_grounds_are_those_of_the_day(tmp_path: Path) -> None:
    assert list(grounds_on(date(2026, 4, 14))) == ["1", "2", "3", "4", "5", "6"]
    assert list(grounds_on(date(2026, 4, 15))) == ["1", "2", "3", "4", "5", "6", "7"]
    assert grounds_on(date(2019, 12, 31)) == {}


def test_each_ticket_is_taken_once_however_often_it_comes(made: Hotline) -> None:
    with time_machine.travel(BEGIN, tick=False):
        made.put(a_ticket(1), a_ticket(2))
        assert made.route()["taken"] == 2
        assert not any(made.route().values())
        made.put(a_ticket(1, demand="退款"), a_ticket(3))
        done = made.route()
        assert (done["taken"], done["known"]) == (1, 1)
    with made.engine.connect() as connection:
        count = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in (complaint_ticket, complaint_step, step_due)
        }
    assert count == {"complaint_ticket": 3, "complaint_step": 3, "step_due": 3}
    assert made.ticket(1)["seq"] == 3


def test_who_is_killed_while_routing_has_done_nothing(
    made: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.put(*(a_ticket(n) for n in range(5)))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for place in ("begin_terms", "following.tell_assigned", "following.withdraw_gone"):
        with monkeypatch.context() as patch:
            patch.setattr(f"hub.complaints.routing.{place}", killed)
            with pytest.raises(KeyboardInterrupt):
                made.route()
        with made.engine.connect() as connection:
            assert connection.execute(select(complaint_ticket)).all() == []
            assert connection.execute(select(complaint_position)).all() == []
    assert made.route()["taken"] == 5


def test_the_job_comes_by_itself_after_a_delivery(made: Hotline) -> None:
    with made.engine.connect() as connection:
        assert between_work.enqueue(connection) == []
    made.put(a_ticket(1))
    with write(made.engine) as connection:
        (job,) = between_work.enqueue(connection)
        assert between_work.enqueue(connection) == []
    done = work(made.site, made.engine, job)
    assert done is not None
    assert done["complaints"]["taken"] == 1
    assert work_now(made.site, made.engine, "between", {})["complaints"]["taken"] == 0


def test_due_days_count_from_the_receipt_by_the_rule_of_that_day(made: Hotline) -> None:
    made.put(
        a_ticket(1),
        a_ticket(2, kind="举报"),
        a_ticket(3, received_at="2026-09-29T23:30:00+08:00"),
        a_ticket(4, received_at="2026-04-14T10:00:00+08:00"),
        a_ticket(5, received_at="2026-04-15T10:00:00+08:00"),
        a_ticket(6, received_at="2026-11-20T16:30:00Z"),  # the 21st here, a Saturday
    )
    made.route()
    with made.engine.connect() as connection:
        query = select(complaint_ticket.c.ticket_no, step_due.c.due_at, step_due.c.rule).join(
            complaint_ticket, complaint_ticket.c.id == step_due.c.matter_id
        )
        told = {row.ticket_no[-1]: (row.due_at, row.rule) for row in connection.execute(query)}
    assert told == {
        "1": ("2026-12-02T16:00:00.000Z", "complaint-accept@2026-04-15"),
        "2": ("2026-12-14T16:00:00.000Z", "report-check@2020-01-01"),
        "3": ("2026-10-14T16:00:00.000Z", "complaint-accept@2026-04-15"),
        "4": ("2026-04-23T16:00:00.000Z", "complaint-accept@2020-01-01"),
        "5": ("2026-04-24T16:00:00.000Z", "complaint-accept@2026-04-15"),
        "6": ("2026-12-01T16:00:00.000Z", "complaint-accept@2026-04-15"),
    }


def test_hours_run_from_the_receipt_of_each_ticket(made: Hotline) -> None:
    made.site.law.mkdir(exist_ok=True)
    own = {
        "id": "urgent", "version": "1", "procedure": "投诉", "step": "first_call", "on": ["take"],
        "until": ["accept"], "owed_by": "department", "amount": 2, "unit": "hours", "basis": "b",
        "basis_en": "b", "source": "hub", "configured": True, "verified": True,
    }  # fmt: skip
    (made.site.law / "steps.yml").write_text(json.dumps([own]))
    made.put(*(a_ticket(n, received_at=f"2026-11-23T0{n}:30:00+08:00") for n in (1, 2)))
    with write(made.engine) as connection:
        routing.route(connection, made.site, office(made.site, made.engine).terms)
        mine = step_due.c.term == "first_call"
        query = select(step_due.c.due_at).where(mine).order_by(step_due.c.due_at)
        told = connection.scalars(query).all()
    assert told == ["2026-11-22T19:30:00.000Z", "2026-11-22T20:30:00.000Z"]


def test_a_split_ticket_goes_where_the_other_is(made: Hotline) -> None:
    routes(made.site, "food,,0101,,trade,,")
    parent = a_ticket(1)
    child = a_ticket(2, kind="举报", category_code="0999", split_from=parent["ticket_no"])
    made.put(parent, child)
    made.route()
    assert made.ticket(2)["department"] == "trade"
    assert made.ticket(2)["route"] == f"split:{parent['ticket_no']}"
    made.put(a_ticket(3, kind="举报", category_code="0999", split_from=parent["ticket_no"]))
    made.route()
    assert made.ticket(3)["department"] == "trade"
    made.act(parent["ticket_no"], "tang", "hand_back", reason="属于市场监管")
    made.act(parent["ticket_no"], "huang", "assign", department="market_regulation")
    assert {made.ticket(n)["department"] for n in (1, 2, 3)} == {"market_regulation"}


def test_a_split_ticket_that_had_no_department_follows_again(made: Hotline) -> None:
    parent = a_ticket(1, ticket_no="440902199001011110", kind=None)  # as a person's number is made
    made.put(parent, a_ticket(2, kind=None, split_from=parent["ticket_no"]))
    assert made.route()["unrouted"] == 2
    for department in ("market_regulation", "trade"):
        made.act(parent["ticket_no"], "huang", "assign", department=department)
        assert made.ticket(2)["department"] == department
        if department == "market_regulation":
            made.act(parent["ticket_no"], "zhao", "hand_back", reason="属于商务")


def test_what_the_platform_takes_back_is_ended_and_old_tickets_owe_nothing(made: Hotline) -> None:
    old = a_ticket(
        2, closed_on="2026-11-24", accept_decision="受理", accept_decided_on="2026-11-24"
    )
    made.put(a_ticket(1), old)
    made.route()
    assert made.ticket(2)["state"] == "closed"
    assert made.ticket(2)["closed_at"] == "2026-11-24T15:59:59.999Z"  # its day here, to the end
    made.put(gone=(a_ticket(1),))
    assert made.route()["withdrawn"] == 1
    assert made.ticket(1)["state"] == "withdrawn"
    with made.engine.connect() as connection:
        opened = select(step_due.c.id).where(step_due.c.met_at.is_(None))
        assert connection.execute(opened).all() == []


def test_what_the_platform_sends_again_is_open_again(made: Hotline) -> None:
    made.put(a_ticket(1))
    made.route()
    before = made.ticket(1)
    made.act(before["ticket_no"], "zhao", "accept")
    made.put(gone=(a_ticket(1),))
    made.route()
    made.put(a_ticket(1))
    done = made.route()
    assert (done["resumed"], done["taken"]) == (1, 0)
    now = made.ticket(1)
    assert (now["state"], now["department"], now["step"]) == ("assigned", before["department"], 4)
    assert (now["accepted_at"], now["closed_at"]) == (None, None)
    with made.engine.connect() as connection:
        opened = select(step_due.c.begun_at).where(step_due.c.met_at.is_(None))
        begun = list(connection.scalars(opened))
    assert begun
    assert min(begun) > before["received_at"]  # from when it came again
    assert made.route()["resumed"] == 0


def test_what_is_sent_again_as_something_else_goes_by_the_routes(made: Hotline) -> None:
    routes(made.site, "food,,01,,health,,", "reports,举报,0301,,trade,,")
    made.put(a_ticket(1))
    made.route()
    made.put(gone=(a_ticket(1),))
    made.put(a_ticket(1, kind="举报", category_code="0301"))  # both in one look at the ledger
    done = made.route()
    assert (done["withdrawn"], done["resumed"]) == (1, 1)
    now = made.ticket(1)
    assert (now["kind"], now["category_code"], now["department"]) == ("举报", "0301", "trade")
    with made.engine.connect() as connection:
        rules = connection.scalars(select(step_due.c.rule).where(step_due.c.met_at.is_(None)))
        assert {one.split("-")[0] for one in rules} == {"report"}


def test_what_was_handed_back_waits_for_the_dispatcher_again(made: Hotline) -> None:
    made.put(a_ticket(1))
    made.route()
    made.act(a_ticket(1)["ticket_no"], "zhao", "hand_back", reason="属于商务")
    made.put(gone=(a_ticket(1),))
    made.route()
    made.put(a_ticket(1))
    made.route()
    now = made.ticket(1)
    assert (now["state"], now["department"], now["hand_backs"]) == ("unrouted", None, 1)


def test_beyond_the_calendar_what_is_sent_again_keeps_nothing_else_waiting(made: Hotline) -> None:
    made.put(a_ticket(1))
    made.route()
    made.put(gone=(a_ticket(1),))
    made.route()
    made.put(a_ticket(1), a_ticket(2))
    with time_machine.travel(datetime.fromisoformat("2039-01-03T09:00:00+08:00")):
        done = made.route()
    assert (done["resumed"], done["taken"], done["unclocked"]) == (1, 1, 1)


def test_what_comes_back_as_closed_stays_as_it_was(made: Hotline) -> None:
    made.put(a_ticket(1))
    made.route()
    made.put(gone=(a_ticket(1),))
    made.route()
    made.put(a_ticket(1, closed_on="2026-11-24"))
    assert made.route()["resumed"] == 0
    assert made.ticket(1)["state"] == "withdrawn"


def test_beyond_the_calendar_a_ticket_is_routed_and_counted(made: Hotline) -> None:
    made.put(a_ticket(1, received_at="2039-01-03T09:00:00+08:00"))
    done = made.route()
    assert (done["routed"], done["unclocked"]) == (1, 1)


def test_nothing_of_who_reported_leaves_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    made = hotline(tmp_path, url, monkeypatch)
    made.put(*(a_ticket(n) for n in range(3)))
    made.route()
    made.act(a_ticket(1)["ticket_no"], "zhao", "accept")
    with made.engine.connect() as connection:
        for table in (complaint_ticket, complaint_step, step_due, step_notice):
            text = str(connection.execute(select(table)).all())
            assert not any(word in text for word in PRIVATE)
        (told,) = connection.execute(select(step_notice)).all()
    assert (told.code, told.party) == ("tickets_new", "market_regulation")


@pytest.mark.slow
def test_many_tickets_are_routed_quickly(made: Hotline, figures: dict[str, int | float]) -> None:
    many = 100_000
    made.put(*(a_ticket(n, division_code=f"4409{n % 90:02d}") for n in range(many)))
    begun = datetime.now().astimezone()
    assert made.route()["taken"] == many
    took = (datetime.now().astimezone() - begun).total_seconds()
    figures[f"tickets routed per second ({made.engine.dialect.name})"] = round(many / took)
    assert took < 60
