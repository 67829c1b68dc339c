"""Signed links: what the hub writes into letters, and whoever has its public key can check.

A link says an act, whose it is and until when it holds; no table has to be asked whether it is real, so
the portal, which has none, drops nothing for the hub that the hub didn't write itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from publisher.signers import ED25519, Signer, signed_by

KEYS = "link-keys.json"  # JSON Web Key Set (RFC 7517, RFC 8037) of the hub's public key
NEVER = "9999-12-31"
_CONTEXT = b"exchange-hub link v1\n"  # so that nothing else the key signs can be taken for a link
_FORM = re.compile(
    r"([a-z]{1,16})\.([0-9a-f]{32})\.([0-9]{4}-[0-9]{2}-[0-9]{2})\.([\w-]{86})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Link:
    """`owner` is the random name of a subscription; `until` its last day (2026-01-31)."""

    act: str
    owner: str
    until: str = NEVER


def write_link(signer: Signer, link: Link) -> str:
    """The text that stands in an address."""
    told = f"{link.act}.{link.owner}.{link.until}"
    return f"{told}.{encode(signer.sign(_CONTEXT + told.encode()))}"


def read_link(keys: list[bytes], text: str, act: str, day: date) -> Link | None:
    """The link, if one of the keys signed it, it is of this act and holds on `day`; else None."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    link, signature = Link(*found.groups()[:3]), decode(found[4])
    told = _CONTEXT + text.rpartition(".")[0].encode()
    if link.act != act or link.until < day.isoformat():
        return None
    return link if any(signed_by(ED25519, key, told, signature) for key in keys) else None


def key_set(public_keys: list[bytes]) -> dict[str, Any]:
    """The keys as a JSON Web Key Set, each named by its thumbprint (RFC 7638)."""
    named = [(key, key_name(key)) for key in public_keys]
    return {
        "keys": [
            {"kty": "OKP", "crv": "Ed25519", "x": encode(key), "kid": name, "use": "sig"}
            for key, name in named
        ]
    }


def key_name(public_key: bytes) -> str:
    """A key's thumbprint (RFC 7638)."""
    told = f'{{"crv":"Ed25519","kty":"OKP","x":"{encode(public_key)}"}}'
    return encode(hashlib.sha256(told.encode()).digest())


def read_keys(folder: Path) -> list[bytes]:
    """The public keys that the hub left in the folder; none where it hasn't yet."""
    try:
        told = json.loads((folder / KEYS).read_bytes())
        return [decode(one["x"]) for one in told["keys"]]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def encode(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
