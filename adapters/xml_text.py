"""Text of XML without an XML parser: what it may be in, and what its entities stand for."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: Pattern of the start of XML in UTF-8.
DECLARATION = (
    rb'(?:\xef\xbb\xbf)?(?:<\?xml version="1\.0"(?: encoding="[Uu][Tt][Ff]-8")?'
    rb'(?: standalone="[a-z]+")? ?\?>)?\s*'
)

_ODD_ENTITY = re.compile(rb"&(?!(?:lt|gt|quot|apos|amp|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
_NUMBERED = re.compile(r"&#(x?)([0-9a-fA-F]+);")
_ENTITIES = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")]
_TAB, _BREAK, _BLANK = 0x09, 0x0A, 0x20


def has_plain_breaks(text: NDArray[np.uint8]) -> bool:
    """Whether no line break is one that a parser would change, and nothing is there that XML can't have."""
    if not len(text) or int(text.min()) >= _BLANK:
        return True
    odd = text[text < _BLANK]
    return bool(((odd == _TAB) | (odd == _BREAK)).all())


def has_odd_entity(text: bytes) -> bool:
    """Whether there is one that isn't of the five that every XML has, nor a character's number."""
    if b"&" not in text:
        return False
    if _ODD_ENTITY.search(text) is not None:
        return True
    numbered = set(_NUMBERED.findall(text.decode("latin-1"))) if b"&#" in text else set()
    return not all(_is_character(int(digits, 16 if hexed else 10)) for hexed, digits in numbered)


def _is_character(number: int) -> bool:
    """Whether XML may have it."""
    low = number in (0x09, 0x0A, 0x0D) or 0x20 <= number < 0xD800
    return low or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000


def unescaped(text: pl.Series) -> pl.Series:
    """The text with what its entities stand for; none of them is odd."""
    numbered = text.str.contains("&#", literal=True).arg_true()
    if len(numbered):
        shown = [_NUMBERED.sub(_character, one) for one in text.gather(numbered)]
        text = text.scatter(numbered, shown)
    for entity, meant in _ENTITIES:
        text = text.str.replace_all(entity, meant, literal=True)
    return text


def _character(found: re.Match[str]) -> str:
    return chr(int(found[2], 16 if found[1] else 10))


def is_utf8(piece: bytes) -> bool:
    """Whether all bytes are UTF-8."""
    try:
        pl.Series([piece], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True
