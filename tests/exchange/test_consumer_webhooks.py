"""Webhooks of consumers: a signed hint once for each growth, to a real receiver, up or down."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import http_message_signatures as signatures
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select, update

from exchange_schemas.errors import HubError
from hub import jobs
from hub.cli.main import hub
from hub.consumers import webhooks as consumer_webhooks
from hub.consumers.hints import KIND, enqueue, tell
from hub.consumers.tables_of_webhooks import consumer_hint, consumer_webhook
from hub.database import write
from hub.grants.tables import consumer_grant
from hub.subscription_key import subscription_signer
from hub.work import work_now
from publisher.signed_links import key_name
from tests.exchange.receipt_hub import CATALOGUE, Puller, a_puller, companies
from tests.hub.exchange_hub import site_of
from tests.hub.ledger_data import MARKET, a_company, made, put
from tests.services.http_server import Asked, Said, Web, http_server


@pytest.fixture
def engine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("HUB_WEBHOOKS_INTERNAL", "1")
    monkeypatch.setattr("hub.consumers.hints.SECONDS", 1)
    return made(database_url)


def subscribed(engine: Engine, web: Web, path: str = "/hub") -> Puller:
    one = a_puller(engine)
    with write(engine) as connection:
        consumer_webhooks.add(connection, CATALOGUE, one.name, MARKET, web.url + path)
    return one


def told(engine: Engine) -> dict[str, int]:
    return tell(site_of(engine), engine, CATALOGUE)


def at_once(engine: Engine) -> None:
    """What waits for its next try is due now."""
    with write(engine) as connection:
        connection.execute(update(consumer_hint).values(next_at="2020-01-01T00:00:00.000Z"))


def long_ago(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(update(consumer_hint).values(created_at="2020-01-01T00:00:00.000Z"))


def hints(engine: Engine) -> list[tuple[int, int, str]]:
    has = consumer_hint.c
    with engine.connect() as connection:
        rows = connection.execute(select(has.after_seq, has.size, has.state).order_by(has.id))
        return [tuple(row) for row in rows]


def is_signed(engine: Engine, url: str, asked: Asked) -> bool:
    """As a receiver that has only the hub's public key checks it, with a library of its own."""
    key = subscription_signer(site_of(engine)).public_key

    class Keys(signatures.HTTPSignatureKeyResolver):
        def resolve_public_key(self, key_id: str) -> bytes:
            assert key_id == key_name(key)
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

            return Ed25519PublicKey.from_public_bytes(key)

    verifier = signatures.HTTPMessageVerifier(
        signature_algorithm=signatures.algorithms.ED25519, key_resolver=Keys()
    )
    message = SimpleNamespace(method=asked.method, url=url, headers=dict(asked.headers))
    digest = base64.b64encode(hashlib.sha256(asked.body).digest()).decode()
    try:
        verifier.verify(message, expect_tag=None)
    except signatures.InvalidSignature:
        return False
    return asked.headers["Content-Digest"] == f"sha-256=:{digest}:"


def test_a_hint_is_signed_says_how_far_and_nothing_of_the_content(engine: Engine) -> None:
    companies(engine, 3)
    with http_server() as web:
        web.say("/hub", status=204)
        subscribed(engine, web)
        assert told(engine) == {"hints": 1, "sent": 1, "failed": 0, "given_up": 0}
        (asked,) = web.asked
        event = json.loads(asked.body)
        data = event["data"]
        assert (event["type"], event["specversion"]) == ("cn.exchange-hub.entries.new", "1.0")
        assert (data["dataset"], data["view"], data["size"]) == (MARKET, "government", 3)
        assert data["entries"].endswith(f"/exchange/v1/datasets/{MARKET}/entries?after=0")
        assert data["checkpoint"].split("\n")[1] == "3"
        assert a_company(1)["uscc"] not in asked.body.decode()
        assert "商行" not in asked.body.decode()
        assert is_signed(engine, f"{web.url}/hub", asked)
        assert not is_signed(engine, f"{web.url}/other", asked)
        changed = Asked(asked.method, asked.path, {}, asked.headers, asked.body + b" ")
        assert not is_signed(engine, f"{web.url}/hub", changed)


def test_it_is_sent_once_for_each_growth_and_never_without_a_grant(engine: Engine) -> None:
    companies(engine, 3)
    with http_server() as web:
        web.say("/hub", status=200)
        one = subscribed(engine, web)
        for _ in range(3):
            told(engine)
        assert len(web.asked) == 1
        put(engine, MARKET, [a_company(9)])
        with write(engine) as connection:
            assert enqueue(connection, CATALOGUE) != [] and enqueue(connection, CATALOGUE) == []
        mine = consumer_grant.c.consumer_id == one.consumer().id
        with write(engine) as connection:
            connection.execute(update(consumer_grant).where(mine).values(state="revoked"))
        assert told(engine)["hints"] == 0
        with write(engine) as connection:
            connection.execute(update(consumer_grant).where(mine).values(state="granted"))
        assert told(engine)["sent"] == 1
        assert [json.loads(a.body)["data"]["size"] for a in web.asked] == [3, 4]
        assert json.loads(web.asked[1].body)["data"]["entries"].endswith("after=3")
        assert len({json.loads(a.body)["id"] for a in web.asked}) == 2


