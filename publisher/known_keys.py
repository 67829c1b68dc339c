"""keys.json: the public keys with which releases were ever signed, and from when until when.

It stands beside the datasets in the folder of releases, and the portal serves it. It is no proof of
itself: a reader compares the fingerprint of a key with what the publisher says elsewhere.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from publisher.disk import sync, write_synced
from publisher.manifest import now
from publisher.signers import ALGORITHMS, Signer, key_id

KEYS = "keys.json"
FORMAT = "exchange-hub public keys v1"


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A public key. The times are ISO 8601 with an offset; `valid_until` is None while it is in use."""

    key_id: str
    algorithm: str
    public_key: str  # base64
    valid_from: str
    valid_until: str | None = None

    def valid_at(self, moment: str) -> bool:
        """Whether the key was in use then; raises ValueError where `moment` is no time."""
        at = datetime.fromisoformat(moment)
        until = self.valid_until and datetime.fromisoformat(self.valid_until)
        return datetime.fromisoformat(self.valid_from) <= at and (not until or at <= until)


def read_known_keys(root: Path) -> list[KnownKey]:
    """The keys in the folder of releases, oldest first; raises Corrupt (known_keys_wrong)."""
    try:
        told: dict[str, Any] = json.loads((root / KEYS).read_bytes())
        return [_checked(KnownKey(**one)) for one in told["keys"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        words = {"reason": str(error)}
        raise Corrupt(Issue("known_keys_wrong", value=KEYS, params=words)) from error


def _checked(key: KnownKey) -> KnownKey:
    public_key = base64.b64decode(key.public_key, validate=True)
    if key.algorithm not in ALGORITHMS or key_id(public_key) != key.key_id:
        raise ValueError(f"{key.key_id} isn't the fingerprint of its key")
    key.valid_at(key.valid_from)
    return key


def known_key(root: Path, fingerprint: str) -> KnownKey | None:
    """The key with this fingerprint. Raises Corrupt."""
    return next((key for key in read_known_keys(root) if key.key_id == fingerprint), None)


def put_in_use(root: Path, signer: Signer) -> None:
    """List the signer's key as the one in use from now on; the ones before it end now.

    Raises Refused (signing_key_retired): a key that was ended doesn't come back. Raises Corrupt.
    """
    known = read_known_keys(root)
    mine = key_id(signer.public_key)
    listed = next((key for key in known if key.key_id == mine), None)
    if listed and listed.valid_until:
        raise Refused(Issue("signing_key_retired", value=mine))
    if listed is None:
        text, moment = base64.b64encode(signer.public_key).decode(), now()
        own = KnownKey(mine, signer.algorithm, text, moment)
        _write(root, [*(_ended(key, moment) for key in known), own])


def end_use(root: Path, fingerprint: str) -> KnownKey:
    """List a key as ended; raises Refused (signing_key_unknown) where it isn't listed. Raises Corrupt."""
    known = read_known_keys(root)
    found = next((key for key in known if key.key_id == fingerprint), None)
    if found is None:
        raise Refused(Issue("signing_key_unknown", value=fingerprint))
    ended = _ended(found, now())
    _write(root, [ended if key is found else key for key in known])
    return ended


def _ended(key: KnownKey, moment: str) -> KnownKey:
    return key if key.valid_until else replace(key, valid_until=moment)


def _write(root: Path, keys: Iterable[KnownKey]) -> None:
    text = json.dumps({"format": FORMAT, "keys": [asdict(key) for key in keys]}, indent=2)
    coming = root / f".{KEYS}-{os.getpid()}"
    write_synced(coming, f"{text}\n".encode())
    coming.chmod(0o644)
    coming.replace(root / KEYS)
    sync(root)
