"""The three algorithms of signed requests, as classes of the library that checks them."""

from __future__ import annotations

from http_message_signatures import HTTPSignatureAlgorithm, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import HMAC_SHA256

from hub.request_signature.profile import ALGORITHMS
from publisher.signers import ED25519, SM2, signed_by


class _PublicKey(HTTPSignatureAlgorithm):
    """Checks with the signers that the hub signs its own releases with."""

    name = ""

    def __init__(self, public_key: bytes | None = None, private_key: object = None) -> None:
        self._key = public_key or b""

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raises ValueError where the key didn't sign this."""
        if not signed_by(self.name, self._key, message, signature):
            raise ValueError("not signed by this key")


class Ed25519Algorithm(_PublicKey):
    """RFC 8032; the key is its 32 bytes."""

    name = ED25519
    algorithm_id = ALGORITHMS[ED25519]


class Sm2Algorithm(_PublicKey):
    """GB/T 32918.2 with SM3; the key is its 65 bytes, the signature r and s in 64."""

    name = SM2
    algorithm_id = ALGORITHMS[SM2]


CLASSES: dict[str, type[HTTPSignatureAlgorithm]] = {
    "hmac": HMAC_SHA256,
    ED25519: Ed25519Algorithm,
    SM2: Sm2Algorithm,
}


class OneKey(HTTPSignatureKeyResolver):
    """The key that was looked up already."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> bytes:
        """The key, whatever its id."""
        return self._key
