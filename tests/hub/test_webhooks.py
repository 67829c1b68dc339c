"""Webhooks: asked first, sent signed CloudEvents, each once; refused where they may not stand."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from sqlalchemy import update

from exchange_schemas.catalogue import load_catalogue
from hub import subscription_sending, subscriptions
from hub.database import write
from hub.subscription_receipts import receipts
from hub.subscription_sending import GIVE_UP
from hub.tables_of_subscriptions import subscription_event
from publisher.library import Library
from publisher.signed_links import decode
from tests.hub.subscribing_site import BASE, CODE, DATASET, Office, entity, open_office
from tests.services.http_server import Asked, Said

GUIDE = Path(__file__).parents[2] / "docs" / "subscribe-and-feeds.md"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with open_office(tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}", monkeypatch) as made:
        yield made


def begin(office: Office, **topic: str) -> str:
    """A webhook that repeats its challenge; returns its address."""
    address = f"{office.web.url}/receiver"
    assert office.ask("webhook", address, **topic).status_code == 303
    office.work()
    return address


def told(asked: Asked) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asked.body)
    return found


def later(office: Office, days: int = 1) -> None:
    """What waits is due now, and was made so many days ago."""
    values = {"next_at": subscriptions.ago(days=1), "created_at": subscriptions.ago(days=days)}
    with write(office.engine) as connection:
        connection.execute(update(subscription_event).values(values))


class Keys(HTTPSignatureKeyResolver):
    """The key that the portal shows."""

    def __init__(self, url: str) -> None:
        shown = httpx.get(f"{url}/subscriptions/keys.json").json()["keys"]
        self.known = {one["kid"]: decode(one["x"]) for one in shown}

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.known[key_id])


def verify(office: Office, asked: Asked, body: bytes | None = None) -> None:
    """As somebody else's library checks the signature (RFC 9421) and the digest (RFC 9530)."""
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ED25519, key_resolver=Keys(office.url)
    )
    request = requests.Request(
        "POST", f"{office.web.url}/receiver", headers=dict(asked.headers), data=body or asked.body
    ).prepare()
    (found,) = verifier.verify(request)
    digest = base64.b64encode(hashlib.sha256(body or asked.body).digest()).decode()
    if found.covered_components['"content-digest"'] != f"sha-256=:{digest}:":
        raise InvalidSignature("another body")
    covered = [str(name).strip('"') for name in found.covered_components]
    assert covered[:4] == ["@method", "@target-uri", "content-type", "content-digest"]


def test_events_are_signed_and_come_once(office: Office) -> None:
    begin(office, dataset=DATASET)
    (challenge,) = office.events()
    assert told(challenge)["type"] == "cn.exchange-hub.subscription.challenge"
    verify(office, challenge)
    office.release(entity(1, domicile="茂名市电白区"), entity(3))
    assert office.work()["sent"] == 2
    assert office.work()["sent"] == 0
    withdrawn, published = office.events()[1:]
    for asked in (withdrawn, published):
        verify(office, asked)
        assert asked.headers["Content-Type"] == "application/cloudevents+json"
    event = told(published)
    assert event["specversion"] == "1.0" and event["source"] == BASE
    assert event["subject"] == f"{DATASET}/2"
    assert [(one["record_id"], one["change"]) for one in event["data"]["records"]] == [
        ("e1", "changed"), ("e3", "added"),
    ]  # fmt: skip
    event = told(withdrawn)
    assert event["type"] == "cn.exchange-hub.records.withdrawn"
    (gone,) = event["data"]["withdrawn"]
    assert gone["record_id"] == "e2" and gone["legal_basis"] and gone["removed_on"]
    assert "荔乡2号" not in withdrawn.body.decode()  # nothing of the party


def test_what_was_altered_on_the_way_is_told(office: Office) -> None:
    begin(office, dataset=DATASET)
    (asked,) = office.events()
    with pytest.raises(InvalidSignature):
        verify(office, asked, body=asked.body.replace(b"1.0", b"1.1"))
    headers = {**asked.headers, "Content-Type": "text/plain"}
    with pytest.raises(InvalidSignature):
        verify(office, Asked("POST", asked.path, {}, headers, asked.body))


def test_the_guides_check_tells_real_from_forged(office: Office) -> None:
    begin(office, dataset=DATASET)
    (asked,) = office.events()
    code = GUIDE.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    named: dict[str, Any] = {}
    exec(code, named)  # noqa: S102 - the guide's own lines
    is_real, keys = named["is_real"], httpx.get(f"{office.url}/subscriptions/keys.json").json()
    place, headers, body = f"{office.web.url}/receiver", dict(asked.headers), asked.body
    assert is_real(place, headers, body, keys)
    assert not is_real(place + "x", headers, body, keys)
    assert not is_real(place, headers, body + b" ", keys)
    assert not is_real(place, {**headers, "Content-Type": "text/html"}, body, keys)
    assert not is_real(place, headers, body, {"keys": []})


