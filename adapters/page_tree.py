"""A page as a tree of elements, read strictly as text and leniently as HTML, as browsers do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from lxml import etree, html

from adapters.page_encoding import page_encoding
from adapters.text import utf8_blocks
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

Element = Any  # lxml says nothing about its types

MOST_ATTRIBUTES = 1_000  # of one element: the parser looks through all for each
LAST_LINE = 65_535  # libxml2 keeps the line of an element in 16 bits
LINE_MARK = "data-exchange-hub-line"

_TAG = re.compile(rb"""<[a-zA-Z](?:[^>"']++|"[^"]*+"|'[^']*+')*+""")
_QUOTED = re.compile(rb"""["'][^"']*["']""")
_BETWEEN = re.compile(rb"[\s/=]+")
_ROW = re.compile(rb"<tr(?=[\s/>])", re.IGNORECASE)


def page_tree(blocks: Iterable[bytes], encoding: str | None, file: str) -> Element:
    """The page's root element; `encoding` is what the feed says, else the page is asked.

    Raises SourceUnreadable: file_empty, html_encoding, bytes_invalid, byte_nul, format_invalid.
    """
    text = _text(iter(blocks), encoding, file)
    if not text.strip():
        raise SourceUnreadable(Issue("file_empty", file=file))
    _refuse_attributes(text, file)
    if text.count(b"\n") >= LAST_LINE:
        text = _marked(text)
    # the text is UTF-8 by now, whatever the page says of itself
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, recover=True
    )
    try:
        tree = html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise SourceUnreadable(Issue("file_empty", file=file)) from error
    _refuse_cut(parser, file)
    return tree


def line_of(row: Element) -> int:
    """The line of the page's text where a table's row starts."""
    marked = row.get(LINE_MARK)
    return int(marked) if marked else int(row.sourceline or 1)


def _text(blocks: Iterator[bytes], encoding: str | None, file: str) -> bytes:
    first = next(blocks, b"")
    known = encoding or page_encoding(first, file)
    return b"".join(utf8_blocks(chain([first], blocks), known, file))


def _refuse_attributes(text: bytes, file: str) -> None:
    """The parser's time grows with the square of an element's attributes: 200,000 take minutes."""
    for tag in _TAG.finditer(text):
        if tag.end() - tag.start() > 2 * MOST_ATTRIBUTES:
            bare = _QUOTED.sub(b" ", tag[0])
            if len(_BETWEEN.findall(bare)) > 2 * MOST_ATTRIBUTES:
                reason = (f"one element has more than {MOST_ATTRIBUTES:,} attributes",
                          f"一个元素的属性超过 {MOST_ATTRIBUTES:,} 个")  # fmt: skip
                raise _invalid(reason, file, text.count(b"\n", 0, tag.start()) + 1)


def _marked(text: bytes) -> bytes:
    """The text with the line of every row in an attribute."""
    place, line = 0, 1

    def mark(row: re.Match[bytes]) -> bytes:
        nonlocal place, line
        line += text.count(b"\n", place, row.start())
        place = row.start()
        return b"%s %s=%d " % (row[0], LINE_MARK.encode(), line)

    return _ROW.sub(mark, text)


def _refuse_cut(parser: Any, file: str) -> None:
    """Over its limits the parser gives what it has so far, as if that were the page."""
    for entry in parser.error_log:
        if entry.type_name == "ERR_RESOURCE_LIMIT":
            reason = ("elements stand more than 256 deep, or a text is longer than 10 MB",
                      "元素嵌套超过 256 层，或单段文本超过 10 MB")  # fmt: skip
            raise _invalid(reason, file, entry.line or None)


def _invalid(reason: tuple[str, str], file: str, line: int | None) -> SourceUnreadable:
    params = {"format": "html", "reason": reason[0], "reason_zh": reason[1]}
    return SourceUnreadable(Issue("format_invalid", line, file=file, params=params))
