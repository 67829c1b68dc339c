"""Refusals: told to the department, answered, settled by themselves; overdue receipts; kept proofs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, insert, select, update

from exchange_schemas.errors import HubError
from hub import notices, people
from hub.cli.main import hub
from hub.database import write
from hub.exchange import refusal_answers
from hub.exchange.overdue import overdue
from hub.exchange.possession import find, holders
from hub.exchange.receipt_alarms import enqueue, raise_alarm
from hub.exchange.receipt_proof import prove
from hub.exchange.tables_of_receipts import receipt, receipt_message, receipt_range, refusal
from hub.tables import exchange_log
from hub.work import work_now
from tests.exchange.access_hub import a_signing_key, ask_signed
from tests.exchange.receipt_hub import CATALOGUE, Puller, a_puller, companies, refused, taken
from tests.hub.exchange_hub import application, site_of
from tests.hub.ledger_data import MARKET, a_company, made, put
from tests.services.smtp_server import smtp_server

RECEIPTS = f"/exchange/v1/datasets/{MARKET}/receipts"
OWNER = CATALOGUE.get(MARKET).department


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


@pytest.fixture
def one(engine: Engine) -> Puller:
    companies(engine, 5)
    puller = a_puller(engine)
    puller.pull()
    return puller


class _Enough(Exception):
    """Ends a transaction that isn't to be kept."""


@contextmanager
def undone(engine: Engine) -> Iterator[Connection]:
    """A transaction that is rolled back when the block ends."""
    with suppress(_Enough), write(engine) as connection:
        yield connection
        raise _Enough


def listed(engine: Engine, *states: str, department: str | None = None) -> list[dict]:
    with engine.connect() as connection:
        return refusal_answers.listing(connection, CATALOGUE, department, states or ("open",))


def test_a_refusal_is_the_departments_with_the_key_of_the_record(
    engine: Engine, one: Puller
) -> None:
    one.say(taken(1, 1), refused(2, 3), taken(4, 5))
    found = listed(engine, department=OWNER)
    assert [(f["seq"], f["key"], f["code"], f["department"]) for f in found] == [
        (n, a_company(n)["uscc"], "uscc.unknown", OWNER) for n in (2, 3)
    ]
    assert listed(engine, department="health") == []
    with engine.connect() as connection:
        (told,) = notices.list_notices(connection)
    assert (told.issue.code, told.issue.value, told.feed) == ("entries_refused", MARKET, "f")
    assert "2" in told.issue.message() and "{" not in told.issue.message()
    one.say(refused(2, 3))  # again: nobody is told twice
    with engine.connect() as connection:
        assert len(notices.list_notices(connection)) == 1


def test_it_settles_by_itself_when_a_newer_entry_was_taken(engine: Engine, one: Puller) -> None:
    one.say(refused(2, 3), taken(4, 5))
    put(engine, MARKET, [a_company(2, domicile="官渡路9号")])  # seq 6
    assert len(listed(engine)) == 2
    one.pull(after=5)
    one.say(taken(6, 6))
    (settled,) = listed(engine, "settled")
    assert (settled["seq"], settled["settled_seq"]) == (2, 6)
    assert [f["seq"] for f in listed(engine)] == [3]
    one.say(taken(3, 3))  # after all
    assert listed(engine) == []
    one.say(refused(3, 3))  # and not after all
    assert [f["state"] for f in listed(engine)] == ["open"]


def test_a_refusal_that_comes_after_its_correction_was_taken_is_settled(
    engine: Engine, one: Puller
) -> None:
    put(engine, MARKET, [a_company(2, domicile="官渡路9号")])
    one.pull(after=5)
    one.say(taken(6, 6))
    one.say(refused(2, 2))
    assert (listed(engine), listed(engine, "settled")[0]["settled_seq"]) == ([], 6)


