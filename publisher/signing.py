"""manifest.sig: the publisher's signature over a release's manifest, and so over all that it names.

What is signed are four lines: what it is, the SHA-256 of the manifest and of verify.py beside it, and
the time; so no signature of ours stands for anything else, and no false verifier for the true one.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from publisher.disk import sha256, write_synced
from publisher.key_file import PLACE, place_of, read_key
from publisher.manifest import MANIFEST, name_of, now
from publisher.signers import Signer, key_id, signed_by

SIGNATURE, VERIFIER = "manifest.sig", "verify.py"
FORMAT = "exchange-hub manifest signature v1"
_MESSAGE = "exchange-hub release manifest v1"


@dataclass(frozen=True, slots=True)
class Signature:
    """What manifest.sig says: digests are hex, `public_key` and `signature` base64."""

    format: str
    algorithm: str
    key_id: str
    public_key: str
    manifest_sha256: str
    verifier_sha256: str
    signed_at: str
    signature: str

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        lines = _MESSAGE, self.manifest_sha256, self.verifier_sha256, self.signed_at
        return "".join(f"{line}\n" for line in lines).encode()


def signer_from(folder: Path, environment: Mapping[str, str]) -> Signer | None:
    """The site's signer: HUB_SIGNING_KEY or the key in `folder`; None where there is no key at all.

    Raises Refused (signing_key_unreadable): a key that is there but can't be used is no reason to
    publish without.
    """
    place = place_of(folder, environment)
    return read_key(place) if place.exists() or environment.get(PLACE) else None


def sign_manifest(folder: Path, signer: Signer | None) -> Signature | None:
    """Write manifest.sig beside the manifest.json in `folder`; nothing where there is no signer."""
    if signer is None:
        return None
    unsigned = Signature(
        format=FORMAT,
        algorithm=signer.algorithm,
        key_id=key_id(signer.public_key),
        public_key=_text(signer.public_key),
        manifest_sha256=sha256(folder / MANIFEST),
        verifier_sha256=hashlib.sha256(verifier_program()).hexdigest(),
        signed_at=now(),
        signature="",
    )
    made = replace(unsigned, signature=_text(signer.sign(unsigned.message)))
    write_synced(folder / SIGNATURE, as_json(made))
    (folder / SIGNATURE).chmod(0o444)
    return made


def verifier_program() -> bytes:
    """The stand-alone verifier, which each release has as verify.py."""
    return files("publisher").joinpath("verifier.py").read_bytes()


def as_json(signature: Signature) -> bytes:
    """The one way in which a signature is written, byte for byte."""
    return (json.dumps(asdict(signature), indent=2) + "\n").encode()


def read_signature(folder: Path) -> Signature | None:
    """The signature of the release in `folder`; None where there is none.

    Raises Corrupt (release_wrong) where it isn't written as `as_json` does, which leaves no room for
    changes that change nothing.
    """
    try:
        return _read((folder / SIGNATURE).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        words = {"reason": f"{SIGNATURE}: {error}"}
        raise Corrupt(Issue("release_wrong", value=name_of(folder), params=words)) from error


def _read(content: bytes) -> Signature:
    told: dict[str, Any] = json.loads(content)
    found = Signature(**told)
    if as_json(found) != content or found.format != FORMAT:
        raise ValueError("not written as signatures are")
    return found


def is_signed(folder: Path, signature: Signature) -> bool:
    """Whether it is a signature of the manifest in `folder`, by the key that it names."""
    try:
        public_key, signed = _bytes(signature.public_key), _bytes(signature.signature)
    except ValueError:
        return False
    right_digest = sha256(folder / MANIFEST) == signature.manifest_sha256
    right_key = key_id(public_key) == signature.key_id
    by_it = signed_by(signature.algorithm, public_key, signature.message, signed)
    return right_digest and right_key and by_it


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    """Raises ValueError for any but the one way to write these bytes."""
    content = base64.b64decode(text, validate=True)
    if _text(content) != text:
        raise ValueError("not base64 as it is written")
    return content
