"""What departments, the dispatcher and the supervisor do with tickets, and what the platform hears."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DatabaseError
from werkzeug.test import Client

from exchange_schemas.errors import HubError, Misdeclared, Refused
from hub.complaints import acting, returns, showing, watching
from hub.complaints.states import ACTS, BY_NAME, FIRST, OPEN, STATES, moves
from hub.complaints.steps import MOST_HAND_BACKS
from hub.complaints.tables import complaint_return, complaint_step, complaint_ticket
from hub.consumers.consumer import add_consumer
from hub.database import write
from hub.tables_of_terms import step_due, step_notice
from hub.transfers import parties
from hub.web.exchange import create_exchange
from tests.exchange.complaint_site import PEOPLE, PRIVATE, Hotline, a_ticket, hotline

BEGIN = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
ONE, TWO, THREE = (a_ticket(n)["ticket_no"] for n in (1, 2, 3))


@pytest.fixture
def made(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hotline]:
    """On the day on which the tickets came, so that none is overdue."""
    with time_machine.travel(BEGIN):
        found = hotline(tmp_path, database_url, monkeypatch)
        found.put(a_ticket(1), a_ticket(2, kind="举报"), a_ticket(3, kind="咨询"))
        found.route()
        yield found


def code_of(error: pytest.ExceptionInfo[HubError]) -> str:
    return error.value.issue.code


def test_the_table_of_states_is_whole() -> None:
    assert {after for _, _, after in moves()} | set(FIRST) == set(STATES)


def test_a_complaint_to_its_end_and_back_to_the_platform(made: Hotline) -> None:
    assert made.act(ONE, "zhao", "accept") == "accepted"
    with pytest.raises(Refused) as caught:
        made.act(ONE, "zhao", "close", reason="请联系 13906680111")
    assert code_of(caught) == "result_private"
    assert made.act(ONE, "zhao", "close", reason="商家退款。", mediation="达成") == "closed"
    assert made.act(ONE, "zhao", "tell") == "closed"
    with made.engine.connect() as connection:
        told = returns.page(connection, 0, 10)
        opened = connection.execute(
            select(step_due.c.term).where(step_due.c.matter_id == 1, step_due.c.met_at.is_(None))
        ).all()
    assert [(one["seq"], one["act"]) for one in told] == [(1, "accept"), (2, "close"), (3, "tell")]
    assert told[1]["mediation_result"] == "达成"
    assert told[1]["result_text"] == "商家退款。"
    assert opened == []
    assert not any(word in json.dumps(told, ensure_ascii=False) for word in PRIVATE)


def test_a_report_is_extended_once_decided_and_told(made: Hotline) -> None:
    with pytest.raises(Refused) as caught:
        made.act(TWO, "zhao", "accept")
    assert code_of(caught) == "ticket_state"
    with pytest.raises(Refused):
        made.act(TWO, "zhao", "close", reason="没有决定就办结")
    made.act(TWO, "zhao", "extend", reason="需要检验")
    with made.engine.connect() as connection:
        (due,) = connection.scalars(select(step_due.c.due_at).where(step_due.c.matter_id == 2))
    assert due == "2027-01-05T16:00:00.000Z"
    with pytest.raises(Refused) as caught:
        made.act(TWO, "zhao", "extend", reason="再延长")
    assert code_of(caught) == "term_not_extended"
    assert made.act(TWO, "zhao", "decide", decision="立案", reason="经核查属实") == "decided"
    made.act(TWO, "zhao", "tell", reason="匿名，无法告知")
    assert made.act(TWO, "zhao", "close", reason="已立案查处") == "closed"


def test_a_complaint_is_refused_on_a_ground_of_its_day(made: Hotline) -> None:
    for words in ({"ground": "8"}, {}, {"ground": "7", "reason": " "}):
        with pytest.raises(Misdeclared) as caught:
            made.act(ONE, "zhao", "refuse", **{"reason": "理由", **words})
        assert code_of(caught) == "ticket_words"
    assert made.act(ONE, "zhao", "refuse", ground="7", reason="规章规定的其他情形") == "refused"
    with made.engine.connect() as connection:
        (told,) = returns.page(connection, 0, 10)
    assert (told["accept_decision"], told["refuse_reason"]) == ("不予受理", "7")


def test_handed_back_again_and_again_the_supervisor_decides(made: Hotline) -> None:
    for _ in range(MOST_HAND_BACKS):
        assert made.act(ONE, "zhao", "hand_back", reason="不属于本部门") == "handed_back"
        assert made.act(ONE, "huang", "assign", department="market_regulation") == "assigned"
    assert made.act(ONE, "zhao", "hand_back", reason="还是不属于") == "escalated"
    with pytest.raises(Refused) as caught:
        made.act(ONE, "huang", "assign", department="trade")
    assert code_of(caught) == "ticket_state"
    with pytest.raises(Refused) as caught:
        made.act(ONE, "huang", "decide_department", department="trade")
    assert code_of(caught) == "ticket_side"
    with made.engine.connect() as connection:
        (listed,) = [r for r in showing.supervised(connection, made.who("liu")) if r["why"]]
    assert "handed_back" in listed["why"]
    assert made.act(ONE, "liu", "decide_department", department="trade") == "assigned"
    with pytest.raises(Misdeclared) as missing:
        made.act(ONE, "zhao", "accept")
    assert code_of(missing) == "ticket_unknown"
    assert made.act(ONE, "tang", "accept") == "accepted"


SEEING = {"zhao", "qian", "huang", "liu", "jin"}


def test_everybody_and_every_act(made: Hotline) -> None:
    """Who doesn't see a ticket learns nothing of it; who sees it does only what is theirs."""
    allowed = {
        "department": {"zhao"},
        "dispatcher": {"huang"},
        "supervisor": {"liu", "jin"},
        "hub": set(),
    }
    with write(made.engine) as connection:  # a state from which no act of people leads on
        row = {"ticket_id": 1, "number": 2, "act": "withdraw", "state_before": "assigned"}
        row |= {"state": "withdrawn", "actor": "hub", "at": "2026-11-23T02:00:00.000Z"}
        connection.execute(insert(complaint_step).values(row))
        mine = complaint_ticket.c.id == 1
        connection.execute(update(complaint_ticket).where(mine).values(state="withdrawn", step=2))
    for act in ACTS:
        for name in (*PEOPLE, "wu"):
            with pytest.raises(HubError) as caught:
                made.act(ONE, name, act.name, reason="因为")
            may = any(name in allowed[side] for side in act.by)
            expected = "ticket_state" if may else "ticket_side"
            assert code_of(caught) == (expected if name in SEEING else "ticket_unknown")
    for name in (*PEOPLE, "wu"):
        with made.engine.connect() as connection:
            found = showing.listing(connection, made.who(name))
        assert bool(found) == (name in SEEING)


