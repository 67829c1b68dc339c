"""Secrets that the hub shares with consumers: worked out, and kept nowhere but in one file.

HMAC needs the same secret on both sides, so a hash of it doesn't do. Each is HKDF-SHA256 (RFC 5869)
of the site's master secret and the key's id: whoever reads the database has no secret, and a lost
file of 32 bytes makes them all worthless at once.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from publisher.disk import sync, write_synced

NAME = "consumers.secret"
SIZE = 32  # bytes of the master secret and of each that is made from it
_CONTEXT = b"exchange-hub consumer hmac v1\n"
_OTHERS = 0o077  # bits of a file's mode that let others than its owner at it


def shared_secret(master: bytes, keyid: str) -> bytes:
    """The 32 bytes that the consumer with this key has, too."""
    return HKDF(SHA256(), SIZE, salt=None, info=_CONTEXT + keyid.encode()).derive(master)


def read_master(folder: Path) -> bytes | None:
    """The master secret in the folder of keys; None where no shared secret was ever made.

    Raises Refused (consumer_secret_unreadable): also where others than the owner may read it.
    """
    path = folder / NAME
    try:
        return _read(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = str(error.strerror) if isinstance(error, OSError) else str(error)
        words = {"reason": reason}
        raise Refused(Issue("consumer_secret_unreadable", value=NAME, params=words)) from None


def _read(path: Path) -> bytes:
    if path.stat().st_mode & _OTHERS:
        raise ValueError("others may read or write it; chmod 600")
    found = bytes.fromhex(path.read_text("ascii").strip())
    if len(found) != SIZE:
        raise ValueError(f"it hasn't {SIZE} bytes in hex")
    return found


def master_secret(folder: Path) -> bytes:
    """The master secret; a site without any gets one. Raises Refused (consumer_secret_unreadable)."""
    found = read_master(folder)
    if found is not None:
        return found
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    coming = folder / f".{NAME}-{os.getpid()}-{secrets.token_hex(4)}"
    coming.touch(mode=0o600, exist_ok=False)
    try:
        write_synced(coming, secrets.token_hex(SIZE).encode() + b"\n")
        os.link(coming, folder / NAME)  # whoever is first makes it
    except FileExistsError:
        pass
    finally:
        coming.unlink()
    sync(folder)
    found = read_master(folder)
    if found is None:
        raise Refused(Issue("consumer_secret_unreadable", value=NAME, params={"reason": "gone"}))
    return found