def test_a_receiver_that_fails_is_tried_again_and_a_newer_hint_takes_the_place(
    engine: Engine,
) -> None:
    companies(engine, 3)
    with http_server() as web:
        web.in_turn("/hub", Said(status=500), Said(b"x" * 50, slow=0.2), Said(status=204))
        subscribed(engine, web)
        assert told(engine)["failed"] == 1
        assert told(engine) == {"hints": 0, "sent": 0, "failed": 0, "given_up": 0}  # waits
        at_once(engine)
        assert told(engine)["failed"] == 1  # too slow
        put(engine, MARKET, [a_company(9)])
        assert told(engine)["sent"] == 1
        assert hints(engine) == [(0, 3, "needless"), (0, 4, "sent")]
        first, again, last = (json.loads(asked.body) for asked in web.asked)
        assert first["id"] == again["id"] != last["id"]


def test_a_redirect_is_not_followed_and_who_never_answers_is_given_up_visibly(
    engine: Engine,
) -> None:
    companies(engine, 3)
    with http_server() as web:
        web.say("/hub", status=302, Location=f"{web.url}/elsewhere")
        subscribed(engine, web)
        assert told(engine)["failed"] == 1
        long_ago(engine)
        at_once(engine)
        assert told(engine)["given_up"] == 1
        assert {asked.path for asked in web.asked} == {"/hub"}
    put(engine, MARKET, [a_company(9)])
    assert told(engine) == {"hints": 0, "sent": 0, "failed": 0, "given_up": 0}
    with engine.connect() as connection:
        (row,) = consumer_webhooks.listing(connection)
    assert (row["state"], row["given_up"], row["answer"]) == ("stopped", 1, "http_redirects")


def test_a_receiver_that_is_down_or_inside_the_network_gets_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    companies(engine, 1)
    with http_server() as web:
        one = subscribed(engine, web)
    assert told(engine)["failed"] == 1  # nobody listens there any more
    monkeypatch.delenv("HUB_WEBHOOKS_INTERNAL")
    at_once(engine)
    assert told(engine)["given_up"] == 1
    with write(engine) as connection:
        (row,) = consumer_webhooks.listing(connection)
        assert (row["state"], row["answer"]) == ("stopped", "address_refused")
        for url in ("ftp://x/", "https://u:p@example.cn/", "javascript:1", "https://"):
            with pytest.raises(HubError, match="address"):
                consumer_webhooks.add(connection, CATALOGUE, one.name, MARKET, url)
        with pytest.raises(HubError, match="webhook"):
            consumer_webhooks.add(connection, CATALOGUE, one.name, MARKET, "https://example.cn/")
        with pytest.raises(HubError, match="grant"):
            consumer_webhooks.add(
                connection, CATALOGUE, one.name, "food_sampling_result", "https://example.cn/"
            )


def test_the_commands_and_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_WEBHOOKS_INTERNAL", "1")
    site = tmp_path / "site"

    def call(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(hub, ["--site", str(site), *words])
        assert done.exit_code == code, done.output
        return done.output

    call("init")
    engine = made(f"sqlite:///{site / 'hub.sqlite'}")
    companies(engine, 2)
    one = a_puller(engine)
    with http_server() as web:
        web.say("/hub", status=204)
        url = f"{web.url}/hub"
        made_ = call("consumer", "webhook", "add", one.name, "--url", url, "--dataset", MARKET)
        assert one.name in made_
        assert "204" in call("consumer", "webhook", "test", one.name, "--dataset", MARKET)
        assert json.loads(web.asked[0].body)["type"].endswith(".test")
        web.say("/hub", status=503)
        assert "503" in call("consumer", "webhook", "test", one.name, "--dataset", MARKET, code=1)
        web.say("/hub", status=204)
        call("worker", "--once")
        with write(engine) as connection:
            jobs.submit(connection, KIND, {}, KIND)
        call("worker", "--once", "--no-schedule")
        assert "有效" in call("consumer", "webhook", "list")
        (row,) = json.loads(call("consumer", "webhook", "list", "--json"))["webhooks"]
        assert (row["sent"], row["due"], row["told_size"]) == (1, 0, 2)
        call("consumer", "webhook", "remove", one.name, "--dataset", MARKET)
        assert call("consumer", "webhook", "remove", one.name, "--dataset", MARKET, code=1)
    with engine.connect() as connection:
        for table in (consumer_hint, consumer_webhook):
            assert connection.execute(select(table)).first() is None
    engine.dispose()


def test_the_job_is_done_by_the_worker(engine: Engine) -> None:
    companies(engine, 2)
    with http_server() as web:
        web.say("/hub", status=204)
        subscribed(engine, web)
        assert work_now(site_of(engine), engine, KIND, {})["sent"] == 1