def test_a_receiver_that_doesnt_repeat_the_challenge_gets_nothing(office: Office) -> None:
    office.web.say("/receiver", "hello")
    begin(office, dataset=DATASET)
    office.release(entity(3))
    assert office.work()["events"] == 0
    later(office, days=8)
    office.work()
    office.web.asked.clear()
    later(office, days=8)
    office.work()
    assert office.events() == []


def test_a_receiver_that_is_away_gets_it_later_with_the_same_id(office: Office) -> None:
    begin(office, code=CODE)
    office.web.in_turn("/receiver", Said(status=503), Said(status=302), Said(status=204))
    office.release(entity(1, domicile="茂名市电白区"), entity(2))
    assert office.work()["failed"] == 1
    assert office.work() | {"failed": 0} == office.work() | {"failed": 0}  # not before its time
    later(office)
    assert office.work()["failed"] == 1  # a redirect isn't followed, and isn't an answer
    later(office)
    assert office.work()["sent"] == 1
    names = {told(one)["id"] for one in office.events()[1:]}
    assert len(office.events()) == 4 and len(names) == 1


def test_a_receiver_that_stays_away_is_given_up_and_shown(office: Office) -> None:
    begin(office, dataset=DATASET)
    office.web.say("/receiver", status=500)
    office.release(entity(3))
    office.work()
    later(office, days=GIVE_UP.days + 1)
    assert office.work()["given_up"] == 2
    with office.engine.connect() as connection:
        (one,) = subscriptions.listing(connection)
    assert (one["state"], one["answer"], one["given_up"]) == ("stopped", "500", 2)
    office.release(entity(4))
    assert office.work()["events"] == 0
    office.web.answers["/receiver"] = lambda asked: Said(asked.body)
    begin(office, dataset=DATASET)  # who is back may begin again
    with office.engine.connect() as connection:
        assert [row["state"] for row in subscriptions.listing(connection)] == ["confirmed"]


def test_an_answer_of_2xx_to_a_withdrawal_confirms_it(office: Office) -> None:
    begin(office, dataset=DATASET)
    office.web.in_turn("/receiver", Said(status=503), Said(status=200))
    office.release(entity(1))
    library = Library(office.site.releases, load_catalogue())
    office.work()
    with office.engine.connect() as connection:
        assert receipts(connection, library, DATASET) == {"e2": (1, 0)}
    later(office)
    office.work()
    with office.engine.connect() as connection:
        assert receipts(connection, library, DATASET) == {"e2": (1, 1)}


def test_who_dies_after_sending_sends_the_same_once_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(office, dataset=DATASET)
    office.release(entity(1), entity(2), entity(3))
    with monkeypatch.context() as patch:
        patch.setattr(subscription_sending, "_note", _dies)
        with pytest.raises(KeyboardInterrupt):
            office.work()
    assert office.work()["events"] == 0 and office.work()["sent"] == 0
    first, second = (told(one)["id"] for one in office.events()[1:])
    assert first == second


def _dies(*_: Any) -> str:
    raise KeyboardInterrupt


def test_410_ends_a_subscription(office: Office) -> None:
    begin(office, dataset=DATASET)
    office.web.say("/receiver", status=410)
    office.release(entity(3))
    office.work()
    office.work()
    assert office.count("subscription") == office.count("subscription_event") == 0


INSIDE = (
    "http://127.0.0.1:1/x", "https://localhost/x", "http://[::1]/x", "http://10.0.0.1/x",
    "http://169.254.169.254/latest/meta-data", "http://0x7f000001/", "http://2130706433/",
    "http://[::ffff:127.0.0.1]/", "https://192.168.1.1/",
)  # fmt: skip
WRONG = (
    "ftp://example.cn/", "https://user:pw@example.cn/", "javascript:alert(1)", "https://",
    "https://example.cn/ x", "https://a\\@b/", "file:///etc/passwd", "https://例.cn/", "//x",
)  # fmt: skip


def test_nothing_is_sent_into_the_citys_network(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUB_WEBHOOKS_INTERNAL")
    for address in INSIDE:
        assert office.ask("webhook", address, dataset=DATASET).status_code == 303
    assert office.work()["given_up"] == len(INSIDE)
    with office.engine.connect() as connection:
        found = {one["address"]: one for one in subscriptions.listing(connection)}
    assert set(found) == set(INSIDE)
    assert {(one["state"], one["answer"]) for one in found.values()} == {
        ("stopped", "address_refused")
    }


def test_what_isnt_an_address_is_said_beside_the_field(office: Office) -> None:
    for address in WRONG:
        answer = office.ask("webhook", address, dataset=DATASET)
        assert answer.status_code == 422 and "这个地址无法发送" in answer.text
    assert not office.site.subscriptions.exists()
