"""Passwords: argon2id, and what isn't accepted as one."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

SHORTEST, LONGEST = (
    12,
    128,
)  # characters; OWASP ASVS 5.0, 6.2.1 and 6.2.9 ask for 8 and 64 at least
VARIED = 6  # different characters
# What people try first (OWASP ASVS 5.0, 6.2.4): beginnings of passwords that are long enough.
_COMMON = (
    "password",
    "qwerty",
    "123456",
    "abc123",
    "admin",
    "1qaz2wsx",
    "iloveyou",
    "welcome",
    "woaini",
)


def check_new(password: str, person: str) -> None:
    """Raises Misdeclared (password_short, password_long, password_plain)."""
    if len(password) < SHORTEST:
        raise Misdeclared(Issue("password_short", params={"least": str(SHORTEST)}))
    if len(password) > LONGEST:
        raise Misdeclared(Issue("password_long", params={"most": str(LONGEST)}))
    plain = password.lower()
    if len(set(plain)) < VARIED or plain.startswith(_COMMON) or person.lower() in plain:
        raise Misdeclared(Issue("password_plain"))


def hashed(password: str) -> str:
    """The argon2id hash that is kept, with its salt and parameters (RFC 9106, second choice)."""
    return _hasher().hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password. Without one that is kept it takes as long, so nobody learns from it."""
    try:
        return _hasher().verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # argon2id, 64 MiB, 3 passes, 4 lanes


@cache
def _nobodys() -> str:
    return hashed("nobody has this password")
