"""Only the parties see a case: everybody × every act, over HTTP and with roles; every look is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from exchange_schemas.errors import HubError
from hub.database import write
from hub.transfers import looking, watching
from hub.transfers.states import ACTS
from hub.transfers.tables import transfer_look
from hub.web.exchange import create_exchange
from tests.exchange.test_transfer_states import words_for
from tests.exchange.transfer_site import NOBODY, PDF, PEOPLE, World, world

PRIVATE = ("远山调味品厂", "工业染料", "91440902MA00000K01")


@pytest.fixture
def made(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    return world(tmp_path, database_url, monkeypatch)


def application(made: World) -> Flask:
    return create_exchange(made.site, made.engine, made.office.catalogue)


def ask(made: World, app: Flask, path: str, who: str | None, body: Any = None) -> TestResponse:
    headers = {"Authorization": f"Bearer {made.keys[who]}"} if who else {}
    method = "GET" if body is None else "POST"
    data = None if body is None else json.dumps(body)
    return Client(app.wsgi_app).open(f"/v1{path}", method=method, headers=headers, data=data)


# Who may do what to a case that was sent to the department 市公安局 and copied to the procuratorate.
ALLOWED = {
    "sender": {"zhao", "both"},
    "sender_head": {"qian", "both"},
    "addressee": {"chen"},
    "procuratorate": {"lin"},
}
SEEING = {"zhao", "both", "qian", "chen", "boss", "lin"}


def test_everybody_and_every_act(made: World) -> None:
    """Who may: the state decides. Who sees but may not: refused. Who doesn't see: as if absent."""
    number = made.sent()
    made.act(number, "zhao", "copy", other="procuratorate")
    for act in ACTS:
        for name in (*PEOPLE, NOBODY):
            if "transferred" in act.sources:
                continue  # these would move the case
            may = any(name in ALLOWED[side] for side in act.by)
            with pytest.raises(HubError) as caught:
                made.act(number, name, act.name, **words_for(act.name))
            expected = "transfer_state" if may else "transfer_side"
            code = expected if name in SEEING else "transfer_unknown"
            assert caught.value.issue.code == code, (name, act.name)
    for name in (*PEOPLE, NOBODY):
        with made.engine.connect() as connection:
            listed = looking.listing(connection, made.who(name))
            late = watching.overdue(connection, made.who(name))
        assert bool(listed) == (name in SEEING)
        assert late == []


def test_what_wasnt_sent_is_the_senders_alone(made: World) -> None:
    number = made.draft()
    for name in (*PEOPLE, NOBODY):
        seen = name in {"zhao", "both", "qian"}
        try:
            row = looking.looked(made.engine, made.who(name), number, "read")
            assert seen
            assert row["number"] == number
        except HubError as error:
            assert not seen
            assert error.issue.code == "transfer_unknown"


def test_the_procuratorate_sees_a_case_from_its_copy_on(made: World) -> None:
    number = made.sent()
    app = application(made)
    assert ask(made, app, f"/transfers/{number}", "市检察院").status_code == 404
    made.act(number, "zhao", "copy", other="市检察院")
    assert ask(made, app, f"/transfers/{number}", "市检察院").status_code == 200


def test_absent_and_foreign_are_one_answer(made: World) -> None:
    number = made.sent("市公安局")
    digest = "0" * 64
    app = application(made)
    absent = f"YS{'0' * 24}"
    for who in ("市检察院", "省平台", "12345"):
        for tail in ("", f"/files/{digest}", "/acts"):
            body = {"act": "receive"} if tail == "/acts" else None
            foreign = ask(made, app, f"/transfers/{number}{tail}", who, body)
            missing = ask(made, app, f"/transfers/{absent}{tail}", who, body)
            assert foreign.status_code == missing.status_code == 404
            assert foreign.text.replace(number, "N") == missing.text.replace(absent, "N")
            told = [{k: v for k, v in a.headers if k != "RateLimit"} for a in (foreign, missing)]
            assert told[0] == told[1]
        assert ask(made, app, "/transfers", who).json == {"transfers": []}
        assert ask(made, app, "/transfer-notices", who).json == {"notices": []}
    for path in ("/transfers", f"/transfers/{number}", f"/transfers/{number}/files/{digest}"):
        assert ask(made, app, path, None).status_code == 401
    with made.engine.connect() as connection:
        query = select(transfer_look.c.actor, transfer_look.c.what).where(
            transfer_look.c.allowed == 0
        )
        tried = set(connection.execute(query).all())
    assert {(f"consumer:{who}", "read") for who in ("市检察院", "省平台", "12345")} <= tried


