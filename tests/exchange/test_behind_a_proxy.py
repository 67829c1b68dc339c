"""Behind the one trusted proxy: the client's address and certificate are what the proxy says."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx

from hub.consumers.settings import change
from hub.database import write
from hub.request_signature.sign import signed
from hub.web.listener import Listener
from tests.exchange.access_hub import LIST, a_signing_key, registered
from tests.hub.exchange_hub import application
from tests.hub.ledger_data import made

DER = b"a certificate" * 30
PEM = f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(DER).decode()}-----END CERTIFICATE-----\n"


@contextmanager
def listening(wsgi: object, proxy: str | None) -> Iterator[str]:
    listener = Listener(wsgi, "127.0.0.1", 0, proxy)  # type: ignore[arg-type]
    thread = threading.Thread(target=listener.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.effective_port}"
    finally:
        listener.close()
        thread.join(timeout=20)


def test_only_the_trusted_proxy_is_believed(tmp_path: Path) -> None:
    engine = made(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    who, bearer = registered(engine)
    key = a_signing_key(engine, who, "ed25519")
    shown = hashlib.sha256(DER).hexdigest()
    given = {"networks": ["10.20.0.0/16"], "certificates": [shown]}
    with write(engine) as connection:
        change(connection, who, given, "operator")
    told = {
        "X-Forwarded-For": "10.20.1.1",
        "X-Forwarded-Host": "hub.example.cn",
        "X-Forwarded-Proto": "https",
        "X-Client-Cert": quote(PEM),
    }
    public = f"https://hub.example.cn{LIST}"
    wsgi = application(engine)
    with listening(wsgi, "127.0.0.1") as url:
        for changed, status in (
            ({}, 200),
            ({"X-Forwarded-For": "10.21.1.1"}, 403),
            ({"X-Forwarded-For": "10.20.1.1, 10.21.1.1"}, 403),  # the nearest one counts
            ({"X-Client-Cert": ""}, 403),
            ({"X-Client-Cert": quote(PEM.replace("YSBj", "YSBk"))}, 403),
        ):
            for mine in ({"Authorization": f"Bearer {bearer}"}, signed("GET", public, b"", key)):
                headers = {**told, **changed, **mine}
                assert httpx.get(url + LIST, headers=headers).status_code == status
        other = {**told, **signed("GET", public, b"", key), "X-Forwarded-Host": "hub2.example.cn"}
        assert httpx.get(url + LIST, headers=other).status_code == 401
    for proxy in (None, "127.0.0.2"):
        with listening(wsgi, proxy) as url:
            headers = {**told, "Authorization": f"Bearer {bearer}"}
            assert httpx.get(url + LIST, headers=headers).status_code == 403
            with_key = {**told, **signed("GET", public, b"", key)}
            assert httpx.get(url + LIST, headers=with_key).status_code == 401
