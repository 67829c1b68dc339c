"""Whether a release is signed, by a key of the publisher that was in use then, with its verifier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from publisher.disk import sha256
from publisher.known_keys import KEYS, known_key
from publisher.manifest import Release, name_of
from publisher.signing import VERIFIER, Signature, is_signed, read_signature


def wrong_signature(release: Release, *, strict: bool = False) -> Iterator[Issue]:
    """What is wrong with manifest.sig; releases of before there were signatures have none.

    Where the folder of releases has a keys.json, each must be signed by a key of it that was in use.
    `strict`: each must be signed also where there is none, as in a copy that a reader has.
    """
    root, name = release.path.parent.parent, name_of(release.path)
    has_keys = (root / KEYS).is_file()
    try:
        signature = read_signature(release.path)
        if signature is None:
            if release.commitments_sha256 and (has_keys or strict):
                yield Issue("release_unsigned", value=name)
        elif not is_signed(release.path, signature):
            yield Issue("release_signature_wrong", value=name)
        elif has_keys and not _in_use(root, signature):
            words = {"key": signature.key_id, "signed_at": signature.signed_at}
            yield Issue("release_key_unknown", value=name, params=words)
        elif not _is_verifier(release.path / VERIFIER, signature):
            yield Issue("release_verifier_wrong", value=name)
    except HubError as error:
        yield error.issue


def _in_use(root: Path, signature: Signature) -> bool:
    key = known_key(root, signature.key_id)
    try:
        return key is not None and key.valid_at(signature.signed_at)
    except (ValueError, TypeError):
        return False


def _is_verifier(path: Path, signature: Signature) -> bool:
    return path.is_file() and sha256(path) == signature.verifier_sha256
