"""A hub at whose door one stands: consumers with keys of every kind, requests signed and raw."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine
from werkzeug.test import Client, TestResponse

from exchange_schemas.catalogue import load_catalogue
from hub.consumers.consumer import Consumer, add_consumer, consumer_named
from hub.consumers.key_handing import hand_out
from hub.database import write
from hub.grants.granting import Verdict, apply_for, decide
from hub.grants.terms import Terms
from hub.request_signature.sign import RequestKey, shared_key, signed, signing_key
from publisher.signers import Signer, new_signer
from tests.hub.exchange_hub import application, listening, site_of
from tests.hub.ledger_data import MARKET, PENALTY

SIGNED_KINDS = ("hmac", "ed25519", "sm2")
BASE = "http://hub.test"
LIST = "/exchange/v1/datasets"
CATALOGUE = load_catalogue()


def registered(engine: Engine, name: str = "省平台", *datasets: str) -> tuple[Consumer, str]:
    """A government consumer with grants, and its bearer key."""
    with write(engine) as connection:
        key = add_consumer(connection, name, "government", datasets or (MARKET, PENALTY))
        return consumer_named(connection, name), key


def a_signing_key(
    engine: Engine, who: Consumer, kind: str, signer: Signer | None = None
) -> RequestKey:
    """A further key of the consumer, with which it signs."""
    own = None if kind == "hmac" else signer or new_signer(kind)
    public = base64.b64encode(own.public_key).decode() if own else None
    with write(engine) as connection:
        handed = hand_out(connection, site_of(engine).keys, who, kind, public, "operator")
    if own is None:
        return shared_key(handed.keyid, base64.b64decode(handed.secret or ""))
    return signing_key(handed.keyid, own)


def granted(engine: Engine, who: Consumer, dataset: str, **more: Any) -> int:
    """A grant of that dataset, decided where it has to be; returns its number."""
    words = {"audience": "government", "purpose": "核查", "legal_basis": "条例", **more}
    terms = Terms(dataset=dataset, **{"valid_from": "2020-01-01", **words})
    with write(engine) as connection:
        return apply_for(connection, CATALOGUE, who, terms, "operator")


def approve(engine: Engine, number: int, actor: str = "li") -> None:
    """What waits is granted."""
    with write(engine) as connection:
        decide(connection, CATALOGUE, number, Verdict(True, actor))


def ask_signed(
    wsgi: Any,
    key: RequestKey,
    path: str = LIST,
    method: str = "GET",
    body: bytes = b"",
    **more: Any,
) -> TestResponse:
    """One signed request in this process."""
    created = more.pop("created", None)
    headers = signed(method, f"{BASE}{path}", body, key, created=created)
    return send(wsgi, path, headers, method, body, **more)


def send(
    wsgi: Any,
    path: str,
    headers: dict[str, str],
    method: str = "GET",
    body: bytes = b"",
    **more: Any,
) -> TestResponse:
    """A request with these headers, as they are."""
    return Client(wsgi).open(
        path, base_url=BASE, method=method, headers=headers, data=body or None, **more
    )


def ask(wsgi: Any, key: str, path: str = LIST, **more: Any) -> TestResponse:
    """One request with a bearer key."""
    headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
    return Client(wsgi).open(path, base_url=BASE, headers=headers, **more)


def code(response: TestResponse) -> str:
    """What a problem says to programs."""
    told: str = response.json["code"]
    return told


@dataclass(frozen=True)
class Door:
    """A hub that listens; `url` is its address."""

    engine: Engine
    url: str

    def status(self, request: bytes) -> int:
        """The status of the answer to some bytes; 0 where the connection was closed without any."""
        place = urlsplit(self.url)
        with socket.create_connection((place.hostname, place.port), timeout=10) as channel:
            channel.sendall(request)
            channel.shutdown(socket.SHUT_WR)
            answer = b""
            while b"\r\n" not in answer:
                part = channel.recv(4096)
                if not part:
                    return 0
                answer += part
        return int(answer.split(b" ", 2)[1])

    def raw(self, method: str, path: str, key: RequestKey, body: bytes = b"") -> bytes:
        """A signed request as it goes over the wire."""
        headers = {
            "Host": urlsplit(self.url).netloc,
            **signed(method, f"{self.url}{path}", body, key),
        }
        if body:
            headers["Content-Length"] = str(len(body))
        lines = [f"{method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


@contextmanager
def open_door(engine: Engine) -> Iterator[Door]:
    """The hub on a loopback port for the length of the block."""
    with listening(application(engine)) as url:
        yield Door(engine, url)
