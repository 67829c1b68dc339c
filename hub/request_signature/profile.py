"""What a signed request of the exchange has to cover and to say; both sides read it here.

RFC 9421 leaves it to each application. Method, authority, path and query are covered, and with a body
its media type and its digest (RFC 9530), so that whoever holds the signature holds this request only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TAG = "exchange"
LABEL = "hub"
COVERED = ("@method", "@authority", "@path", "@query")
WITH_BODY = ("content-type", "content-digest")
#: Kind of key → `alg`. SM2 isn't in IANA's registry of algorithms, so its name is this profile's own.
ALGORITHMS = {"hmac": "hmac-sha256", "ed25519": "ed25519", "sm2": "sm2-sm3"}

MAX_AGE = 300  # seconds for which a signature holds
SKEW = 30  # seconds by which the two clocks may differ
#: A nonce is remembered for longer than any clock could take its request for a fresh one.
KEEP = MAX_AGE + 2 * SKEW
NONCE_LEAST, NONCE_MOST = 16, 128  # characters
LONGEST = 2_048  # characters of a Signature-Input


@dataclass(slots=True)
class Message:
    """A request as the library of signatures wants it; `url` is absolute and as it was sent."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
