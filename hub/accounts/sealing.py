"""Secrets of one-time codes are kept sealed: a copy of the database alone doesn't let anybody in."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.consumers.secret import master_secret

_CONTEXT = b"exchange-hub console codes v1\n"
_COOKIES = b"exchange-hub console cookies v1\n"


def seal(keys: Path, secret: str) -> str:
    """The secret, readable only with the site's master secret in the folder `keys`.

    Raises Refused (consumer_secret_unreadable).
    """
    return _box(keys).encrypt(secret.encode()).decode()


def unseal(keys: Path, sealed: str) -> str:
    """What was sealed; raises Refused (code_secret_unreadable, consumer_secret_unreadable)."""
    try:
        return _box(keys).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Refused(Issue("code_secret_unreadable")) from None


def cookie_key(keys: Path) -> bytes:
    """The key with which what a page says once, on the next page, is signed: the same in every process.

    Raises Refused (consumer_secret_unreadable).
    """
    return HKDF(SHA256(), 32, salt=None, info=_COOKIES).derive(master_secret(keys))


def _box(keys: Path) -> Fernet:
    made = HKDF(SHA256(), 32, salt=None, info=_CONTEXT).derive(master_secret(keys))
    return Fernet(urlsafe_b64encode(made))