def test_a_ticket_is_shown_without_who_reported(made: Hotline) -> None:
    with write(made.engine) as connection:
        row = acting.find(connection, made.who("zhao"), ONE)
        shown = showing.show(connection, made.desk.catalogue, row)
    text = json.dumps(shown, ensure_ascii=False)
    assert shown["record"]["facts_masked"] == "反映该店销售过期食品。"
    assert not any(word in text for word in PRIVATE)


def test_reminders_escalation_and_the_supervision_list(made: Hotline) -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        assert watching.sweep(made.desk)["reminded"] == 0
        clock.move_to(datetime.fromisoformat("2026-12-01T10:00:00+08:00"))
        assert watching.sweep(made.desk) == {"reminded": 1, "escalated": 1, "mailed": 0}
        with made.engine.connect() as connection:
            late = showing.supervised(connection, made.who("liu"))
            own = showing.supervised(connection, made.who("tang"))
        assert [(one["ticket_no"], one["why"]) for one in late] == [(THREE, ["overdue"])]
        assert own == []
        made.act(ONE, "jin", "supervise", reason="群众反映强烈")
        clock.move_to(datetime.fromisoformat("2026-12-03T00:00:00+08:00"))
        assert watching.sweep(made.desk)["escalated"] == 1
        assert watching.sweep(made.desk)["escalated"] == 0
        with made.engine.connect() as connection:
            late = showing.supervised(connection, made.who("jin"))
            parties_told = {
                (row.party, row.role)
                for row in connection.execute(
                    select(step_notice).where(step_notice.c.code == "ticket_overdue")
                )
            }
    assert [(one["ticket_no"], one["why"]) for one in late] == [
        (ONE, ["overdue", "marked"]),
        (THREE, ["overdue"]),
    ]
    assert ("market_regulation", "head") in parties_told
    assert ("government_services_data", "supervisor") in parties_told


