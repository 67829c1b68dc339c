"""manifest.sig of a backup: the site's release key over the SHA-256 of the manifest.

Who can write a backup anew as a whole can sign it with a key of his own; so its fingerprint, or the
manifest's SHA-256, which `hub backup` printed, is to be compared with what was noted elsewhere.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence

from hub.backup.manifest import MANIFEST, SIGNATURE, Manifest, digest_of, wrong
from publisher.signers import Signer, key_id, signed_by

_TOLD = 4  # members of what `signature` writes
_MESSAGE = "exchange-hub backup manifest v1"


def signature(content: bytes, signer: Signer) -> bytes:
    """manifest.sig for a manifest with this content."""
    told = {
        "algorithm": signer.algorithm,
        "key_id": key_id(signer.public_key),
        "public_key": base64.b64encode(signer.public_key).decode(),
        "signature": base64.b64encode(signer.sign(_message(content))).decode(),
    }
    return _written(told)


def check_signature(notes: Mapping[str, bytes], manifest: Manifest, told: Sequence[str]) -> None:
    """Raises Corrupt (backup_wrong) where the signature isn't that of the key that the manifest names,
    or one of `told` is neither that key's fingerprint nor the manifest's SHA-256."""
    content = notes[MANIFEST]
    for one in told:
        if one not in (manifest.key_id, digest_of(content)):
            raise wrong(MANIFEST, f"neither its SHA-256 nor its key is {one}")
    if (SIGNATURE in notes) != (manifest.key_id is not None):
        raise wrong(SIGNATURE, "the manifest says otherwise whether the backup is signed")
    if manifest.key_id is not None and not _is_signed(notes[SIGNATURE], content, manifest.key_id):
        raise wrong(SIGNATURE, f"it isn't a signature of the manifest by {manifest.key_id}")


def _is_signed(note: bytes, content: bytes, fingerprint: str) -> bool:
    try:
        told = json.loads(note)
        key, signed = (
            base64.b64decode(told[n], validate=True) for n in ("public_key", "signature")
        )
        whose = key_id(key) == told["key_id"] == fingerprint
        exact = note == _written(told) and _is_plain(told)
        return whose and exact and signed_by(told["algorithm"], key, _message(content), signed)
    except (ValueError, KeyError, TypeError):
        return False


def _is_plain(told: Mapping[str, str]) -> bool:
    """Base64 leaves room for changes that change nothing; these are found out, too."""
    texts = [told["public_key"], told["signature"]]
    return len(told) == _TOLD and all(
        base64.b64encode(base64.b64decode(text)).decode() == text for text in texts
    )


def _message(content: bytes) -> bytes:
    return f"{_MESSAGE}\n{digest_of(content)}\n".encode()


def _written(told: Mapping[str, str]) -> bytes:
    return (json.dumps(told, indent=1) + "\n").encode()
