"""HTTP message signatures (RFC 9421) with Ed25519, and content digests (RFC 9530), of what is sent.

Method, target, media type and digest of the body are signed, so a receiver knows that the hub sent
exactly this, here and now.
"""

from __future__ import annotations

import base64
import hashlib

from publisher.signed_links import key_name
from publisher.signers import Signer

COVERED = ("@method", "@target-uri", "content-type", "content-digest")


def signed_headers(
    signer: Signer, url: str, body: bytes, media_type: str, created: int
) -> dict[str, str]:
    """The headers of a signed POST; `created` is the time in seconds since 1970."""
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    values = dict(zip(COVERED, ("POST", url, media_type, digest), strict=True))
    names = " ".join(f'"{name}"' for name in COVERED)
    key = key_name(signer.public_key)
    params = f'({names});created={created};keyid="{key}";alg="ed25519"'
    lines = [f'"{name}": {value}' for name, value in values.items()]
    base = "\n".join([*lines, f'"@signature-params": {params}'])
    signature = base64.b64encode(signer.sign(base.encode("ascii"))).decode()
    return {
        "Content-Type": media_type,
        "Content-Digest": digest,
        "Signature-Input": f"hub={params}",
        "Signature": f"hub=:{signature}:",
    }
