"""Who asks: a bearer key in each request, or a signature of each request (RFC 9421)."""

from __future__ import annotations

import base64
from collections.abc import Generator
from pathlib import Path

import httpx
import orjson

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.request_signature.sign import RequestKey, shared_key, signed, signing_key
from publisher.signers import ED25519, signer_of

# An Ed25519 private key as openssl writes it: PKCS #8 (RFC 8410, section 7), its 32 bytes at the end.
_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
_PEM = "-----BEGIN PRIVATE KEY-----"
_OTHERS = 0o077  # bits of a file's mode that let others than its owner at it


class Bearer(httpx.Auth):
    """The consumer's key in the header Authorization."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Marks the request."""
        request.headers["Authorization"] = f"Bearer {self._key}"
        yield request


class Signing(httpx.Auth):
    """Each request signed anew, with its own nonce; its body has to be known beforehand."""

    requires_request_body = True

    def __init__(self, key: RequestKey) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Signs the request."""
        url = str(request.url)
        request.headers.update(signed(request.method, url, request.content, self._key))
        yield request


def signing_as(path: Path, key_id: str) -> Signing:
    """Signs with the key in a file: a private key as the hub's `signing.json` or `openssl genpkey`
    has it, or the secret in base64 that the hub's operator gave (HMAC).

    Raises Misdeclared (sign_key_wrong), also where others than its owner may read the file.
    """
    try:
        return Signing(_key(_own_text(path), key_id))
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error.strerror) if isinstance(error, OSError) else str(error)
        words = {"reason": reason}
        raise Misdeclared(Issue("sign_key_wrong", value=path.name, params=words)) from None


def _own_text(path: Path) -> str:
    if path.stat().st_mode & _OTHERS:
        raise ValueError("others may read or write it; chmod 600")
    return path.read_text("ascii").strip()


def _key(text: str, key_id: str) -> RequestKey:
    if text.startswith("{"):
        told = orjson.loads(text)
        private = base64.b64decode(told["private_key"], validate=True)
        return signing_key(key_id, signer_of(told["algorithm"], private))
    if text.startswith(_PEM):
        raw = base64.b64decode("".join(text.splitlines()[1:-1]), validate=True)
        if not raw.startswith(_PKCS8):
            raise ValueError("no Ed25519 key")
        return signing_key(key_id, signer_of(ED25519, raw[len(_PKCS8) :]))
    return shared_key(key_id, _secret(text))


def _secret(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("neither a private key nor a secret in base64") from None
