"""Characters as they are meant: full-width digits, signs in other scripts, invisible ones.

One character stays one character, so a place in the plain text is the same place in the text as
shown. (Unicode's NFKC does more, and moves places.)
"""

from __future__ import annotations

import unicodedata
from functools import cache

import polars as pl

# Written for a hyphen or a minus, beside Unicode's own dashes (category Pd).
_DASHES = "\u2212\u00ad\u2043"
_PLANES = 0x20000  # signs and digits of other forms are in the first two planes


def plain(text: pl.Expr) -> pl.Expr:
    """The text with ASCII letters, digits and signs for those that only look different.

    Dashes are hyphens; control characters, invisible ones and the low line are blanks.
    """
    return text.str.replace_many(_meant())


@cache
def _meant() -> dict[str, str]:
    told = {chr(code): _plain_one(chr(code)) for code in range(_PLANES)}
    return {one: meant for one, meant in told.items() if meant != one}


def _plain_one(one: str) -> str:
    if one in ("\n", "\t", "\r"):
        return one
    kind = unicodedata.category(one)
    if kind == "Pd" or one in _DASHES:
        return "-"
    if one == "_" or kind in ("Cc", "Cf", "Zs", "Zl", "Zp"):
        return " "
    if kind == "Nd":
        return str(unicodedata.decimal(one))
    meant = unicodedata.normalize("NFKC", one)
    return meant if len(meant) == 1 and meant.isascii() else one
