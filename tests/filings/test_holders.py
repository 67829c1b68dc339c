"""Whoever holds a record is told when it ends, and confirms: over a real, listening exchange."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from werkzeug.wrappers import Request, Response

from exchange_schemas.errors import Corrupt
from hub import holders, objections, repairs, review, showing
from hub.answers import Texts
from hub.chosen import Chosen
from hub.cli.main import hub
from hub.consume import consume
from hub.consume import notices as consume_notices
from hub.consume.notices import kept_notices, take_notices
from hub.decisions import Reason
from hub.web.exchange import PREFIX
from tests.filings.conftest import PERSONAL, Office, a_penalty, days_ago
from tests.hub.exchange_hub import a_key, application, ask, listening
from tests.hub.ledger_data import MARKET, PENALTY
from tests.hub.ledger_data import a_penalty as of_a_person
from tests.hub.test_exchange import OPENAPI


def withdrawn(office: Office, *records: str) -> None:
    chosen = Chosen(records)
    review.withdraw(office.desk("li"), chosen, Reason("decision_changed", "复议撤销"))


def held_by(office: Office, record: str) -> list[dict[str, Any]]:
    with office.engine.connect() as connection:
        row = showing.find(connection, PENALTY, record)
        return holders.of_record(connection, row["dataset_id"], record)


def key_of(folder: Path) -> str:
    """The first record's key, as the consumer was given it."""
    (page, *_) = sorted((folder / PENALTY).glob("*.ndjson"))
    return str(json.loads(page.read_bytes().split(b"\n")[0])["key"])


def a_person(number: int) -> dict[str, Any]:
    """A penalty of a natural person, whose name stands in the record's key."""
    named = {"subject_name": "赵金丝雀", "subject_type": "natural", "uscc": None}
    return {**a_penalty(number, **named), "cert_no": of_a_person(number, "")["cert_no"]}


def test_a_repair_reaches_every_consumer_and_each_confirms(office: Office, tmp_path: Path) -> None:
    (record,) = office.publish(a_person(1))
    audiences = ("government", "industry")
    keys = {audience: a_key(office.engine, audience, (PENALTY,)) for audience in audiences}
    idle = a_key(office.engine, "government", (MARKET, PENALTY))  # took nothing
    with listening(application(office.engine)) as url:
        for audience, key in keys.items():
            consume(url, PENALTY, tmp_path / audience, key)
            assert take_notices(url, tmp_path / audience, key) == {"notices": 0, "confirmed": 0}
        number = office.filed(record, "repair")
        objections.accept(office.desk("zhao"), number)
        for condition in ("performed", "remedied"):
            repairs.confirm(office.desk("zhao"), number, condition, met=True)
        yes = Texts("准予信用修复。")
        office.work(repairs.decide_repair(office.desk("li"), number, grant=True, texts=yes))
        told = held_by(office, record)
        assert [one["audience"] for one in told] == ["government", "industry"]
        assert all(one["notice_id"] and one["confirmed_at"] is None for one in told)
        for audience, key in keys.items():
            done = take_notices(url, tmp_path / audience, key)
            assert done == {"notices": 1, "confirmed": 1}
            assert take_notices(url, tmp_path / audience, key) == {"notices": 0, "confirmed": 0}
        assert take_notices(url, tmp_path / "idle", idle) == {"notices": 0, "confirmed": 0}
    assert all(one["confirmed_at"] for one in held_by(office, record))
    found = {audience: kept_notices(tmp_path / audience)[0] for audience in audiences}
    for audience, notice in found.items():
        assert notice["key"] == key_of(tmp_path / audience)  # as this consumer knows it
        assert (notice["act"], notice["reason_code"]) == ("repair", "repair_granted")
        assert (notice["reason"], notice["dataset"]) == ("准予信用修复", PENALTY)
        for value in (*PERSONAL.values(), number, record):
            if not (audience == "government" and value == PERSONAL["party_name"]):
                assert value not in repr(notice)
    assert "赵金丝雀" in found["government"]["key"] and len(found["industry"]["key"]) == 32


