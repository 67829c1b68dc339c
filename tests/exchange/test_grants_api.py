"""Grants over the API: what a consumer asks for, and what it is told of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine, update
from werkzeug.test import Client, TestResponse

from hub import people
from hub.database import write
from hub.tables import consumer
from tests.exchange.access_hub import approve, ask, code, registered
from tests.hub.exchange_hub import application, entries_path
from tests.hub.ledger_data import MARKET, PENALTY, made
from tests.hub.test_exchange import valid

COMPLAINT = "complaint_report"


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


def apply(wsgi: Any, key: str, told: Any, media_type: str = "application/json") -> TestResponse:
    data = told if isinstance(told, bytes) else json.dumps(told).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": media_type}
    return Client(wsgi).post("/exchange/v1/applications", data=data, headers=headers)


ASKED = {"dataset": COMPLAINT, "purpose": "效能监察", "legal_basis": "监察法"}


def test_a_consumer_applies_and_sees_what_became_of_it(engine: Engine) -> None:
    _, key = registered(engine)
    with write(engine) as connection:
        people.grant(connection, "li", "government_services_data", "approver", "operator")
    wsgi = application(engine)
    made_now = apply(wsgi, key, {**ASKED, "fields": ["ticket_no"], "valid_until": "2099-12-31"})
    assert made_now.status_code == 201
    told = made_now.json
    assert (told["standing"], told["purpose"]) == ("applied", "效能监察")
    assert told["decide_by"] and told["review_by"]
    valid(told, "Grant")
    assert not {"applied_by", "decided_by", "consumer"} & set(told)
    again = apply(wsgi, key, ASKED)
    assert (again.status_code, code(again)) == (409, "grant_waiting")
    assert ask(wsgi, key, entries_path(COMPLAINT)).status_code == 403
    approve(engine, told["id"])
    assert ask(wsgi, key, entries_path(COMPLAINT)).status_code == 200
    mine = ask(wsgi, key, "/exchange/v1/grants").json["grants"]
    assert {one["dataset"]: one["standing"] for one in mine} == dict.fromkeys(
        (MARKET, PENALTY, COMPLAINT), "living"
    )
    _, other = registered(engine, "另一平台", MARKET)
    theirs = ask(wsgi, other, "/exchange/v1/grants").json["grants"]
    assert [one["dataset"] for one in theirs] == [MARKET]


def test_nobody_grants_itself_anything_but_the_public_s_view(engine: Engine) -> None:
    _, key = registered(engine, "省平台", PENALTY)
    with write(engine) as connection:
        connection.execute(update(consumer).values(audience="industry"))
    wsgi = application(engine)
    words = {"purpose": "x", "legal_basis": "y", "dataset": MARKET}
    for audience in ("government", "sealed", "department"):
        refused = apply(wsgi, key, {**words, "audience": audience})
        assert (refused.status_code, code(refused)) == (403, "audience_unknown")
    assert apply(wsgi, key, words).json["standing"] == "applied"  # without conditions, and waits
    assert ask(wsgi, key, entries_path(MARKET)).status_code == 403
    public = apply(wsgi, key, {"dataset": "price_alert", "audience": "public"})
    assert public.json["standing"] == "living"


WRONG: list[tuple[Any, int, str]] = [
    (b"{", 400, "application_wrong"),
    (b"[]", 400, "application_wrong"),
    (b'"x"', 400, "application_wrong"),
    ({}, 404, "dataset_unknown"),
    ({**ASKED, "dataset": 7}, 400, "application_wrong"),
    ({**ASKED, "dataset": "nothing"}, 404, "dataset_unknown"),
    ({**ASKED, "rate": 100}, 400, "parameter_unknown"),
    ({**ASKED, "association": "51440900MJ0001010D"}, 400, "parameter_unknown"),
    ({**ASKED, "fields": []}, 400, "application_wrong"),
    ({**ASKED, "fields": [7]}, 400, "application_wrong"),
    ({**ASKED, "fields": ["nothing"]}, 400, "field_unknown"),
    ({**ASKED, "purpose": ""}, 400, "grant_text_missing"),
    ({**ASKED, "purpose": "a\0b"}, 400, "application_wrong"),
    ({**ASKED, "valid_until": "2000-01-01"}, 400, "grant_day_wrong"),
    ({**ASKED, "valid_until": 7}, 400, "application_wrong"),
    ({**ASKED, "receipts_within_hours": True}, 400, "application_wrong"),
    ({**ASKED, "audience": "public"}, 403, "not_public"),
]


def test_a_wrong_application_is_told_what_is_wrong(engine: Engine) -> None:
    _, key = registered(engine)
    wsgi = application(engine)
    for told, status, word in WRONG:
        refused = apply(wsgi, key, told)
        assert (refused.status_code, code(refused)) == (status, word), told
    assert apply(wsgi, key, ASKED, "text/plain").status_code == 400
