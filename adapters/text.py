"""Bytes in a declared encoding to UTF-8, strictly: nothing is guessed and nothing is replaced."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

UTF8_BOM = b"\xef\xbb\xbf"

#: JSON Schema of the option `encoding` of every format that is text.
ENCODING: Mapping[str, Any] = {
    "enum": ["utf-8", "gb18030", "gbk", "gb2312", "utf-16", "utf-16-le", "utf-16-be", "big5"]
}

# Exports that call themselves GBK or GB2312 carry characters of the later GB 18030 (㐀, €, 𠮷),
# which Python's codecs of the older names refuse. GB 18030 has both as subsets.
_SUPERSET = {"gbk": "gb18030", "gb2312": "gb18030"}

# Byte order marks that prove another encoding than the one declared.
_MARKS = {
    b"\xef\xbb\xbf": ("utf-8",),
    b"\xff\xfe": ("utf-16", "utf-16-le"),
    b"\xfe\xff": ("utf-16", "utf-16-be"),
}


def utf8_blocks(blocks: Iterator[bytes], encoding: str, file: str) -> Iterator[bytes]:
    """The text of `blocks` as UTF-8 without byte order mark.

    Each block ends after a character and never between CR and LF: a parser that sees them apart
    takes the LF for a line end of its own, or drops it out of a quoted cell as pyarrow does.
    It may be 4 bytes longer than what came in. `encoding` is one of feed.schema.json's, `file` the
    name for messages. Raises SourceUnreadable: bytes_invalid (offset in the unpacked file, the
    bytes in hex), byte_nul.
    """
    decode = _Utf8(file) if encoding == "utf-8" else _Decoder(encoding, file)
    held, first = b"", True
    for block in blocks:
        if first:
            _check_mark(block, encoding, file)
        text = decode.feed(block, final=False)
        _refuse_nul(text, encoding, decode.lines, file)
        text = held + (text.removeprefix(UTF8_BOM) if first else text)
        held = b"\r" if text.endswith(b"\r") else b""
        yield text.removesuffix(b"\r")
        first = False
    decode.feed(b"", final=True)
    yield held


class _Decoder:
    """Decodes block by block; knows where in the file a fault lies."""

    def __init__(self, encoding: str, file: str) -> None:
        self._encoding, self._file = encoding, file
        self._codec = codecs.getincrementaldecoder(_SUPERSET.get(encoding, encoding))("strict")
        self._offset = 0  # of the next byte to decode
        self.lines = 0  # line ends in the text given out so far

    def feed(self, block: bytes, final: bool) -> bytes:
        """The block's complete characters as UTF-8; the rest waits for the next block."""
        held = len(self._codec.getstate()[0])
        try:
            text = self._codec.decode(block, final).encode()
        except UnicodeDecodeError as error:
            before = error.object[: error.start].count(b"\n")
            raise self._fault(
                self._offset - held + error.start, error.object[error.start : error.end], before
            ) from error
        self._offset += len(block)
        self.lines += text.count(b"\n")
        return text

    def _fault(self, offset: int, wrong: bytes, lines: int) -> SourceUnreadable:
        return _invalid(self._file, self._encoding, offset, wrong, self.lines + lines + 1)


class _Utf8:
    """Checks UTF-8 and hands the same bytes on: decoding and encoding again would cost 0.5 s/100 MB.

    The check is that of Polars (simdutf8); only for a fault is the position looked up in Python.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._held = b""  # start of a character whose rest is in the next block
        self._offset = 0
        self.lines = 0

    def feed(self, block: bytes, final: bool) -> bytes:
        """The block up to its last complete character; the rest waits for the next block."""
        whole = self._held + block
        end = len(whole) if final else _complete(whole)
        text, self._held = whole[:end], whole[end:]
        try:
            pl.Series([text], dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.PolarsError:
            self._locate(text)
        self._offset += end
        self.lines += text.count(b"\n")
        return text

    def _locate(self, text: bytes) -> None:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.lines + text.count(b"\n", 0, error.start) + 1
            offset, wrong = self._offset + error.start, text[error.start : error.end]
            raise _invalid(self._file, "utf-8", offset, wrong, line) from error


def _complete(block: bytes) -> int:
    """Length of `block` without a character that is cut off at its end (at most 3 bytes)."""
    for back in range(1, min(4, len(block)) + 1):
        byte = block[-back]
        if byte >= 0xC0:  # a leading byte: does its character fit?
            need = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(block) - back if need > back else len(block)
        if byte < 0x80:
            break
    return len(block)


def _check_mark(block: bytes, encoding: str, file: str) -> None:
    for mark, encodings in _MARKS.items():
        if block.startswith(mark) and encoding not in encodings:
            raise _invalid(file, encoding, 0, mark, 1)


def _refuse_nul(text: bytes, encoding: str, lines: int, file: str) -> None:
    """`lines` counts the line ends up to the end of `text`."""
    place = text.find(b"\0")
    if place >= 0:
        line = lines - text.count(b"\n", place) + 1
        raise SourceUnreadable(Issue("byte_nul", line, file=file, params={"encoding": encoding}))


def _invalid(file: str, encoding: str, offset: int, wrong: bytes, line: int) -> SourceUnreadable:
    params = {"offset": str(offset), "encoding": encoding}
    shown = wrong[:8].hex(" ").upper()
    return SourceUnreadable(Issue("bytes_invalid", line, value=shown, file=file, params=params))
