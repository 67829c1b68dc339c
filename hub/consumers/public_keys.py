"""Public keys as consumers hand them over: PEM, base64 or JWK.

Both algorithms have one form of SubjectPublicKeyInfo each (RFC 8410; GM/T 0015), so its first bytes are
fixed and the key is what follows.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from publisher.signers import ED25519, SM2, is_public_key

_PREFIX = {
    ED25519: bytes.fromhex("302a300506032b6570032100"),
    SM2: bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200"),
}
_CURVES = {("OKP", "Ed25519"): ED25519, ("EC", "SM2"): SM2, ("EC", "curveSM2"): SM2}
_LONGEST = 4_096  # characters
_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


def read_public_key(kind: str, text: str) -> bytes:
    """The 32 bytes of an Ed25519 key or the 65 of an SM2 key (04 before the coordinates).

    Base64 may be of those bytes or of the SubjectPublicKeyInfo. Raises Misdeclared
    (public_key_wrong) for anything else, a key of the other algorithm and a point that isn't on the
    curve among them.
    """
    try:
        found = _read(kind, text.strip())
    except (ValueError, KeyError, TypeError, binascii.Error):
        found = b""
    if not is_public_key(kind, found):
        raise Misdeclared(Issue("public_key_wrong", params={"expected": kind}))
    return found


def _read(kind: str, text: str) -> bytes:
    if len(text) > _LONGEST:
        return b""
    if text.startswith("{"):
        return _from_jwk(kind, json.loads(text))
    if text.startswith(_BEGIN) and text.endswith(_END):
        text = "".join(text.removeprefix(_BEGIN).removesuffix(_END).split())
    given = base64.b64decode(text, validate=True)
    return given.removeprefix(_PREFIX[kind])


def _from_jwk(kind: str, told: Any) -> bytes:
    if _CURVES.get((told["kty"], told["crv"])) != kind or "d" in told:  # d: a private key
        return b""
    parts = [_url_base64(told[name]) for name in (("x",) if kind == ED25519 else ("x", "y"))]
    return parts[0] if kind == ED25519 else b"\x04" + b"".join(p.rjust(32, b"\0") for p in parts)


def _url_base64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