def test_the_endpoints_are_as_described_and_each_consumer_s_own(office: Office) -> None:
    records = office.publish(a_penalty(1), a_penalty(2), a_penalty(3))
    keys = [
        a_key(office.engine, "government", granted) for granted in ((PENALTY,), (PENALTY, MARKET))
    ]
    for key in keys:
        assert (
            ask(office.engine, f"{PREFIX}/v1/datasets/{PENALTY}/entries", key).status_code == 200
        )
    withdrawn(office, *records[:2])
    withdrawn(office, records[2])
    path = f"{PREFIX}/v1/notices"
    pages = [json.loads(ask(office.engine, path, key).data)["notices"] for key in keys]
    assert [len(page) for page in pages] == [3, 3]
    assert not {one["id"] for one in pages[0]} & {one["id"] for one in pages[1]}
    schema = {**OPENAPI["components"]["schemas"]["Notice"], "$defs": {}}
    for one in pages[0]:
        Draft202012Validator(schema).validate(one)
    second = pages[0][1]["id"]
    later = json.loads(ask(office.engine, f"{path}?after={second}", keys[0]).data)["notices"]
    assert later == pages[0][2:]
    mine = f"{path}/{second}/confirmation"
    assert ask(office.engine, mine, keys[1], "POST").status_code == 404  # another's
    assert ask(office.engine, mine, None, "POST").status_code == 401
    assert ask(office.engine, mine, keys[0]).status_code == 405
    assert ask(office.engine, mine, keys[0]).headers["Allow"] == "OPTIONS, POST"
    assert ask(office.engine, f"{mine}?x=1", keys[0], "POST").status_code == 400
    for wrong in ("x", "-1", "99999999999999999999", "０"):
        answer = ask(office.engine, f"{path}/{wrong}/confirmation", keys[0], "POST")
        assert (answer.status_code, answer.json and answer.json["code"]) == (404, "notice_unknown")
    assert ask(office.engine, f"{path}?since=1", keys[0]).status_code == 400
    assert ask(office.engine, mine, keys[0], "POST").status_code == 204
    first = json.loads(ask(office.engine, path, keys[0]).data)["notices"][1]["confirmed_at"]
    assert first is not None
    assert ask(office.engine, mine, keys[0], "POST").status_code == 204
    again = json.loads(ask(office.engine, path, keys[0]).data)["notices"][1]["confirmed_at"]
    assert again == first  # the first time counts


def test_killed_before_it_confirms_the_consumer_confirms_later(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = office.publish(a_penalty(1), a_penalty(2))
    key = a_key(office.engine, "government", (PENALTY,))
    with listening(application(office.engine)) as url:
        consume(url, PENALTY, tmp_path, key)
        withdrawn(office, *records)

        def die(*_: Any) -> int:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(consume_notices, "_follow", die)
            take_notices(url, tmp_path, key)
        assert len(kept_notices(tmp_path)) == 2
        assert all(one["confirmed_at"] is None for one in held_by(office, records[0]))
        assert take_notices(url, tmp_path, key) == {"notices": 0, "confirmed": 2}
    names = sorted(path.name for path in (tmp_path / "notices").glob("*.json"))
    assert len(names) == 2 and all(name.endswith(".confirmed.json") for name in names)
    assert all(one["confirmed_at"] for record in records for one in held_by(office, record))


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b'{"notices": [{"id": 0, "key": "k"}]}', b'{"notices": [{"id": "../x", "key": ""}]}',
     b'{"notices": [{"id": true, "key": "k"}]}', b'{"notices": [{"id": 1}]}', b"<html>"],
)  # fmt: skip
def test_answers_that_are_no_notices_are_not_kept(tmp_path: Path, body: bytes) -> None:
    @Request.application
    def something_else(_: Request) -> Response:
        return Response(body)

    with listening(something_else) as url, pytest.raises(Corrupt) as caught:
        take_notices(url, tmp_path, "1.x")
    assert caught.value.issue.code == "notice_unreadable"
    assert kept_notices(tmp_path) == []


def test_the_commands_tell_and_confirm(office: Office, tmp_path: Path) -> None:
    (record,) = office.publish(a_penalty(1, decided_on=days_ago(30)))
    key = a_key(office.engine, "government", (PENALTY,))
    folder = tmp_path / "received"
    with listening(application(office.engine)) as url:
        command = ["consume", url, "--dataset", PENALTY, "--to", str(folder), "--key", key]
        first = CliRunner().invoke(hub, [*command, "--json"])
        assert json.loads(first.stdout)["notices"] == 0
        withdrawn(office, record)
        shown = CliRunner().invoke(hub, command)
        assert shown.exit_code == 0 and "1 条停止公示通知" in shown.stdout
        assert httpx.get(f"{url}{PREFIX}/v1/notices").status_code == 401
    site = ["--site", str(office.site.path), "review", "holders", PENALTY, record]
    told = json.loads(CliRunner().invoke(hub, [*site, "--json"]).stdout)
    assert (told["state"], len(told["holders"])) == ("withdrawn", 1)
    assert told["holders"][0]["confirmed_at"] is not None
    assert "government" in CliRunner().invoke(hub, site).stdout
