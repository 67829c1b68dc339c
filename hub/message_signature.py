"""HTTP message signatures (RFC 9421) with Ed25519, and content digests (RFC 9530), of what is sent.

Method, target, media type and digest of the body are signed, so a receiver knows that the hub sent
exactly this, here and now.
"""

from __future__ import annotations

from hub.request_signature.sign import signed_event
from publisher.signed_links import key_name
from publisher.signers import Signer


def signed_headers(
    signer: Signer, url: str, body: bytes, media_type: str, created: int
) -> dict[str, str]:
    """The headers of a signed POST; `created` is the time in seconds since 1970."""
    return signed_event(signer, key_name(signer.public_key), url, body, media_type, created)