def test_the_police_take_a_case_over_http(made: World) -> None:
    number = made.draft("市公安局")
    digest = made.attach(number, PDF, "../../etc/移送书\u202e.pdf")
    made.act(number, "zhao", "report")
    made.act(number, "qian", "approve")
    app = application(made)
    assert ask(made, app, f"/transfers/{number}", "市公安局").status_code == 404
    made.act(number, "zhao", "send", doc_no="茂市监移〔2026〕9号")
    (listed,) = ask(made, app, "/transfers", "市公安局").json["transfers"]  # type: ignore[index]
    assert (listed["number"], listed["state"]) == (number, "transferred")
    shown = ask(made, app, f"/transfers/{number}", "市公安局").json or {}
    assert shown["case"]["suspected_crime"] == "生产、销售有毒、有害食品罪"
    assert shown["files"][0]["name"] == "移送书.pdf"
    answer = ask(made, app, f"/transfers/{number}/files/{digest}", "市公安局")
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    steps = [
        ({"act": "receive", "doc_no": "茂公接〔2026〕8号"}, 200, "received"),
        ({"act": "accept"}, 200, "accepted"),
        ({"act": "order", "reason": "x", "doc_no": "y"}, 403, "transfer_side"),
        ({"act": "receive"}, 409, "transfer_state"),
        ({"act": "file"}, 400, "act_words"),
        ({"act": "nothing"}, 400, "act_unknown"),
        ({"act": "file", "when": "now"}, 400, "parameter_unknown"),
        ({"act": 1}, 400, "parameter_wrong"),
        (["file"], 400, "parameter_wrong"),
        ({"act": "file", "doc_no": "茂公立字〔2026〕21号"}, 200, "filed"),
        ({"act": "result", "result": "升天", "doc_no": "1"}, 400, "act_words"),
        ({"act": "result", "result": "起诉", "doc_no": "茂检刑诉〔2026〕3号"}, 200, "concluded"),
    ]
    for body, status, word in steps:
        said = ask(made, app, f"/transfers/{number}/acts", "市公安局", body)
        assert (
            said.status_code,
            (said.json or {}).get("state", (said.json or {}).get("code")),
        ) == (
            status,
            word,
        )
    told = ask(made, app, "/transfer-notices", "市公安局").json or {}
    assert [n["code"] for n in told["notices"]] == ["transfer_step"]
    assert not any(word in json.dumps(told, ensure_ascii=False) for word in PRIVATE)
    with write(made.engine) as connection:
        row = looking.find(connection, made.who("zhao"), number, "read")
        mine = transfer_look.c.transfer_id == row["id"]
        looks = set(connection.scalars(select(transfer_look.c.what).where(mine)))
    assert {"list", "read", "file", "act"} <= looks


def test_files_are_told_by_their_bytes_and_never_by_their_names(made: World) -> None:
    number = made.draft("市公安局")
    for content, code in (
        (b"", "case_file_large"),
        (b"MZ\x90\x00", "case_file_type"),
        (b"<html>%PDF-", "case_file_type"),
    ):
        with pytest.raises(HubError) as caught:
            made.attach(number, content, "a.pdf")
        assert caught.value.issue.code == code
    digest = made.attach(number, PDF, "/var/../x.pdf")
    assert made.attach(number, PDF, "again.pdf") == digest
    kept = [p for p in (made.site.path / "transfers" / "files").rglob("*") if p.is_file()]
    assert [p.name for p in kept] == [digest]
    kept[0].write_bytes(b"%PDF-1.7 changed")
    for by, name in (("zhao", "report"), ("qian", "approve"), ("zhao", "send")):
        made.act(number, by, name, **words_for(name))
    app = application(made)
    path = f"/transfers/{number}/files/{digest}"
    answer = ask(made, app, path, "市公安局")
    assert (answer.status_code, (answer.json or {})["code"]) == (500, "hub_failed")
    kept[0].unlink()
    assert ask(made, app, path, "市公安局").status_code == 500
