"""Terms of case transfer: hours and days around weekends and holidays, reminders, escalation, mail."""

from __future__ import annotations

import json
import smtplib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, RowMapping, select

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.law import load_law
from exchange_schemas.law_rules import CLOCK_KINDS
from exchange_schemas.references import load_references
from exchange_schemas.step_terms import StepTerm, load_step_terms, terms_on
from hub import between_work, ledger, terms
from hub.database import write
from hub.tables_of_terms import step_due, step_notice
from hub.terms import Terms
from hub.transfers import feed, looking, watching
from hub.transfers.states import BY_NAME, SIDES
from hub.work import work, work_now
from tests.exchange.transfer_site import World, world

TERMS = load_step_terms()
CALENDAR = load_law().calendar
HOUR = timedelta(hours=1)


def moment(text: str) -> datetime:
    """A time here."""
    return datetime.fromisoformat(f"{text}+08:00")


def term(name: str) -> StepTerm:
    return next(one for one in TERMS if one.id == name)


@pytest.fixture
def made(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    return world(tmp_path, database_url, monkeypatch)


@pytest.mark.parametrize(
    ("name", "begin", "end"),
    [
        ("transfer-send", "2026-09-30T17:30:00", "2026-10-01T17:30:00"),  # hours run on
        ("transfer-file", "2026-11-23T23:59:59", "2026-11-27T00:00:00"),  # Mon → Thu
        ("transfer-file", "2026-11-23T00:00:00", "2026-11-27T00:00:00"),
        ("transfer-file", "2026-11-25T09:00:00", "2026-12-01T00:00:00"),  # Sat → Mon
        ("transfer-file", "2026-09-29T09:00:00", "2026-10-09T00:00:00"),  # National Day → Oct 8
        ("transfer-order", "2026-11-23T09:00:00", "2026-12-09T00:00:00"),
        ("complaint-accept", "2026-09-29T09:00:00", "2026-10-15T00:00:00"),
        ("report-check", "2026-11-23T09:00:00", "2026-12-15T00:00:00"),
    ],
)
def test_terms_end_where_the_law_says(name: str, begin: str, end: str) -> None:
    assert term(name).end(moment(begin), CALENDAR) == moment(end)


@given(
    day=st.dates(date(2005, 1, 1), date(2026, 11, 1)),
    at=st.times(),
    which=st.sampled_from(TERMS),
)
def test_a_term_never_ends_early_and_never_on_a_day_that_isnt_worked(
    day: date, at: time, which: StepTerm
) -> None:
    begin = datetime.combine(day, at, moment("2026-01-01T00:00").tzinfo)
    end = which.end(begin, CALENDAR)
    if which.unit == "hours":
        assert end - begin == timedelta(hours=which.amount)
        return
    last = end.astimezone(begin.tzinfo) - timedelta(microseconds=1)
    assert CALENDAR.is_worked(last.date())
    assert (last.date() - day).days >= which.amount
    if which.unit == "days":
        between = [
            last.date() - timedelta(days=n) for n in range((last.date() - day).days - which.amount)
        ]
        assert not any(CALENDAR.is_worked(d - timedelta(days=1)) for d in between)
    later = which.end(begin + timedelta(days=1), CALENDAR)
    assert later >= end


def test_beyond_the_calendar_a_duty_doesnt_begin_unnoticed() -> None:
    far = datetime.combine(CALENDAR.last, time(9), UTC)
    for which in TERMS:
        if which.unit != "hours":
            with pytest.raises(Refused) as caught:
                which.end(far, CALENDAR)
            assert caught.value.issue.code == "calendar_over"


def test_every_rule_speaks_of_acts_and_sides_that_there_are() -> None:
    for rule in TERMS:
        assert rule.source in load_references()
        assert rule.basis
        assert rule.basis_en
        assert rule.verified or "核对" in rule.basis
        if rule.procedure == "transfer":
            assert {*rule.on, *rule.until} <= set(BY_NAME)
            assert rule.owed_by in SIDES
    assert "steps" not in CLOCK_KINDS
    on = date(2026, 4, 15)
    (accept,) = terms_on(TERMS, "投诉", "accept", on)
    (before,) = terms_on(TERMS, "投诉", "accept", on - timedelta(days=1))
    assert (accept.amount, accept.unit) == (60, "days")
    assert (before.amount, before.unit) == (45, "working_days")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"unit": "weeks"}, "unit"),
        ({"amount": -1}, "amount"),
        ({"amount": True}, "amount"),
        ({"verified": "perhaps"}, "verified"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"source": "nowhere"}, "nowhere"),
        ({"until": None}, "until"),
        ({"deadline": 3}, "deadline"),
    ],
)
def test_a_site_may_have_terms_of_its_own_but_no_wrong_ones(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    own = {
        "id": "transfer-supplement", "version": "x", "procedure": "transfer", "step": "supplement",
        "on": ["return"], "until": ["supplement"], "owed_by": "sender", "amount": 5, "unit": "days",
        "basis": "b", "basis_en": "b", "source": "hub", "verified": True,
    }  # fmt: skip
    (tmp_path / "steps.yml").write_text(json.dumps([own]))
    (mine,) = [one for one in load_step_terms(tmp_path) if one.id == "transfer-supplement"]
    assert mine.amount == 5
    (tmp_path / "steps.yml").write_text(json.dumps([{**own, **change}, own | {"id": "other"}]))
    with pytest.raises(Misdeclared) as caught:
        load_step_terms(tmp_path)
    assert reason in caught.value.issue.message("en")


def test_a_head_is_reminded_and_then_called_to_account_once(made: World) -> None:
    with time_machine.travel(moment("2026-11-23T10:00:00"), tick=False) as clock:
        number = made.draft()
        made.act(number, "zhao", "report")
        assert watching.sweep(made.office) == {"reminded": 0, "escalated": 0, "mailed": 0}
        clock.move_to(moment("2026-11-26T00:00:01"))
        assert watching.sweep(made.office)["reminded"] == 1
        assert watching.sweep(made.office)["reminded"] == 0
        with made.engine.connect() as connection:
            assert watching.overdue(connection, made.who("qian")) == []
        clock.move_to(moment("2026-11-27T00:00:00"))
        assert watching.sweep(made.office)["escalated"] == 1
        assert watching.sweep(made.office)["escalated"] == 0
        with made.engine.connect() as connection:
            (late,) = watching.overdue(connection, made.who("qian"))
            told = connection.execute(
                select(step_notice.c.code, step_notice.c.party, step_notice.c.role).order_by(
                    step_notice.c.id
                )
            ).all()
        assert (late["term"], late["rule"]) == ("approval", "transfer-decide@2001-07-09")
        assert [tuple(one) for one in told] == [
            ("transfer_step", "market_regulation", "head"),
            ("transfer_due", "market_regulation", "head"),
            ("transfer_overdue", "market_regulation", "head"),
            ("transfer_overdue", "market_regulation", "supervisor"),
        ]
        made.act(number, "qian", "approve")
        with made.engine.connect() as connection:
            (first, second) = connection.execute(select(step_due).order_by(step_due.c.id)).all()
        assert first.met_at == first.due_at  # the first instant that is too late
        assert second.due_at == "2026-11-27T16:00:00.000Z"


def test_the_police_are_late_and_the_procuratorate_hears_of_it(made: World) -> None:
    with time_machine.travel(moment("2026-11-23T10:00:00"), tick=False) as clock:
        number = made.sent("市公安局")
        made.act(number, "zhao", "copy", other="市检察院")
        clock.move_to(moment("2026-11-24T10:00:00"))
        assert watching.sweep(made.office)["escalated"] == 1
        made.act(number, made.consumer("市公安局"), "receive")
        clock.move_to(moment("2026-12-05T10:00:00"))
        watching.sweep(made.office)
        with made.engine.connect() as connection:
            seen = {
                (one.party, one.role)
                for one in connection.execute(
                    select(step_notice).where(step_notice.c.code == "transfer_overdue")
                )
            }
            late = watching.overdue(connection, made.consumer("市检察院"))
    police, prosecutors = (
        f"consumer:{made.consumer(n).consumer_id}" for n in ("市公安局", "市检察院")
    )
    assert {
        (police, "desk"),
        (prosecutors, "supervisor"),
        ("market_regulation", "supervisor"),
    } <= seen
    # turning a case away has 24 hours, and is no duty; deciding on it within 3 days is one
    assert [one["term"] for one in late] == ["filing"]


def test_notices_are_mailed_once_and_tell_nothing_of_the_case(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    broken = [True]

    def send(address: str, message: Any) -> None:
        if broken[0]:
            raise OSError
        sent.append((address, str(message.get_payload(decode=True), "utf-8")))

    monkeypatch.setenv("HUB_SMTP_URL", "smtp://127.0.0.1:1")
    monkeypatch.setattr("hub.term_notices.mail.send", send)
    contacts = made.site.path / "contacts.csv"
    contacts.write_text("party,role,address\npublic_security,desk,desk@example.cn\n")
    made.sent()
    assert watching.sweep(made.office)["mailed"] == 0
    broken[0] = False
    assert watching.sweep(made.office)["mailed"] == 1
    assert watching.sweep(made.office)["mailed"] == 0
    ((address, text),) = sent
    assert address == "desk@example.cn"
    assert "调味品" not in text
    contacts.write_text("party,role,address\npublic_security,janitor,x@example.cn\n")
    with pytest.raises(Misdeclared) as caught:
        watching.sweep(made.office)
    assert caught.value.issue.code == "contacts_invalid"


def test_one_address_that_isnt_taken_doesnt_repeat_the_mail_to_another(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def send(address: str, message: Any) -> None:
        tried.append(address)
        if address.startswith("gone"):
            raise smtplib.SMTPRecipientsRefused({address: (550, b"no such user")})

    monkeypatch.setenv("HUB_SMTP_URL", "smtp://127.0.0.1:1")
    monkeypatch.setattr("hub.term_notices.mail.send", send)
    lines = (f"public_security,desk,{name}@example.cn" for name in ("desk", "gone"))
    (made.site.path / "contacts.csv").write_text("\n".join(["party,role,address", *lines]) + "\n")
    made.sent()
    assert watching.sweep(made.office)["mailed"] == 1
    assert watching.sweep(made.office)["mailed"] == 0
    assert tried == ["desk@example.cn", "gone@example.cn"]
    monkeypatch.setattr("hub.term_notices.mail.send", unreachable := Unreachable())
    made.sent(letter="2")
    made.sent(letter="3")
    assert watching.sweep(made.office)["mailed"] == 0
    assert unreachable.calls == 1


class Unreachable:
    calls = 0

    def __call__(self, *_: object) -> None:
        self.calls += 1
        raise OSError


def test_what_was_met_since_it_was_read_is_told_to_nobody(made: World) -> None:
    told: list[str] = []

    def tell(connection: Connection, term: RowMapping, how: str) -> None:
        told.append(how)
        for number in (1, 2):
            terms.end_all(connection, "transfer", number, term["due_at"])

    with time_machine.travel(moment("2026-11-23T10:00:00"), tick=False) as clock:
        for _ in (1, 2):
            made.act(made.draft(), "zhao", "report")
        clock.move_to(moment("2026-11-30T10:00:00"))
        with write(made.engine) as connection:
            done = terms.sweep(connection, made.office.terms, "transfer", tell)
    assert told == ["escalate"]
    assert done == {"reminded": 0, "escalated": 1}


def test_a_right_that_lapses_is_no_escalation(made: World) -> None:
    with time_machine.travel(moment("2026-11-23T10:00:00"), tick=False) as clock:
        number = made.sent()
        for name, words in (("receive", {}), ("accept", {}), ("decline", DECLINED)):
            made.act(number, "chen", name, **words)
        clock.move_to(moment("2026-11-30T10:00:00"))
        assert watching.sweep(made.office)["escalated"] == 0
        with made.engine.connect() as connection:
            assert watching.overdue(connection, made.who("zhao")) == []


DECLINED = {"doc_no": "茂公不立〔2026〕1号", "reason": "情节显著轻微"}


def test_the_last_step_of_the_last_case_wakes_the_job(made: World) -> None:
    """No term is left by it, and the ledger and the other side hear of it all the same."""
    with time_machine.travel(moment("2026-11-23T10:00:00"), tick=False) as clock:
        number = made.sent()
        for name, words in (
            ("receive", {}),
            ("accept", {}),
            ("file", {"doc_no": "茂公立字〔2026〕21号"}),
        ):
            made.act(number, "chen", name, **words)
        work_now(made.site, made.engine, "between", {})
        clock.shift(HOUR)
        made.act(number, "chen", "result", doc_no="茂检刑诉〔2026〕3号", result="起诉")
        for expected in (1, 0):
            clock.shift(HOUR)
            with write(made.engine) as connection:
                jobs = between_work.enqueue(connection)
            assert len(jobs) == expected
            for job in jobs:
                work(made.site, made.engine, job)


def test_sent_cases_come_into_the_ledger_and_drafts_dont(made: World) -> None:
    made.draft()
    number = made.sent("市公安局")
    declared = feed.declare(made.site, made.office.catalogue)
    assert feed.write_feed(made.office) == 1
    made.act(number, "zhao", "copy", other="procuratorate")
    police = made.consumer("市公安局")
    made.act(number, police, "receive", doc_no="茂公接〔2026〕8号")
    made.act(number, police, "accept")
    made.act(number, police, "decline", doc_no="茂公不立〔2026〕1号", reason="情节显著轻微")
    made.act(number, "zhao", "propose", reason="数额已达标准", other="procuratorate")
    made.act(number, "lin", "ask", doc_no="茂检监〔2026〕2号")
    done = work_now(made.site, made.engine, "between", {})
    assert done["transfers"]["cases"] == 1
    run = work_now(made.site, made.engine, "feed_run", {"feed": str(declared)})
    assert (run["accepted"], run["rejected"]) == (1, 0)
    with made.engine.connect() as connection:
        (entry,) = ledger.entries(connection, "case_transfer", 0, 10)
    record = json.loads(entry.content or b"{}")
    assert record["transfer_no"] == "茂市监移〔2026〕1号"
    assert (record["to_org"], record["to_org_name"]) == ("公安", "市公安局")
    assert (record["filing_decision"], record["filing_reason"]) == ("不立案", "情节显著轻微")
    assert "要求说明不立案理由" in record["supervision"]
    assert number not in json.dumps(record)
    again = work_now(made.site, made.engine, "feed_run", {"feed": str(declared)})
    assert again["added"] == again["changed"] == 0


@settings(max_examples=5, deadline=None)
@given(hours=st.lists(st.integers(0, 60), min_size=1, max_size=5))
def test_whenever_the_sweep_comes_each_term_is_told_once(
    hours: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sweep")
    with pytest.MonkeyPatch.context() as patch:
        made = world(folder, f"sqlite:///{folder / 'hub.sqlite'}", patch)
        with time_machine.travel(moment("2026-11-23T10:00:00"), tick=False) as clock:
            made.act(made.draft(), "zhao", "report")
            totals = {"reminded": 0, "escalated": 0}
            for wait in hours:
                clock.shift(wait * HOUR)
                done = watching.sweep(made.office)
                totals = {name: totals[name] + done[name] for name in totals}
            passed = moment("2026-11-23T10:00:00") + sum(hours) * HOUR
            over = passed >= moment("2026-11-27T00:00:00")
            assert totals["escalated"] == int(over)
            assert totals["reminded"] <= 1
        made.engine.dispose()


def test_the_terms_of_a_case_are_shown_with_their_rules(made: World) -> None:
    number = made.sent()
    with write(made.engine) as connection:
        row = looking.find(connection, made.who("chen"), number, "read")
        shown = looking.show(connection, row)
    told = {one["term"]: one for one in shown["terms"]}
    assert told["receipt"]["owed_by"] == "addressee"
    assert told["approval"]["met_at"]
    assert isinstance(made.office.terms, Terms)
