"""Alerts by real servers: mail, a signed webhook, the two robots; told once however many look."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select

from hub.cli.main import hub
from hub.database import connect, write
from hub.monitoring import alert_due
from hub.monitoring.alert_job import check
from hub.monitoring.alert_posting import dingtalk_address
from hub.monitoring.alert_words import WECOM_BYTES, markdown
from hub.monitoring.tables import alert_message
from hub.schedule import enqueue_due
from hub.site import Site
from hub.tables import job
from hub.worker import Worker
from tests.monitoring.conftest import Written
from tests.monitoring.watched_site import a_job, a_run, declare, ledgers
from tests.services.http_server import Asked, Said, Web, http_server
from tests.services.smtp_server import smtp_server

SECRET = "canary-secret-of-the-robot"
TAKEN = b'{"errcode":0,"errmsg":"ok"}'


@pytest.fixture
def web() -> Iterator[Web]:
    with http_server() as server:
        for path in ("/hook", "/wecom", "/dingtalk"):
            server.say(path, TAKEN)
        yield server


@pytest.fixture
def late(site: Site, engine: Engine) -> Engine:
    ledgers(engine)
    declare(site, "town")
    a_run(engine, "town", hours=100)
    return engine


def to(web: Web, path: str) -> list[Asked]:
    return [one for one in web.asked if one.path == path]


def messages(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        query = select(alert_message.c.state, func.count()).group_by(alert_message.c.state)
        return {state: int(count) for state, count in connection.execute(query)}


def test_one_fault_goes_by_every_way(
    site: Site, late: Engine, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    with smtp_server() as mails:
        monkeypatch.setenv("HUB_SMTP_URL", mails.url)
        monkeypatch.setenv("HUB_ALERTS_MAIL_TO", "a@example.cn, b@example.cn")
        monkeypatch.setenv("HUB_ALERTS_WEBHOOK", f"{web.url}/hook")
        monkeypatch.setenv("HUB_ALERTS_WEBHOOK_SECRET", SECRET)
        monkeypatch.setenv("HUB_ALERTS_WECOM", f"{web.url}/wecom?key=k")
        monkeypatch.setenv("HUB_ALERTS_DINGTALK", f"{web.url}/dingtalk?access_token=t")
        monkeypatch.setenv("HUB_ALERTS_DINGTALK_SECRET", SECRET)
        now = datetime.now(UTC)
        assert check(site, late, now) == {
            "faults": 1, "changes": 1, "sent": 5, "failed": 0, "given_up": 0,
        }  # fmt: skip
        assert check(site, late, now + timedelta(minutes=1))["sent"] == 0
        assert check(site, late, now + timedelta(days=1))["sent"] == 5
        letters = mails.letters
    assert {name: len(found) for name, found in letters.items()} == {
        "a@example.cn": 2, "b@example.cn": 2,
    }  # fmt: skip
    assert "town" in letters["a@example.cn"][0].get_content()
    assert "1 项故障" in letters["a@example.cn"][0]["Subject"]
    hook = json.loads(to(web, "/hook")[0].body)
    assert hook["type"] == "cn.exchange-hub.alert" and hook["specversion"] == "1.0"
    (told,) = hook["data"]["alerts"]
    assert (told["event"], told["part"], told["code"]) == ("new", "feed", "watch_feed_late")
    assert json.loads(to(web, "/hook")[1].body)["data"]["alerts"][0]["event"] == "still"
    wecom = json.loads(to(web, "/wecom")[0].body)
    assert wecom["msgtype"] == "markdown" and "新故障" in wecom["markdown"]["content"]
    ding = to(web, "/dingtalk")[0]
    assert json.loads(ding.body)["markdown"].keys() == {"title", "text"}
    signed = f"{ding.params['timestamp']}\n{SECRET}".encode()
    made = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert base64.b64decode(ding.params["sign"]) == made and ding.params["access_token"] == "t"


def test_the_webhook_is_signed_as_the_standards_say(
    site: Site, late: Engine, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9421 and 9530, worked out anew by hand."""
    monkeypatch.setenv("HUB_ALERTS_WEBHOOK", f"{web.url}/hook")
    monkeypatch.setenv("HUB_ALERTS_WEBHOOK_SECRET", SECRET)
    check(site, late, datetime.now(UTC))
    (asked,) = to(web, "/hook")
    headers = {name.lower(): value for name, value in asked.headers.items()}
    digest = base64.b64encode(hashlib.sha256(asked.body).digest()).decode()
    assert headers["content-digest"] == f"sha-256=:{digest}:"
    label, _, parameters = headers["signature-input"].partition("=")
    names = parameters[1 : parameters.index(")")].split()
    known = {
        '"@method"': "POST", '"@target-uri"': f"{web.url}/hook", '"@path"': "/hook",
        '"@authority"': web.url.partition("//")[2], '"@query"': "?",
        '"content-type"': headers["content-type"], '"content-digest"': headers["content-digest"],
    }  # fmt: skip
    lines = [f"{name}: {known[name]}" for name in names]
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    made = base64.b64encode(hmac.digest(SECRET.encode(), base.encode(), "sha256")).decode()
    assert headers["signature"] == f"{label}=:{made}:"


