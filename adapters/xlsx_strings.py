"""The texts that cells of an .xlsx share: each cell has the number of one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import polars as pl

from adapters.workbook_zip import Package
from adapters.xlsx_tokens import shown_text
from adapters.xml_text import DECLARATION, has_odd_entity, has_plain_breaks, unescaped

_PART = "xl/sharedstrings.xml"
_BLOCK = 4 << 20
_END = b"</si>"
_START = re.compile(rb"\A" + DECLARATION + rb"<sst [^>]*>")
_PLAIN = re.compile(rb'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def shared_texts(package: Package) -> pl.Series:
    """All of them in their order; raises SourceUnreadable (format_invalid)."""
    if _PART not in package.parts:
        return pl.Series([], dtype=pl.String)
    found = list(_plain(package))
    if not found or found[-1] is None:
        found = list(_parsed(package))
    return with_escapes(pl.concat([one for one in found if one is not None]))


def _plain(package: Package) -> Iterator[pl.Series | None]:
    """The texts where they are written as usual, twenty times as fast as with a parser.

    None, and no more, where one isn't.
    """
    rest, begun = b"", False
    for block in _blocks(package):
        rest += block
        if not begun:
            start = _START.match(rest)
            rest = rest[start.end() :] if start else rest
            begun = start is not None
        head, end, tail = rest.rpartition(_END)
        whole = head + end
        found = _PLAIN.findall(whole)
        marks = len(whole) - sum(map(len, found))
        kept = whole.count(b' xml:space="preserve"') * 21 + len(found) * 16
        if not begun or _is_odd(whole) or marks != kept:
            yield None
            return
        try:
            texts = pl.Series(found, dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.PolarsError:
            yield None
            return
        yield unescaped(texts) if b"&" in whole else texts
        rest = tail
    if rest.strip() != b"</sst>":
        yield None


def _is_odd(whole: bytes) -> bool:
    """Whether it has what only a parser understands."""
    return not has_plain_breaks(np.frombuffer(whole, dtype=np.uint8)) or has_odd_entity(whole)


def _blocks(package: Package) -> Iterator[bytes]:
    held: list[bytes] = []
    for block in package.blocks(_PART):
        held.append(block)
        if sum(map(len, held)) > _BLOCK:
            yield b"".join(held)
            held = []
    yield b"".join(held)


def _parsed(package: Package) -> Iterator[pl.Series]:
    texts = []
    for text in package.elements(_PART, "si"):
        texts.append(shown_text(text))
        text.getparent().remove(text)
    yield pl.Series(texts, dtype=pl.String)


def with_escapes(texts: pl.Series) -> pl.Series:
    """What Excel writes as _x000D_ is the character of this number, here a carriage return."""
    odd = texts.str.contains(r"_x[0-9A-Fa-f]{4}_")
    if not odd.any():
        return texts
    places = odd.arg_true()
    meant = [
        _ESCAPE.sub(lambda found: _character(found[1]), text) for text in texts.gather(places)
    ]
    return texts.scatter(places, meant)


def _character(written: str) -> str:
    number = int(written, 16)
    return "\ufffd" if 0xD800 <= number < 0xE000 else chr(number)
