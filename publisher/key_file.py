"""The file of a private signing key: for its owner's eyes only, and read whole or not at all.

It is JSON: the algorithm, the key's fingerprint and the key. It stands in the site's folder of keys,
or where HUB_SIGNING_KEY says.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from publisher.disk import sync, write_synced
from publisher.signers import ALGORITHMS, ED25519, Signer, key_id, signer_of

FORMAT = "exchange-hub signing key v1"
NAME = "signing.json"
PLACE = "HUB_SIGNING_KEY"
ALGORITHM = "HUB_SIGNING_ALGORITHM"
_OTHERS = 0o077  # bits of a file's mode that let others than its owner at it


def place_of(folder: Path, environment: Mapping[str, str]) -> Path:
    """Where the private key is: HUB_SIGNING_KEY, or signing.json in the folder of keys."""
    return Path(environment.get(PLACE) or folder / NAME)


def wanted_algorithm(environment: Mapping[str, str]) -> str:
    """The algorithm of new keys: HUB_SIGNING_ALGORITHM, or ed25519.

    Raises Refused (signing_algorithm_unknown).
    """
    name = environment.get(ALGORITHM) or ED25519
    if name not in ALGORITHMS:
        known = {"known": ", ".join(ALGORITHMS)}
        raise Refused(Issue("signing_algorithm_unknown", value=name, params=known))
    return name


def read_key(path: Path) -> Signer:
    """The key in a file; raises Refused (signing_key_unreadable).

    So it is too where others may read the file, or it was put together from two keys.
    """
    try:
        return _read(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        words = {"reason": _reason(error)}
        raise Refused(Issue("signing_key_unreadable", value=path.name, params=words)) from None


def _read(path: Path) -> Signer:
    if path.stat().st_mode & _OTHERS:
        raise ValueError("others may read or write it; chmod 600")
    told = json.loads(path.read_bytes())
    if told["format"] != FORMAT:
        raise ValueError(f"not of the format {FORMAT}")
    signer = signer_of(told["algorithm"], base64.b64decode(told["private_key"], validate=True))
    if key_id(signer.public_key) != told["key_id"]:
        raise ValueError("key_id is another key's")
    return signer


def _reason(error: Exception) -> str:
    """What went wrong, without the path, which says where keys are kept."""
    if isinstance(error, OSError):
        return str(error.strerror)
    return f"no {error}" if isinstance(error, KeyError) else str(error)


def write_key(path: Path, signer: Signer) -> None:
    """A new file, which only its owner may read, on the disk when this returns.

    Raises FileExistsError where there is one: a key is never written over.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = {
        "format": FORMAT,
        "algorithm": signer.algorithm,
        "key_id": key_id(signer.public_key),
        "private_key": base64.b64encode(signer.private_key).decode(),
    }
    coming = path.with_name(f".{path.name}-{os.getpid()}")
    coming.touch(mode=0o600, exist_ok=False)
    try:
        write_synced(coming, (json.dumps(told, indent=2) + "\n").encode())
        os.link(coming, path)
    finally:
        coming.unlink()
    sync(path.parent)
