"""Signing: a consumer's requests, and the events that the hub sends.

    key = RequestKey("17-2", "ed25519", Ed25519Signer(private_key).sign)
    headers = signed("GET", url, b"", key)

Put the headers into the request as they are, and sign each attempt anew: a nonce counts once.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from http_message_signatures import HTTPMessageSigner, HTTPSignatureAlgorithm

from hub.request_signature.algorithms import CLASSES
from hub.request_signature.profile import COVERED, LABEL, TAG, WITH_BODY, Message
from publisher.signers import Signer


@dataclass(frozen=True, slots=True)
class RequestKey:
    """`keyid` as the hub's operator told it, `kind` one of hmac, ed25519, sm2; `sign` gives the bytes
    of the signature of a message."""

    keyid: str
    kind: str
    sign: Callable[[bytes], bytes]


def shared_key(keyid: str, secret: bytes) -> RequestKey:
    """A key of the kind hmac; `secret` are the bytes that the operator gave."""
    return RequestKey(keyid, "hmac", lambda message: hmac.digest(secret, message, "sha256"))


def signing_key(keyid: str, signer: Signer) -> RequestKey:
    """A key of the signer's kind, whose public half the operator has registered."""
    return RequestKey(keyid, signer.algorithm, signer.sign)


def signed(
    method: str,
    url: str,
    body: bytes,
    key: RequestKey,
    media_type: str = "application/json",
    created: int | None = None,
) -> dict[str, str]:
    """The headers of a signed request: Signature-Input and Signature, and with a body Content-Type
    and Content-Digest.

    `url` is the whole address as it will be sent, its query included; `created` in seconds since
    1970 is now where it isn't given. Raises HTTPMessageSignaturesException where the address isn't
    encoded as it should be.
    """
    covered = (*COVERED, *WITH_BODY) if body else COVERED
    message = Message(method, url, {"Content-Type": media_type} if body else {})
    nonce = secrets.token_urlsafe(18)
    return _signed(message, body, key, covered, created, nonce=nonce, tag=TAG)


def signed_event(
    signer: Signer, keyid: str, url: str, body: bytes, media_type: str, created: int
) -> dict[str, str]:
    """The headers of an event that the hub sends with POST."""
    message = Message("POST", url, {"Content-Type": media_type})
    covered = ("@method", "@target-uri", "content-type", "content-digest")
    return _signed(message, body, signing_key(keyid, signer), covered, created)


def _signed(
    message: Message,
    body: bytes,
    key: RequestKey,
    covered: Sequence[str],
    created: int | None,
    nonce: str | None = None,
    tag: str | None = None,
) -> dict[str, str]:
    signer = HTTPMessageSigner(signature_algorithm=_class_of(key.kind))
    prepared = signer.prepare(
        message,
        key_id=key.keyid,
        created=datetime.fromtimestamp(created, UTC) if created is not None else None,
        nonce=nonce,
        label=LABEL,
        tag=tag,
        covered_component_ids=covered,
        body=body or None,
    )
    signer.apply(message, prepared, key.sign(prepared.signature_base))
    return message.headers


def _class_of(kind: str) -> type[HTTPSignatureAlgorithm]:
    return CLASSES[kind]
