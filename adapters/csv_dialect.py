"""How a CSV file separates and quotes its cells, where that isn't with a comma and with `"`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.feed import Format
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

BLANKS, NONE = "blanks", "none"  # any number of blanks and tabs; nothing is quoted
BETWEEN = "\x1f"  # stands for a delimiter of several bytes: no file has it in its cells

_ONE_BYTE = r"^[\t -~]$"
_RUN = re.compile(rb"[ \t]+")
_EDGE = re.compile(rb"(?:^|(?<=[\r\n]))[ \t]+|[ \t]+(?=[\r\n]|$)")

#: JSON Schema of the options that say it. Where a delimiter has several bytes, it is looked for
#: without regard to quotation marks, so the feed has to say that there are none.
DIALECT: Mapping[str, Any] = {
    "properties": {
        "delimiter": {"type": "string", "maxLength": 8, "pattern": '^[^"\\r\\n]+$'},
        "quote": {"enum": ['"', "'", NONE]},
        "escape": {"type": "string", "pattern": "^[!-~]$"},
        "skip": {"type": "integer", "minimum": 1, "maximum": 100_000},
        "names": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "maxItems": 10_000,
        },
    },
    "if": {
        "properties": {"delimiter": {"not": {"pattern": _ONE_BYTE}}},
        "required": ["delimiter"],
    },
    "then": {"properties": {"quote": {"const": NONE}}, "required": ["quote"]},
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """`told` is the delimiter as the feed says it, `delimiter` the one that a parser is given.

    `quote` and `escape` are None where there are none. `skip` lines stand above the header; `names`
    are the columns of a file that has no header.
    """

    told: str = ","
    quote: str | None = '"'
    escape: str | None = None
    skip: int = 0
    names: tuple[str, ...] = ()

    @property
    def delimiter(self) -> str:
        """One byte."""
        return self.told if re.match(_ONE_BYTE, self.told) else BETWEEN

    def as_written(self, row: str) -> str:
        """A row's text with its delimiter as it was, or one blank for any number of them."""
        return row.replace(BETWEEN, " " if self.told == BLANKS else self.told)

    def reader(self, lines: Iterator[str]) -> Any:
        """Python's own reader, for the header."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            quoting=csv.QUOTE_NONE if self.quote is None else csv.QUOTE_MINIMAL,
            escapechar=self.escape,
            strict=True,
        )

    def separated(self, blocks: Iterator[bytes], most: int, file: str) -> Iterator[bytes]:
        """The blocks with `delimiter` between the cells; none is longer than `most`, if none that
        comes is longer than half of it.

        Raises SourceUnreadable (format_invalid: a line that is longer).
        """
        if self.delimiter == self.told:
            yield from blocks
            return
        held = b""
        for block in blocks:
            text = held + block
            end = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
            held = text[end:]
            if len(held) > most // 2:
                raise _endless(most // 2, file)
            yield self._separate(text[:end])
        yield self._separate(held)

    def _separate(self, text: bytes) -> bytes:
        if self.told == BLANKS:
            return _RUN.sub(BETWEEN.encode(), _EDGE.sub(b"", text))
        return text.replace(self.told.encode(), BETWEEN.encode())


def csv_dialect(told: Format) -> Dialect:
    """What the feed says."""
    quote = told.get("quote", '"')
    return Dialect(
        told=told.get("delimiter", ","),
        quote=None if quote == NONE else quote,
        escape=told.get("escape"),
        skip=told.get("skip", 0),
        names=tuple(told.get("names", ())),
    )


def _endless(most: int, file: str) -> SourceUnreadable:
    params = {
        "format": "csv",
        "reason": f"a line is longer than {most:,} bytes",
        "reason_zh": f"有一行超过 {most:,} 字节",
    }
    return SourceUnreadable(Issue("format_invalid", file=file, params=params))
