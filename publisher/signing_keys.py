"""The life of a site's signing key: made, put in use, replaced, retired."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from publisher.key_file import NAME, place_of, read_key, wanted_algorithm, write_key
from publisher.known_keys import KnownKey, end_use, put_in_use, read_known_keys
from publisher.signers import Signer, key_id, new_signer


def site_signer(folder: Path, root: Path, environment: Mapping[str, str]) -> Signer:
    """What signs the next release: the site's key, listed as in use; a site without any gets one.

    `folder` is that of private keys, `root` that of releases. Raises Refused: signing_key_unreadable,
    signing_key_retired, signing_algorithm_unknown, or signing_key_missing where readers know keys
    and the site has none. Raises Corrupt (known_keys_wrong).
    """
    place = place_of(folder, environment)
    with _alone(root):
        if place.exists() or environment.get("HUB_SIGNING_KEY"):
            signer = _wanted(read_key(place), environment)
        elif read_known_keys(root):
            raise Refused(Issue("signing_key_missing", value=NAME))
        else:
            signer = _made(place, environment)
        put_in_use(root, signer)
    return signer


def replace_key(folder: Path, root: Path, environment: Mapping[str, str]) -> Signer:
    """A new key in the place of the site's, which is listed as ended and destroyed.

    Where HUB_SIGNING_KEY names a file, nothing there is destroyed: raises Refused
    (signing_key_exists). Raises Refused (signing_algorithm_unknown) and Corrupt (known_keys_wrong).
    """
    place = place_of(folder, environment)
    with _alone(root):
        read_known_keys(root)
        signer = new_signer(wanted_algorithm(environment))
        if environment.get("HUB_SIGNING_KEY") and place.exists():
            raise Refused(Issue("signing_key_exists", value=place.name))
        place.unlink(missing_ok=True)
        write_key(place, signer)
        put_in_use(root, signer)
    return signer


def retire_key(folder: Path, root: Path, fingerprint: str) -> KnownKey:
    """List a key as ended, and destroy the site's file of it: nothing is signed until a new one.

    Raises Refused (signing_key_unknown) and Corrupt (known_keys_wrong).
    """
    place = folder / NAME
    with _alone(root):
        ended = end_use(root, fingerprint)
        if place.exists() and key_id(read_key(place).public_key) == fingerprint:
            place.unlink()
    return ended


def _made(place: Path, environment: Mapping[str, str]) -> Signer:
    signer = new_signer(wanted_algorithm(environment))
    write_key(place, signer)
    return signer


def _wanted(signer: Signer, environment: Mapping[str, str]) -> Signer:
    """The signer, if the site asks for no other algorithm."""
    if (
        environment.get("HUB_SIGNING_ALGORITHM")
        and wanted_algorithm(environment) != signer.algorithm
    ):
        words = {"wanted": wanted_algorithm(environment)}
        raise Refused(Issue("signing_algorithm_other", value=signer.algorithm, params=words))
    return signer


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Waits for another process that is at the keys."""
    root.mkdir(parents=True, exist_ok=True)
    handle = os.open(root / ".keys.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
