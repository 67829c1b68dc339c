"""The door of the exchange: networks, certificates, rates, which keys count, what a grant opens."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from sqlalchemy import Engine, update

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from hub.consumers.consumer import Consumer
from hub.consumers.settings import change
from hub.database import write
from hub.exchange.takings import datasets_of, takings
from hub.grants.grant import grants_of
from hub.grants.granting import revoke_grant
from hub.grants.tables import consumer_grant
from hub.request_signature.sign import signed
from hub.web.client_certificate import CERTIFICATE, Certified, fingerprint
from hub.web.exchange_rates import MOST_REFUSED, usual_rate
from tests.exchange.access_hub import (
    BASE,
    CATALOGUE,
    LIST,
    a_signing_key,
    ask,
    ask_signed,
    code,
    granted,
    registered,
    send,
)
from tests.hub.exchange_hub import application, entries_path
from tests.hub.ledger_data import MARKET, PENALTY, a_company, a_penalty, made, put

COMPLAINT = "complaint_report"


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


def set_of(engine: Engine, who: Consumer, **given: Any) -> None:
    with write(engine) as connection:
        change(connection, who, given, "operator")


def from_address(address: str) -> dict[str, Any]:
    return {"environ_base": {"REMOTE_ADDR": address}}


def test_a_key_counts_only_from_the_networks_of_its_consumer(engine: Engine) -> None:
    who, key = registered(engine)
    signer = a_signing_key(engine, who, "ed25519")
    wsgi = application(engine)
    set_of(engine, who, networks=["10.20.0.0/16", "2001:db8::/32", "192.0.2.7"])
    for address in ("10.20.255.1", "2001:db8::1", "192.0.2.7", "::ffff:10.20.0.1"):
        assert ask(wsgi, key, **from_address(address)).status_code == 200
        assert ask_signed(wsgi, signer, LIST, **from_address(address)).status_code == 200
    for address in ("10.21.0.1", "2001:db9::1", "192.0.2.8", "", "unknown", "10.20.0.1, 1.1.1.1"):
        for refused in (
            ask(wsgi, key, **from_address(address)),
            ask_signed(wsgi, signer, LIST, **from_address(address)),
        ):
            assert (refused.status_code, code(refused)) == (403, "network_refused")
    # Who has no key isn't told from where it would count.
    assert code(ask(wsgi, key + "x", **from_address("10.21.0.1"))) == "key_refused"
    set_of(engine, who, networks=[])
    assert ask(wsgi, key, **from_address("10.21.0.1")).status_code == 200


def test_what_isn_t_a_network_is_said(engine: Engine) -> None:
    who, _ = registered(engine)
    for text in ("10.20.0.1/16", "10.20.0.0/33", "all", "", "0x0a.1.1.1"):
        with pytest.raises(Misdeclared) as error:
            set_of(engine, who, networks=[text])
        assert error.value.issue.code == "network_wrong"


def test_with_signed_only_no_bearer_key_counts(engine: Engine) -> None:
    who, key = registered(engine)
    signer = a_signing_key(engine, who, "hmac")
    wsgi = application(engine)
    set_of(engine, who, signed_only=True)
    refused = ask(wsgi, key)
    assert (refused.status_code, code(refused)) == (401, "signature_required")
    assert code(ask(wsgi, key + "x")) == "key_refused"
    assert ask_signed(wsgi, signer).status_code == 200


def test_a_wrong_signature_isn_t_helped_by_a_bearer_key(engine: Engine) -> None:
    _, key = registered(engine)
    wsgi = application(engine)
    for headers in ({"Signature": "hub=:AA==:"}, {"Signature-Input": 'hub=("@path")'}):
        refused = ask(wsgi, key, headers=headers)
        assert (refused.status_code, code(refused)) == (401, "signature_incomplete")


def test_a_bearer_key_doesn_t_sign_and_a_key_that_signs_is_no_bearer(engine: Engine) -> None:
    who, key = registered(engine)
    signer = a_signing_key(engine, who, "hmac")
    wsgi = application(engine)
    as_bearer = type(signer)("1", "hmac", signer.sign)
    assert code(ask_signed(wsgi, as_bearer)) == "signature_wrong"
    for wrong in (f"{signer.keyid}.", f"{signer.keyid}.{'0' * 64}", f"{signer.keyid}.{key}"):
        assert code(ask(wsgi, wrong)) == "key_refused"


PEM = (
    "-----BEGIN CERTIFICATE-----\n"
    + base64.encodebytes(b"a certificate" * 9).decode()
    + "-----END CERTIFICATE-----\n"
)
SHOWN = hashlib.sha256(b"a certificate" * 9).hexdigest()


def test_a_certificate_counts_when_the_trusted_proxy_shows_it(engine: Engine) -> None:
    who, key = registered(engine)
    colons = ":".join(SHOWN[n : n + 2] for n in range(0, 64, 2)).upper()
    set_of(engine, who, certificates=[colons])
    behind = Certified(application(engine), "127.0.0.9")
    proxy, shown = from_address("127.0.0.9"), {"X-Client-Cert": quote(PEM)}
    assert ask(behind, key, headers=shown, **proxy).status_code == 200
    other = {"X-Client-Cert": quote(PEM.replace("YSBj", "YSBk"))}
    for headers, address in ((shown, "127.0.0.8"), ({}, "127.0.0.9"), (other, "127.0.0.9")):
        refused = ask(behind, key, headers=headers, **from_address(address))
        assert (refused.status_code, code(refused)) == (403, "certificate_refused")
    without = Certified(application(engine), None)
    assert ask(without, key, headers=shown, **proxy).status_code == 403
    forged = {CERTIFICATE: SHOWN, "REMOTE_ADDR": "127.0.0.8"}
    assert ask(behind, key, environ_base=forged).status_code == 403


@pytest.mark.parametrize("text", ["", "x", quote(PEM + PEM), quote(PEM[:-9]), "%"])
def test_what_isn_t_one_certificate_is_none(text: str) -> None:
    assert fingerprint(text) is None


def test_who_asks_too_often_is_told_when_to_come_again(engine: Engine) -> None:
    who, key = registered(engine)
    set_of(engine, who, rate=3)
    wsgi = application(engine)
    for left in (2, 1, 0):
        answer = ask(wsgi, key)
        assert answer.status_code == 200
        assert answer.headers["RateLimit-Policy"] == '"consumer";q=3;w=60'
        assert answer.headers["RateLimit"].startswith(f'"consumer";r={left};t=')
    refused = ask(wsgi, key)
    assert (refused.status_code, code(refused)) == (429, "rate_exceeded")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"consumer";r=0;')
    _, other = registered(engine, "另一平台")
    assert ask(wsgi, other).status_code == 200


def test_who_repeats_another_s_request_doesn_t_use_up_its_rate(engine: Engine) -> None:
    who, _ = registered(engine)
    key = a_signing_key(engine, who, "hmac")
    set_of(engine, who, rate=2)
    wsgi = application(engine)
    headers = signed("GET", BASE + LIST, b"", key)
    assert send(wsgi, LIST, headers).status_code == 200
    for _ in range(5):
        assert code(send(wsgi, LIST, headers)) == "signature_replayed"
    assert ask_signed(wsgi, key).status_code == 200
    assert ask_signed(wsgi, key).status_code == 429


def test_who_is_refused_too_often_is_not_looked_at_for_a_while(engine: Engine) -> None:
    who, key = registered(engine)
    signer, wsgi = a_signing_key(engine, who, "hmac"), application(engine)
    set_of(engine, who, networks=["203.0.113.0/24", "2001:db8::/32", "127.0.0.1"])
    one, same = from_address("203.0.113.9"), from_address("::ffff:203.0.113.9")
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for place in range(MOST_REFUSED):
            wrong = key + "x" if place % 2 else ""
            assert ask(wsgi, wrong, **one).status_code == 401
            assert ask(wsgi, key, **from_address("198.51.100.1")).status_code == 403
        for refused in (ask(wsgi, key + "x", **one), ask(wsgi, key, **same)):
            assert (refused.status_code, code(refused)) == (429, "refused_too_often")
        seconds = int(refused.headers["Retry-After"])
        assert 1 <= seconds <= 60
        assert ask_signed(wsgi, signer, **one).status_code == 429
        assert code(ask(wsgi, key, **from_address("198.51.100.1"))) == "refused_too_often"
        assert ask(wsgi, key, **from_address("203.0.113.10")).status_code == 200
        clock.shift(120)
        assert ask(wsgi, key, **one).status_code == 200


def test_refusals_are_counted_by_subnet_and_not_for_a_proxy_of_the_machine(engine: Engine) -> None:
    _, key = registered(engine)
    wsgi = application(engine)
    for place in range(MOST_REFUSED):
        assert ask(wsgi, "x", **from_address(f"2001:db8::{place:x}")).status_code == 401
        assert ask(wsgi, "x", **from_address("127.0.0.1")).status_code == 401
    assert ask(wsgi, key, **from_address("2001:db8::ffff")).status_code == 429
    assert ask(wsgi, key, **from_address("2001:db8:0:1::1")).status_code == 200
    assert ask(wsgi, key, **from_address("127.0.0.1")).status_code == 200


def test_what_is_right_or_too_much_counts_as_no_refusal(engine: Engine) -> None:
    who, key = registered(engine)
    set_of(engine, who, rate=3)
    wsgi, place = application(engine), from_address("203.0.113.9")
    codes = {
        code(one) for one in (ask(wsgi, key, **place) for _ in range(150)) if one.json.get("code")
    }
    assert codes == {"rate_exceeded"}
    assert ask(wsgi, registered(engine, "另一平台")[1], **place).status_code == 200


def test_a_grant_has_a_rate_of_its_own(engine: Engine) -> None:
    put(engine, MARKET, [a_company(1)])
    put(engine, PENALTY, [a_penalty(1, "张三丰")])
    who, key = registered(engine, "省平台", PENALTY)
    granted(engine, who, MARKET, rate=2)
    wsgi = application(engine)
    for status in (200, 200, 429):
        answer = ask(wsgi, key, entries_path(MARKET))
        assert answer.status_code == status
        assert '"grant";q=2;w=60' in answer.headers["RateLimit-Policy"]
    assert ask(wsgi, key, entries_path(PENALTY)).status_code == 200


@pytest.mark.parametrize(("told", "rate"), [("", 6_000), ("0", 0), ("50", 50)])
def test_the_usual_rate_is_a_setting(told: str, rate: int) -> None:
    assert usual_rate({"HUB_EXCHANGE_RATE": told}) == rate
    for wrong in ("-1", "many", "1.5", "9" * 10):
        with pytest.raises(Misdeclared):
            usual_rate({"HUB_EXCHANGE_RATE": wrong})


def test_the_authority_is_a_setting_where_a_proxy_hides_the_host(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, _ = registered(engine)
    key = a_signing_key(engine, who, "ed25519")
    monkeypatch.setenv("HUB_EXCHANGE_AUTHORITY", "hub.test")
    wsgi = application(engine)
    inside = {"HTTP_HOST": "127.0.0.1:8000"}
    assert ask_signed(wsgi, key, LIST, environ_overrides=inside).status_code == 200
    monkeypatch.delenv("HUB_EXCHANGE_AUTHORITY")
    refused = ask_signed(application(engine), key, LIST, environ_overrides=inside)
    assert code(refused) == "signature_wrong"
    for wrong in ("http://hub.test", "hub.test/x", "a@b", " "):
        monkeypatch.setenv("HUB_EXCHANGE_AUTHORITY", wrong)
        with pytest.raises(Misdeclared):
            application(engine)


def test_a_grant_opens_on_its_days_and_until_it_is_revoked(engine: Engine) -> None:
    put(engine, MARKET, [a_company(1)])
    noon = datetime(2026, 11, 23, 4, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        who, key = registered(engine, "省平台", PENALTY)
        granted(engine, who, MARKET, valid_from="2026-11-25", valid_until="2026-11-26")
    wsgi = application(engine)
    for day, status in ((24, 403), (25, 200), (26, 200), (27, 403)):
        with time_machine.travel(noon.replace(day=day), tick=False):
            answer = ask(wsgi, key, entries_path(MARKET))
            assert answer.status_code == status
            told = json.loads(ask(wsgi, key).data)["datasets"]
            assert (MARKET in [one["dataset"] for one in told]) == (status == 200)
    assert code(answer) == "not_granted"


def test_a_revoked_grant_ends_with_the_next_request(engine: Engine) -> None:
    put(engine, MARKET, [a_company(n) for n in range(4)])
    who, key = registered(engine)
    wsgi = application(engine)
    assert ask(wsgi, key, entries_path(MARKET, "?limit=2")).status_code == 200
    with write(engine) as connection:
        grants = grants_of(connection, who, today())
        number = next(one.id for one in grants if one.dataset == MARKET)
        revoke_grant(connection, CATALOGUE, number, "operator", "x")
    refused = ask(wsgi, key, entries_path(MARKET, "?after=2"))
    assert (refused.status_code, code(refused)) == (403, "not_granted")
    assert ask(wsgi, key, entries_path(PENALTY)).status_code == 200


def test_what_isn_t_public_any_more_is_kept_back_from_the_public_s_view(engine: Engine) -> None:
    _, key = registered(engine)
    with write(engine) as connection:
        values = {"dataset": COMPLAINT, "audience": "public"}  # as if the standard had changed
        mine = consumer_grant.c.dataset == MARKET
        connection.execute(update(consumer_grant).where(mine).values(values))
    refused = ask(application(engine), key, entries_path(COMPLAINT))
    assert (refused.status_code, code(refused)) == (403, "not_public")


def test_a_grant_of_fields_gives_those_and_nothing_else(engine: Engine) -> None:
    """Canaries: every other field has a value of its own, which must not be anywhere."""
    canaries = {
        "domicile": "官渡路金丝雀一号",
        "legal_rep_name": "金丝雀二",
        "business_scope": "金丝雀三",
        "phone": "0668-7654321",
    }
    put(engine, MARKET, [a_company(1, **canaries)])
    put(engine, MARKET, [a_company(2, **canaries)], gone=[a_company(1)])
    who, key = registered(engine, "省平台", PENALTY)
    granted(engine, who, MARKET, fields=("subject_name",))
    _, whole = registered(engine, "另一平台", MARKET)
    wsgi = application(engine)
    page = ask(wsgi, key, entries_path(MARKET))
    translated = ask(wsgi, key, entries_path(MARKET, "?version=1"))
    assert translated.status_code == 200
    lines = [json.loads(line) for line in page.text.split("\n")[:-1]]
    assert [line["operation"] for line in lines] == ["upsert", "upsert", "delete"]
    assert set(lines[0]["record"]) == {"subject_name", "uscc"}  # reg_no, of the key, has no value
    everything = page.text + str(page.headers) + translated.text
    assert not [value for value in canaries.values() if value in everything]
    seen = ask(wsgi, whole, entries_path(MARKET)).text
    assert [value for value in canaries.values() if value in seen] == list(canaries.values())
    digests = {line["digest"] for line in lines} & {
        json.loads(line)["digest"] for line in seen.split("\n")[:-1]
    }
    assert digests == {None}  # a digest of the whole record would tell what it was


def test_who_took_what_is_told_to_the_owner(engine: Engine) -> None:
    put(engine, MARKET, [a_company(n) for n in range(5)])
    who, key = registered(engine, "省平台", PENALTY)
    number = granted(engine, who, MARKET, purpose="年报核查", legal_basis="公示条例")
    wsgi = application(engine)
    for query in ("?limit=3", "?after=3"):
        assert ask(wsgi, key, entries_path(MARKET, query)).status_code == 200
    mine = datasets_of(CATALOGUE, "market_regulation")
    assert MARKET in mine and COMPLAINT not in mine
    with engine.connect() as connection:
        last, first = takings(connection, datasets=mine)
        assert takings(connection, who.id) == [last, first]
        assert takings(connection, datasets=[COMPLAINT]) == []
        assert takings(connection, datasets=[]) == []
        assert takings(connection, since="9999") == []
        assert takings(connection, limit=1) == [last]
    assert (first["after_seq"], first["last_seq"], first["entries"]) == (0, 3, 3)
    assert (last["after_seq"], last["last_seq"], last["entries"]) == (3, 5, 2)
    for row in (first, last):
        assert (row["consumer"], row["dataset"], row["kind"]) == ("省平台", MARKET, "page")
        assert (row["purpose"], row["legal_basis"]) == ("年报核查", "公示条例")
        assert row["grant_id"] == number