def test_a_fault_that_grows_and_one_that_ends(
    site: Site, engine: Engine, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_ALERTS_WEBHOOK", f"{web.url}/hook")
    now = datetime.now(UTC)
    ids = [a_job(engine, "publish", "failed", f"t{n}", ended_at=now.isoformat()) for n in range(3)]
    check(site, engine, now)
    a_job(engine, "publish", "failed", "t4", ended_at=now.isoformat())
    assert check(site, engine, now)["changes"] == 0
    for n in range(2):
        a_job(engine, "publish", "failed", f"u{n}", ended_at=now.isoformat())
    assert check(site, engine, now)["changes"] == 1
    with write(engine) as connection:
        connection.execute(job.delete())
    assert check(site, engine, now)["changes"] == 0  # it may come back
    assert check(site, engine, now + timedelta(minutes=6))["changes"] == 1
    events = [json.loads(one.body)["data"]["alerts"][0]["event"] for one in to(web, "/hook")]
    assert events == ["new", "grown", "over"] and len(ids) == 3


def _look(path: Path, gate: object) -> None:
    site = Site(path)
    gate.wait()  # type: ignore[attr-defined]
    check(site, connect(site.database_url), datetime.now(UTC))


def test_many_processes_tell_once(
    site: Site, late: Engine, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_ALERTS_WEBHOOK", f"{web.url}/hook")
    late.dispose()
    context = multiprocessing.get_context("fork")
    gate = context.Barrier(4)
    those = [context.Process(target=_look, args=(site.path, gate)) for _ in range(4)]
    for one in those:
        one.start()
    for one in those:
        one.join(60)
        assert one.exitcode == 0
    assert len(to(web, "/hook")) == 1
    assert messages(late) == {"sent": 1}


def test_a_robot_that_says_no_in_its_answer_is_asked_again(
    site: Site, late: Engine, web: Web, monkeypatch: pytest.MonkeyPatch, written: Written
) -> None:
    monkeypatch.setenv("HUB_ALERTS_WECOM", f"{web.url}/wecom?key={SECRET}")
    web.in_turn(
        "/wecom", Said(b'{"errcode":45009,"errmsg":"api freq out of limit"}'), Said(b"<html>"),
        Said(b"", 302, {"Location": f"{web.url}/elsewhere"}), Said(TAKEN),
    )  # fmt: skip
    from hub.monitoring.logs import start_logging

    start_logging({"HUB_LOG_FORMAT": "json"})
    now = datetime.now(UTC)
    outcomes = [check(site, late, now + timedelta(minutes=m)) for m in (0, 0.5, 1.5, 4, 9)]
    assert [one["failed"] for one in outcomes] == [1, 0, 1, 1, 0]
    assert [one["sent"] for one in outcomes] == [0, 0, 0, 0, 1]
    assert to(web, "/elsewhere") == []
    told = [line["event"] for line in written.lines]
    assert told == [
        f"alert not delivered by wecom: {answer}"
        for answer in ("errcode 45009", "no errcode", "http_redirects")
    ]
    assert SECRET not in written.text


def test_what_never_arrives_is_given_up_and_shown(
    site: Site, late: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_ALERTS_WEBHOOK", "http://127.0.0.1:1/hook")
    now = datetime.now(UTC)
    assert check(site, late, now)["failed"] == 1
    listed = CliRunner().invoke(hub, ["--site", str(site.path), "alert", "list", "--json"])
    shown = json.loads(listed.stdout)
    assert shown["alerts"][0]["code"] == "watch_feed_late"
    assert shown["messages"][0]["tries"] == 1 and shown["messages"][0]["answer"]
    done = check(site, late, now + timedelta(days=1, minutes=1))
    assert done["given_up"] == 1 and messages(late)["given_up"] == 1


def test_the_worker_does_it_by_itself_and_only_where_it_is_set(
    site: Site, late: Engine, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    with write(late) as connection:
        assert alert_due.enqueue(connection) == []
    monkeypatch.setenv("HUB_ALERTS_WECOM", f"{web.url}/wecom")
    enqueue_due(site, late)
    with write(late) as connection:
        assert alert_due.enqueue(connection) == []  # one waits
    Worker(site, late, 1).run_once()
    assert len(to(web, "/wecom")) == 1
    with write(late) as connection:
        assert alert_due.enqueue(connection) == []  # it was done within the minute


def test_the_commands(site: Site, late: Engine, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    call = ["--site", str(site.path), "--lang", "en", "alert"]
    none = CliRunner().invoke(hub, [*call, "test"])
    assert none.exit_code == 1 and "[alert_ways_none]" in none.stderr
    monkeypatch.setenv("HUB_ALERTS_WECOM", f"{web.url}/wecom")
    monkeypatch.setenv("HUB_ALERTS_DINGTALK", f"{web.url}/nobody")
    trial = CliRunner().invoke(hub, [*call, "test", "--json"])
    assert trial.exit_code == 1
    assert [(one["way"], one["taken"]) for one in json.loads(trial.stdout)] == [
        ("wecom", True), ("dingtalk", False),
    ]  # fmt: skip
    done = CliRunner().invoke(hub, [*call, "check", "--json"])
    assert json.loads(done.stdout)["sent"] == 1
    assert "town" in CliRunner().invoke(hub, [*call, "list"]).stdout
    monkeypatch.setenv("HUB_ALERTS_WECOM", "ftp://x")
    wrong = CliRunner().invoke(hub, [*call, "check"])
    assert wrong.exit_code == 1 and "HUB_ALERTS_WECOM" in wrong.stderr


def test_dingtalk_signs_as_its_documentation_says() -> None:
    url = dingtalk_address("https://oapi.dingtalk.com/robot/send?access_token=x", "s", 1)
    key = base64.b64decode(unquote_plus(url.rpartition("sign=")[2]))
    assert key == hmac.new(b"s", b"1\ns", "sha256").digest() and "&timestamp=1&" in url


def test_a_robots_message_is_short_and_has_no_tags() -> None:
    one = {
        "event": "new", "since": "2026-01-01T00:00", "message": "<font>[点](http://x) " + "故" * 900,
    }  # fmt: skip
    text = markdown("茂名市", [one] * 30, WECOM_BYTES)
    assert len(text.encode()) <= WECOM_BYTES and "<font>" not in text and "[点]" not in text
    assert "另有 10 项" in markdown("", [{**one, "message": "短"}] * 30, WECOM_BYTES)