def test_a_closed_ticket_whose_reporter_wasnt_told_is_supervised(made: Hotline) -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        made.act(THREE, "huang", "assign", department="market_regulation")
        made.act(ONE, "zhao", "accept")
        for number in (ONE, THREE):
            made.act(number, "zhao", "close", reason="商家退款。")
        clock.move_to(datetime.fromisoformat("2026-12-10T10:00:00+08:00"))
        with made.engine.connect() as connection:
            listed = showing.supervised(connection, made.who("liu"))
        assert [(one["ticket_no"], one["state"]) for one in listed] == [(ONE, "closed")]
        made.act(ONE, "zhao", "tell")
        with made.engine.connect() as connection:
            assert showing.supervised(connection, made.who("liu")) == []


def test_a_term_that_is_over_isnt_extended_any_more(made: Hotline) -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        clock.move_to(datetime.fromisoformat("2026-12-15T00:00:00+08:00"))
        with pytest.raises(Refused) as caught:
            made.act(TWO, "zhao", "extend", reason="需要检验")
    assert code_of(caught) == "term_not_extended"


def test_the_same_company_again_and_again(made: Hotline) -> None:
    with time_machine.travel(BEGIN, tick=False):
        company = {"respondent_uscc": "91440902MA00000K01"}
        made.put(*(a_ticket(n, **company) for n in (11, 12)))
        made.route()
        with made.engine.connect() as connection:
            assert showing.supervised(connection, made.who("liu")) == []
        made.put(a_ticket(13, **company, split_from=a_ticket(12)["ticket_no"]))
        made.route()
        with made.engine.connect() as connection:
            assert showing.supervised(connection, made.who("liu")) == []
        made.put(a_ticket(14, **company))
        made.route()
        with made.engine.connect() as connection:
            found = showing.supervised(connection, made.who("liu"))
    assert {tuple(one["why"]) for one in found} == {("repeated",)}
    assert len(found) == 4


def test_the_platform_pulls_results_and_gives_receipts(made: Hotline) -> None:
    made.act(ONE, "zhao", "accept")
    made.act(ONE, "zhao", "close", reason="商家退款。")
    keys = {}
    with write(made.engine) as connection:
        for name in ("平台", "别人"):
            keys[name] = add_consumer(connection, name, "government", ("market_entity",))
        parties.register(connection, "平台", "12345", "test")
    app = create_exchange(made.site, made.engine, made.desk.catalogue)

    def ask(path: str, who: str, body: Any = None, method: str = "GET") -> Any:
        headers = {"Authorization": f"Bearer {keys[who]}"}
        data = None if body is None else json.dumps(body)
        return Client(app.wsgi_app).open(f"/v1{path}", method=method, headers=headers, data=data)

    assert ask("/complaint-returns", "别人").status_code == 403
    assert [one["seq"] for one in ask("/complaint-returns", "平台").json["returns"]] == [1, 2]
    assert [one["seq"] for one in ask("/complaint-returns?after=1", "平台").json["returns"]] == [2]
    assert ask("/complaint-returns?since=1", "平台").status_code == 400
    for seq, body, status in (
        ("1", None, 204),
        ("1", None, 204),
        ("2", {"refused": "工单已关闭"}, 204),
        ("3", None, 404),
        ("0x1", None, 404),
        ("1", {"why": "x"}, 400),
        ("1", ["x"], 400),
    ):
        answer = ask(f"/complaint-returns/{seq}/receipt", "平台", body, "POST")
        assert answer.status_code == status, (seq, body)
    assert ask("/complaint-returns/1/receipt", "别人", None, "POST").status_code == 403
    with made.engine.connect() as connection:
        told = connection.execute(select(complaint_return).order_by(complaint_return.c.seq)).all()
    assert [one.refused for one in told] == [None, "工单已关闭"]


