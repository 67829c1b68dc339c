"""The two algorithms with which releases are signed: Ed25519, and SM2 with SM3.

Ed25519 is RFC 8032, by the `cryptography` package; SM2 and SM3 are GB/T 32918.2 and GB/T 32905, by
`gmalg`, with the user identity of GM/T 0009 (1234567812345678), which other programs take too.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

import gmalg
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from gmalg.errors import GMError

ED25519, SM2 = "ed25519", "sm2"
ALGORITHMS = (ED25519, SM2)
SM2_IDENTITY = b"1234567812345678"
_HALF = 32  # bytes of each of the two numbers of an SM2 signature


class Signer(Protocol):
    """What signs: a private key that stays inside, and the public key that tells its signatures."""

    @property
    def algorithm(self) -> str:
        """One of `ALGORITHMS`."""

    @property
    def public_key(self) -> bytes:
        """Ed25519: 32 bytes; SM2: 65 bytes, 04 before the two coordinates."""

    @property
    def private_key(self) -> bytes:
        """32 bytes, for the key's file and nothing else."""

    def sign(self, message: bytes) -> bytes:
        """A signature of 64 bytes; of SM2 the numbers r and s, without DER around them."""


class Ed25519Signer:
    """Signs with Ed25519; raises ValueError where the private key isn't 32 bytes."""

    algorithm = ED25519

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self.private_key = private_key
        self.public_key = self._key.public_key().public_bytes_raw()

    @classmethod
    def new(cls) -> Ed25519Signer:
        """With a new random key."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of RFC 8032."""
        return self._key.sign(message)


class Sm2Signer:
    """Signs with SM2 and SM3; raises ValueError where the private key isn't 1 … n-2 in 32 bytes."""

    algorithm = SM2

    def __init__(self, private_key: bytes) -> None:
        if len(private_key) != _HALF or not 0 < int.from_bytes(private_key) < _ORDER - 1:
            raise ValueError("not a private key of SM2")
        self.private_key = private_key
        self.public_key = gmalg.SM2(private_key).generate_pk(private_key)
        self._key = gmalg.SM2(private_key, SM2_IDENTITY, self.public_key)

    @classmethod
    def new(cls) -> Sm2Signer:
        """With a new random key."""
        private_key, _ = gmalg.SM2().generate_keypair()
        return cls(private_key.rjust(_HALF, b"\0"))

    def sign(self, message: bytes) -> bytes:
        """The numbers r and s, 32 bytes each."""
        return b"".join(part.rjust(_HALF, b"\0") for part in self._key.sign(message))


_WHOLE = 0x04  # before a point of which both coordinates are given
_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123  # of SM2's curve


def new_signer(algorithm: str) -> Signer:
    """A signer with a new random key; `algorithm` is one of `ALGORITHMS`."""
    return Sm2Signer.new() if algorithm == SM2 else Ed25519Signer.new()


def signer_of(algorithm: str, private_key: bytes) -> Signer:
    """The signer of a private key; raises ValueError where it isn't one, or the algorithm isn't."""
    if algorithm not in ALGORITHMS:
        raise ValueError(f"{algorithm} is none of {', '.join(ALGORITHMS)}")
    return Sm2Signer(private_key) if algorithm == SM2 else Ed25519Signer(private_key)


def signed_by(algorithm: str, public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's, of this message; False for whatever isn't a signature."""
    try:
        if algorithm == ED25519:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
            return True
        return algorithm == SM2 and _signed_by_sm2(public_key, message, signature)
    except (InvalidSignature, ValueError, GMError):
        return False


def _signed_by_sm2(public_key: bytes, message: bytes, signature: bytes) -> bool:
    if len(signature) != 2 * _HALF or len(public_key) != 1 + 2 * _HALF or public_key[0] != _WHOLE:
        return False
    known = gmalg.SM2(uid=SM2_IDENTITY, pk=public_key)
    r, s = signature[:_HALF], signature[_HALF:]
    return bool(known.verify_pk(public_key)) and bool(known.verify(message, r, s))


def is_public_key(algorithm: str, public_key: bytes) -> bool:
    """Whether it can be a public key of that algorithm: of SM2, a point of the curve in 65 bytes.

    Ed25519's keys of small order, for which anybody can sign, are none (RFC 8032 section 5.1.7).
    """
    if algorithm == ED25519:
        # the sign bit is the last byte's highest, and doesn't change a key's order
        plain = public_key[:31] + bytes([public_key[31] & 0x7F]) if len(public_key) == 32 else b""
        return len(plain) == 32 and plain not in _SMALL
    if algorithm != SM2 or len(public_key) != 1 + 2 * _HALF or public_key[0] != _WHOLE:
        return False
    try:
        return bool(gmalg.SM2(pk=public_key).verify_pk(public_key))
    except (ValueError, GMError):
        return False


#: y of the points of order 1, 2, 4 and 8 of Ed25519's curve, and of what is the same beyond its field.
_SMALL = {
    number.to_bytes(32, "little")
    for number in (
        0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    )
}  # fmt: skip


def key_id(public_key: bytes) -> str:
    """A key's fingerprint, which a reader compares: the hex SHA-256 of the public key."""
    return hashlib.sha256(public_key).hexdigest()
