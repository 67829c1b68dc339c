"""The numbers of filings: SQ20261129-7KQ2M8XF4TE.

SQ (申请), the day, ten random characters and a check character. 50 random bits can't be guessed, so who
knows a number filed it or was told. The alphabet is Crockford's base 32 (crockford.com/base32.html):
no I, L, O, U, so that what is read out or copied by hand has no look-alikes.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import date

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX = "SQ"
RANDOM = 10  # characters of 5 bits
_FORM = re.compile(rf"{PREFIX}([0-9]{{8}})-?([{ALPHABET}]{{{RANDOM + 1}}})", re.ASCII)
_LOOK_ALIKES = str.maketrans("OIL", "011")
_DASHES = re.compile(r"[\s\u2010-\u2015\u2212_.-]+")


def new_number(day: date) -> str:
    """A number that nobody can guess, for a filing of `day`."""
    body = f"{day:%Y%m%d}" + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return f"{PREFIX}{body[:8]}-{body[8:]}{check_character(body)}"


def check_character(body: str) -> str:
    """The check character of day and random part.

    A weighted sum over the field with 32 elements (polynomial x⁵ + x² + 1): one wrong character, or
    two that changed places, always give another.
    """
    total = 0
    for character in body:
        total = _doubled(total) ^ ALPHABET.index(character)
    return ALPHABET[_doubled(total)]


def _doubled(element: int) -> int:
    element <<= 1
    return element ^ 0b100101 if element & 0b100000 else element


def read_number(written: str) -> str | None:
    """The number as it is kept, of what a person wrote; None where it can't be one.

    Full-width and small letters, blanks, other dashes and O, I, L for 0 and 1 don't matter.
    """
    plain = unicodedata.normalize("NFKC", written[:100]).upper()
    plain = _DASHES.sub("", plain)
    found = _FORM.fullmatch(plain[:2] + plain[2:].translate(_LOOK_ALIKES))
    if found is None:
        return None
    day, rest = found.groups()
    if check_character(day + rest[:-1]) != rest[-1]:
        return None
    return f"{PREFIX}{day}-{rest}"


def is_number(text: str) -> bool:
    """Whether `text` is a number exactly as it is kept, and so a safe name of a folder."""
    return read_number(text) == text
