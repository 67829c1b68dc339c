"""Signed requests: whose they are. The key's id in the signature says which key has to have signed."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.consumers.consumer import Consumer, living_consumer
from hub.consumers.keys import Key, find_key
from hub.consumers.nonces import take_nonce
from hub.consumers.secret import SIZE, shared_secret
from hub.instant import utc_now
from hub.request_signature.profile import Message
from hub.request_signature.verify import Claims, check_age, check_body, is_signed, read_claims

# Tried where a key is unknown, so that it takes as long as a wrong signature. What signs with them
# doesn't count: the result is thrown away.
_NOBODYS = {
    "hmac": bytes(SIZE),
    "ed25519": bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
    "sm2": bytes.fromhex(
        "0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
        "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
    ),
}


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose signature is right, and the headers that prove it to others later.

    `message` is the request as it was signed.
    """

    consumer: Consumer
    claims: Claims
    signature_input: str
    signature: str
    content_digest: str | None
    message: Message


def check_signed(
    connection: Connection, message: Message, read_body: Callable[[], bytes], master: bytes | None
) -> Signed:
    """Whose request this is; that it wasn't made before is for `use_once` to say.

    `message` has its headers' names in lower case; `read_body` is asked once the headers are known to
    be right. `master` is the site's master secret. Raises Refused: signature_incomplete,
    signature_stale, signature_wrong, content_digest_wrong.
    """
    headers = message.headers
    has_body = headers.get("content-length", "0") not in ("", "0")
    has_body |= "transfer-encoding" in headers
    claims = read_claims(headers, has_body)
    check_age(claims.created, time.time())
    found = find_key(connection, claims.keyid)
    key = _bytes_of(found[0] if found else None, claims, master)
    right = is_signed(message, claims, key or _NOBODYS[claims.kind])
    owner = found[0].consumer_id if found else 0
    consumer = living_consumer(connection, owner)
    if not right or key is None or consumer is None:
        raise Refused(Issue("signature_wrong"))
    check_body(headers, read_body())
    proof = headers["signature-input"], headers["signature"], headers.get("content-digest")
    return Signed(consumer, claims, *proof, message)


def use_once(connection: Connection, signed: Signed) -> None:
    """Let the request in; raises Refused (signature_replayed) where it was before."""
    claims = signed.claims
    if not take_nonce(connection, claims.keyid, claims.nonce, claims.until):
        raise Refused(Issue("signature_replayed"))


def _bytes_of(key: Key | None, claims: Claims, master: bytes | None) -> bytes | None:
    """What checks the key's signatures; None where it can't be this key's."""
    secret = shared_secret(master or secrets.token_bytes(SIZE), claims.keyid)
    if key is None or key.kind != claims.kind or not key.holds(utc_now()):
        return None
    if key.kind == "hmac":
        return secret if master is not None else None
    return key.public_key
