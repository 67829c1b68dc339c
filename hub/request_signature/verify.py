"""Checking: whether a request is signed as the profile asks, by the key that it names.

Whatever isn't exactly as it should be is refused. Headers must be in the one form that RFC 9651 gives
them, so that no byte of them can be another without being noticed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn

import http_sf
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    InvalidSignature,
)

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.request_signature.algorithms import CLASSES, OneKey
from hub.request_signature.profile import (
    ALGORITHMS,
    COVERED,
    KEEP,
    LONGEST,
    MAX_AGE,
    NONCE_LEAST,
    NONCE_MOST,
    SKEW,
    TAG,
    WITH_BODY,
    Message,
)

_NONCE = re.compile(rf"[\w+/=.~-]{{{NONCE_LEAST},{NONCE_MOST}}}", re.ASCII)
_KEYID = re.compile(r"[\w-]{1,32}", re.ASCII)
_NEEDED = {"created": int, "nonce": str, "keyid": str, "alg": str, "tag": str}
_KINDS = {algorithm: kind for kind, algorithm in ALGORITHMS.items()}


@dataclass(frozen=True, slots=True)
class Claims:
    """What a signature says of itself, before it is known to be true.

    `covered` are names of components; `kind` is the kind of key that `alg` needs.
    """

    keyid: str
    kind: str
    nonce: str
    created: int
    covered: tuple[str, ...]

    @property
    def until(self) -> int:
        """The second until which its nonce must be remembered."""
        return self.created + KEEP


def read_claims(headers: Mapping[str, str], has_body: bool) -> Claims:
    """Raises Refused (signature_incomplete) saying what is missing or wrong."""
    given = _one(headers.get("signature-input", ""), "Signature-Input")
    signature = _one(headers.get("signature", ""), "Signature")
    if given[0] != signature[0] or not isinstance(given[1], list):
        _refuse("Signature-Input, Signature")
    if not isinstance(signature[1], bytes):
        _refuse("Signature")
    params = given[2]
    for name, expected in _NEEDED.items():
        if type(params.get(name)) is not expected:
            _refuse(name)
    if unknown := set(params) - set(_NEEDED) - {"expires"}:
        _refuse(min(unknown)[:32])
    for name, right in {
        "tag": params["tag"] == TAG,
        "alg": params["alg"] in _KINDS,
        "keyid": bool(_KEYID.fullmatch(params["keyid"])),
        "nonce": bool(_NONCE.fullmatch(params["nonce"])),
    }.items():
        if not right:
            _refuse(name)
    kind = _KINDS[params["alg"]]
    covered = _covered(given[1], has_body)
    return Claims(params["keyid"], kind, params["nonce"], params["created"], covered)


def check_age(created: int, now: float) -> None:
    """Raises Refused (signature_stale) where it was made too long ago, or after now."""
    if created > now + SKEW or created + MAX_AGE < now - SKEW:
        words = {"expected": str(int(now))}
        raise Refused(Issue("signature_stale", value=str(created)[:20], params=words))


def is_signed(message: Message, claims: Claims, key: bytes) -> bool:
    """Whether this key signed this request; the headers of `message` have names in lower case."""
    verifier = _Verifier(signature_algorithm=CLASSES[claims.kind], key_resolver=OneKey(key))
    try:
        verifier.verify(
            message,
            max_age=timedelta(seconds=MAX_AGE),
            expect_tag=TAG,
            require_components=claims.covered,
        )
    except HTTPMessageSignaturesException:
        return False
    return True


def was_signed(message: Message, claims: Claims, key: bytes) -> bool:
    """As `is_signed`, of a request that was let in some time ago and is proved again."""
    verifier = _Later(signature_algorithm=CLASSES[claims.kind], key_resolver=OneKey(key))
    try:
        verifier.verify(message, max_age=None, expect_tag=TAG, require_components=claims.covered)
    except HTTPMessageSignaturesException:
        return False
    return True


def check_body(headers: Mapping[str, str], body: bytes) -> None:
    """Raises Refused (content_digest_wrong) where it isn't the body of the digest.

    A request without a body may leave the digest out.
    """
    told = headers.get("content-digest")
    if told is None and not body:
        return
    try:
        found: Any = http_sf.parse((told or "").encode("latin-1"), tltype="dictionary")
        if http_sf.ser(found) != told or "sha-256" not in found:
            raise InvalidSignature("no sha-256")
        HTTPMessageVerifier.content_digest_class.verify(told, body)
    except (HTTPMessageSignaturesException, ValueError, TypeError):
        raise Refused(Issue("content_digest_wrong")) from None


class _Verifier(HTTPMessageVerifier):
    max_clock_skew = timedelta(seconds=SKEW)


class _Later(HTTPMessageVerifier):
    def validate_created_and_expires(self, *_: object, **__: object) -> None:
        """When it was made was checked when it came."""


def _one(text: str, name: str) -> tuple[str, Any, Mapping[str, Any]]:
    """(label, value, parameters) of the one member of a dictionary in its one form."""
    if not text or len(text) > LONGEST:
        _refuse(name)
    try:
        found: Any = http_sf.parse(text.encode("ascii"), tltype="dictionary")
        same = http_sf.ser(found) == text
    except (ValueError, TypeError):
        _refuse(name)
    if not same or len(found) != 1:
        _refuse(name)
    ((label, (value, params)),) = found.items()
    return label, value, params


def _covered(members: list[tuple[Any, Mapping[str, Any]]], has_body: bool) -> tuple[str, ...]:
    names = tuple(value for value, _ in members)
    if any(params for _, params in members) or not all(type(name) is str for name in names):
        _refuse("Signature-Input")
    for name in (*COVERED, *WITH_BODY) if has_body else COVERED:
        if name not in names:
            _refuse(name)
    return names


def _refuse(what: str) -> NoReturn:
    raise Refused(Issue("signature_incomplete", params={"reason": what})) from None