def test_the_department_answers_and_the_consumer_reads_it(engine: Engine, one: Puller) -> None:
    one.say(refused(2, 2))
    number = listed(engine)[0]["id"]
    with write(engine) as connection, pytest.raises(HubError):
        refusal_answers.answer(connection, CATALOGUE, number, "li", "无误")
    with write(engine) as connection:
        people.grant(connection, "li", OWNER, "handler", "operator")
        for wrong in ((number, "li", " "), (number + 1, "li", "x")):
            with pytest.raises(HubError):
                refusal_answers.answer(connection, CATALOGUE, *wrong)
        refusal_answers.answer(connection, CATALOGUE, number, "li", "与决定书一致")
    (told,) = one.told("?state=refused")["refusals"]
    assert (told["seq"], told["state"], told["answer"]) == (2, "answered", "与决定书一致")
    assert "answered_by" not in told
    one.say(refused(2, 2))  # says the same again: the answer stands
    assert listed(engine) == []
    one.say(refused(2, 2, "another.code"))
    assert [f["code"] for f in listed(engine)] == ["another.code"]
    one.say(taken(2, 2))
    with write(engine) as connection, pytest.raises(HubError, match="settled"):
        refusal_answers.answer(connection, CATALOGUE, number, "li", "x")


def test_what_is_owed_is_overdue_after_its_hours_and_the_operator_is_mailed(
    engine: Engine, one: Puller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one.say(taken(1, 2), refused(4, 4))
    with engine.connect() as connection:
        assert overdue(connection) == []  # no receipts are asked for
    one.owes_within(24)
    now = datetime(2030, 1, 2, tzinfo=UTC)
    for at, late in (("2030-01-01T00:00:01.000Z", 0), ("2029-12-31T23:59:59.000Z", 2)):
        one.given_at(at)
        with engine.connect() as connection:
            found = overdue(connection, now)
            assert sum(o.entries for o in found) == late
    (only,) = found
    assert (only.first, only.last, only.since, only.hours) == (3, 5, at, 24)
    one.given_at("2020-01-01T00:00:00.000Z")
    with smtp_server() as mail:
        monkeypatch.setenv("HUB_SMTP_URL", mail.url)
        monkeypatch.setenv("HUB_OPERATOR_MAIL", "op@example.cn")
        for _ in range(2):
            assert len(raise_alarm(engine)) == 1
        assert len(mail.letters["op@example.cn"]) == 1  # told once
    assert "overdue" in caplog.text and one.name not in caplog.text
    one.say(taken(3, 3), taken(5, 5))
    assert raise_alarm(engine) == []
    with write(engine) as connection:
        assert enqueue(connection) != [] and enqueue(connection) == []


def test_the_job_mails_the_feeds_owner(engine: Engine, one: Puller) -> None:
    one.say(refused(2, 2))
    result = work_now(site_of(engine), engine, "receipts", {})
    assert result == {"mailed": 0, "overdue": 0, "still_used": 0}  # its feed has no declaration


def test_kept_signatures_are_proved_again_and_any_change_is_found(
    engine: Engine, one: Puller
) -> None:
    for kind in ("ed25519", "hmac", "sm2"):
        key = a_signing_key(engine, one.consumer(), kind)
        said = [taken(1, 2)] if kind == "ed25519" else [refused(2, 2, kind)]
        body = json.dumps({"receipts": said}).encode()
        answer = ask_signed(application(engine), key, RECEIPTS, "POST", body)
        assert (answer.status_code, answer.json) == (200, {"receipts": 1, "new": True})
    one.say(taken(3, 3))
    master = bytes.fromhex((site_of(engine).keys / "consumers.secret").read_text().strip())
    with engine.connect() as connection:
        found = prove(connection, master)
        assert (found.messages, found.signed, found.proved, found.issues) == (4, 3, 3, [])
        assert [i.code for i in prove(connection).issues] == ["receipt_key_gone"]
    for table, values in (
        (receipt_message, {"target": "http://hub.test/exchange/v1/other"}),
        (receipt_message, {"content_digest": "sha-256=:AAAA:"}),
        (receipt_message, {"keyid": "1"}),
        (receipt, {"last_seq": 1}),
    ):
        number = table.c.id if table is receipt_message else table.c.message_id
        with undone(engine) as connection:
            connection.execute(update(table).where(number == 1).values(values))
            wrong = {issue.code for issue in prove(connection, master).issues}
            assert "receipt_unproven" in wrong, values
    with undone(engine) as connection:
        connection.execute(update(receipt_range).values(state="erased"))
        assert {i.code for i in prove(connection, master).issues} == {"ranges_wrong"}


def test_every_step_of_a_record_with_every_consumer(engine: Engine, one: Puller) -> None:
    other, never = a_puller(engine, "市民政局"), a_puller(engine, "从未拉取")
    other.pull(limit=3)
    one.say(taken(1, 2))
    one.say(refused(2, 2))
    put(engine, MARKET, [], gone=[a_company(2)])
    one.pull(after=5)
    one.say(taken(6, 6))
    with engine.connect() as connection:
        record = find(connection, MARKET, a_company(2)["uscc"])
        assert record is not None and dict(record.entries) == {2: "upsert", 6: "delete"}
        assert find(connection, MARKET, seq=6) == record
        assert find(connection, MARKET, "nothing") is None
        found = {h["consumer"]: h for h in holders(connection, record)}
    assert never.name not in found
    assert (found[other.name]["has"], found[other.name]["seq"]) == ("given", 2)
    assert found[one.name]["has"] == "deleted"
    steps = [(s["what"], s["seq"]) for s in found[one.name]["steps"]]
    assert steps == [("given", 2), ("taken", 2), ("refused", 2), ("given", 6), ("taken", 6)]


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"

    def call(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(hub, ["--site", str(site), *words])
        assert done.exit_code == code, done.output
        return done.output

    call("init")
    engine = made(f"sqlite:///{site / 'hub.sqlite'}")
    companies(engine, 4)
    one = a_puller(engine)
    one.pull()
    one.say(taken(1, 1), refused(2, 2))
    one.owes_within(1)
    one.given_at("2020-01-01T00:00:00.000Z")
    assert "省平台" in call("exchange", "overdue", "--check", code=1)
    (late,) = json.loads(call("exchange", "overdue", "--json"))["overdue"]
    assert (late["entries"], late["first"]) == (2, 3)
    assert "uscc.unknown" in call("exchange", "refusals", "--department", OWNER)
    call("people", "add", "li", "--department", OWNER, "--role", "handler")
    assert "已答复" in call("exchange", "answer", "1", "--as", "li", "--reason", "无误")
    assert call("exchange", "answer", "1", "--reason", "无误", code=1)
    assert json.loads(call("exchange", "refusals", "--json"))["refusals"] == []
    assert "拒收" in call("exchange", "holders", MARKET, "--seq", "2", "--steps")
    assert call("exchange", "holders", MARKET, "nobody", code=1)
    (row,) = json.loads(call("exchange", "receipts", "--json"))["receipts"]
    assert (row["given"], row["taken"], row["refused"], row["open"]) == (4, 1, 1, 2)
    proved = json.loads(call("exchange", "receipts", "--verify", "--json"))
    assert (proved["messages"], proved["issues"]) == (1, [])
    with write(engine) as connection:
        connection.execute(update(receipt_range).values(code="other"))
    assert "ranges_wrong" in call("exchange", "receipts", "--verify", code=1)
    engine.dispose()


def test_rows_of_before_there_were_views_count_for_the_ledgers_numbers(engine: Engine) -> None:
    companies(engine, 2)
    one = a_puller(engine)
    with write(engine) as connection:
        number = connection.scalar(select(refusal.c.id))
        assert number is None
        row = {"consumer_id": one.consumer().id, "dataset_id": 1, "after_seq": 0, "last_seq": 2}
        connection.execute(
            insert(exchange_log).values({**row, "entries": 2, "at": "2026-01-01T00:00:00.000Z"})
        )
    assert one.say(taken(1, 2)).json["new"]