@pytest.mark.parametrize("place", ["returns.add", "_tell"])
def test_who_is_killed_in_the_middle_has_done_nothing(
    made: Hotline, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"hub.complaints.steps.{place}", killed)
        with pytest.raises(KeyboardInterrupt):
            made.act(ONE, "zhao", "accept")
    assert made.ticket(1)["state"] == "assigned"
    assert made.act(ONE, "zhao", "accept") == "accepted"
    with made.engine.connect() as connection:
        assert [one["seq"] for one in returns.page(connection, 0, 9)] == [1]


def test_the_database_refuses_what_isnt_a_step(made: Hotline) -> None:
    row = {"ticket_id": 1, "number": 2, "act": "accept", "state_before": "assigned"}
    row |= {"state": "closed", "actor": "x", "at": "2026-11-23T02:00:00.000Z"}
    for statement in (
        update(complaint_ticket).values(state="closed"),
        update(complaint_ticket).values(step=2),
        update(complaint_ticket).values(received_at="2027-01-01T00:00:00.000Z"),
        delete(complaint_ticket),
        update(complaint_step).values(actor="x"),
        delete(complaint_step),
        insert(complaint_step).values(row),
    ):
        with pytest.raises(DatabaseError), write(made.engine) as connection:
            connection.execute(statement)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_any_acts_in_any_order_keep_the_books(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """History leads to the state, returns have no gap, and nothing is owed for what has ended."""
    folder, chance = tmp_path_factory.mktemp("model"), random.Random(seed)
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(BEGIN, tick=False) as clock:
        made = hotline(folder, f"sqlite:///{folder / 'hub.sqlite'}", patch)
        made.put(*(a_ticket(n, kind=k) for n, k in enumerate(("投诉", "举报", "建议", None))))
        made.route()
        for _ in range(50):
            clock.shift(timedelta(hours=chance.randrange(30)))
            number = a_ticket(chance.randrange(4))["ticket_no"]
            words = {"reason": "因为", "ground": "1", "decision": "立案", "department": "trade"}
            name = chance.choice(ACTS).name
            given_words = {
                k: v for k, v in words.items() if k in (*BY_NAME[name].needs, "department")
            }
            try:
                made.act(number, chance.choice(list(PEOPLE)), name, **given_words)
            except HubError as error:
                assert error.issue.code.startswith(("ticket_", "term_", "act_"))
        with made.engine.connect() as connection:
            for row in connection.execute(select(complaint_ticket)).mappings().all():
                mine = complaint_step.c.ticket_id == row["id"]
                steps = connection.execute(
                    select(complaint_step).where(mine).order_by(complaint_step.c.number)
                ).all()
                assert [step.number for step in steps] == list(range(1, row["step"] + 1))
                assert steps[-1].state == row["state"]
                assert all(b.state_before == a.state for a, b in itertools.pairwise(steps))
                assert (row["closed_at"] is None) == (row["state"] in OPEN)
            seqs = [one["seq"] for one in returns.page(connection, 0, 100)]
        assert seqs == list(range(1, len(seqs) + 1))
        made.engine.dispose()
