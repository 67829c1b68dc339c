"""The text of an XML file: its encoding, and what stands before its first element.

A document type declaration is refused here, before any parser has seen it: no format that
departments exchange records in has one, and what it may declare (entities, files, addresses) serves
attacks only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from adapters.artefact import Artefact
from adapters.feed import Feed
from adapters.opener import read_blocks
from adapters.text import UTF8_BOM, utf8_blocks
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

BLOCK = 1 << 17
PROLOG = 1 << 20  # bytes of comments and the like that may stand before the first element
MARK = "exchange-hub-rows"  # a processing instruction: what comes behind it is the first element

# How declarations call encodings → how `text.utf8_blocks` does. ASCII is part of UTF-8, and the
# older Chinese encodings are parts of GB 18030.
_NAMES = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
    "iso-8859-1": "iso-8859-1",
    "windows-1252": "windows-1252",
}
_MARKS = {
    UTF8_BOM: "utf-8",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_BEFORE = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_ENDLESS = {
    "reason": "no element begins within 1 MB",
    "reason_zh": "开头 1 MB 之内没有任何元素",
}


def xml_blocks(feed: Feed, artefact: Artefact, size: int = BLOCK) -> Iterator[bytes]:
    """The file's text in UTF-8, decoded as the feed says, else as the file itself does.

    Raises SourceUnreadable: file_empty, xml_encoding (it says nothing that can be true),
    bytes_invalid, byte_nul, archive_damaged.
    """
    packed = read_blocks(artefact, size)
    first = next(packed, b"")
    if not first.strip():
        raise SourceUnreadable(Issue("file_empty", file=artefact.name))
    encoding = feed.format.get("encoding") or _own_encoding(first, artefact.name)
    yield from utf8_blocks(chain([first], packed), encoding, artefact.name)


def _own_encoding(start: bytes, file: str) -> str:
    """What the byte order mark says, else the declaration, else UTF-8 (XML 1.0, appendix F)."""
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    declared = _DECLARED.match(start[:1024])
    if declared is None:
        return "utf-8"
    name = declared[1].decode("ascii", "replace")
    if name.lower() not in _NAMES:  # UTF-16 too: a declaration in it couldn't have been read here
        params = {"known": "、".join(dict.fromkeys(_NAMES.values()))}
        raise SourceUnreadable(Issue("xml_encoding", 1, value=name, file=file, params=params))
    return _NAMES[name.lower()]


def marked(blocks: Iterator[bytes], file: str) -> Iterator[bytes]:
    """The same text, with `MARK` before its first element.

    Raises SourceUnreadable: xml_doctype, xml_too_large (1 MB and no element).
    """
    text, place = b"", 0
    for block in blocks:
        text += block
        place = _past_prolog(text)
        rest = text[place : place + 9]
        if rest.upper() == b"<!DOCTYPE":
            line = text.count(b"\n", 0, place) + 1
            raise SourceUnreadable(Issue("xml_doctype", line, file=file))
        if len(rest) > 1 and rest[:2] not in (b"<?", b"<!"):
            break
        if len(text) > PROLOG:
            raise SourceUnreadable(Issue("xml_too_large", file=file, params=_ENDLESS))
    yield text[:place] + f"<?{MARK}?>".encode() + text[place:]
    yield from blocks


def _past_prolog(text: bytes) -> int:
    place = 0
    while found := _BEFORE.match(text, place):
        place = found.end()
    return place
