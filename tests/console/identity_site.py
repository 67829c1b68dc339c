"""A real identity provider on a port of its own, whose ID tokens a test may replace."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from oidc_provider_mock import User, app
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

Claims = dict[str, Any]


@dataclass
class Relay:
    """Stands before the provider: notes what comes for tokens, and may replace the ID token that goes back."""

    provider: Any
    forge: Callable[[str], str | None] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: dict[str, Callable[[Claims], Claims]] = field(default_factory=dict)

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.path == "/oauth2/token":
            sent = request.get_data()
            self.asked.append(dict(parse_qsl(sent.decode())))
            environ["wsgi.input"] = BytesIO(sent)
        chunks, status, headers = run_wsgi_app(self.provider, environ, buffered=True)
        body = b"".join(chunks)
        change = self.answers.get(request.path)
        if self.forge is not None and request.path == "/oauth2/token" and status.startswith("200"):
            told = json.loads(body)
            told["id_token"] = self.forge(told["id_token"])
            body = json.dumps(told).encode()
        if change is not None:
            body = json.dumps(change(json.loads(body))).encode()
        headers.remove("Content-Length")
        return Response(body, status, headers)(environ, start)


@contextmanager
def provider(*people: str, lasts: timedelta = timedelta(hours=1)) -> Iterator[tuple[str, Relay]]:
    """Its address on localhost, and the relay before it; it knows `people` by their names here."""
    users = [User(sub=f"s-{name}", claims={"preferred_username": name}) for name in people]
    relay = Relay(app(user_claims=users, access_token_max_age=lasts, require_nonce=True))
    server = make_server("localhost", 0, relay, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}", relay
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def claims_of(token: str) -> Claims:
    """What an ID token says, whoever signed it."""
    part = token.split(".")[1]
    found: Claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def header_of(token: str) -> dict[str, Any]:
    """The header of a token."""
    part = token.split(".", maxsplit=1)[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def by_another_key(token: str) -> str:
    """The same token, signed by a key that isn't the provider's."""
    key = RSAKey.generate_key(2048)
    return jwt.encode({**header_of(token), "alg": "RS256"}, claims_of(token), key)


def unsigned(token: str) -> str:
    """The same token with the algorithm `none`."""
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


def by_public_key(public: dict[str, Any]) -> Callable[[str], str]:
    """Sign with HMAC and the provider's public key as the secret, which everybody knows."""
    pem = next(iter(KeySet.import_key_set(public).keys)).as_pem(private=False)

    def forged(token: str) -> str:
        head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
        signed = f"{head}.{token.split('.')[1]}"
        made = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"

    return forged


def with_claims(**more: Any) -> Callable[[str], str]:
    """Other claims under the old signature."""

    def forged(token: str) -> str:
        body = base64.urlsafe_b64encode(json.dumps({**claims_of(token), **more}).encode())
        head, _, signature = token.split(".")
        return f"{head}.{body.rstrip(b'=').decode()}.{signature}"

    return forged
