"""Where the columns of rows of a fixed width stand, as a feed says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.csv_header import name_columns
from adapters.feed import Format
from adapters.text import ENCODING

_WIDTH: Mapping[str, Any] = {"type": "integer", "minimum": 1, "maximum": 65_535}
_NAME: Mapping[str, Any] = {"type": "string", "minLength": 1}

#: JSON Schema of the options of the format `fixed`.
FIXED_OPTIONS: Mapping[str, Any] = {
    "required": ["encoding"],
    "properties": {
        "encoding": ENCODING,
        "unit": {"enum": ["bytes", "characters"]},
        "columns": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"name": _NAME, "start": _WIDTH, "width": _WIDTH},
                "required": ["name", "start", "width"],
                "additionalProperties": False,
            },
        },
        "widths": {"type": "object", "minProperties": 1, "additionalProperties": _WIDTH},
        "skip": {"type": "integer", "minimum": 0},
        "ragged": {"type": "boolean"},
    },
    "if": {"required": ["columns"]},
    "then": {"properties": {"widths": {"enum": ["nothing, because columns is given"]}}},
    "else": {"required": ["widths"]},
}


@dataclass(frozen=True, slots=True)
class FixedColumn:
    """`start` counts from 0; `stop` is the place behind the last."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Layout:
    """`width` is how long a row has to be, `least` how long at least (a ragged last column).

    `gaps` are places that are in no column.
    """

    columns: tuple[FixedColumn, ...]
    width: int
    least: int
    gaps: tuple[tuple[int, int], ...]


def read_layout(told: Format, file: str) -> Layout:
    """What the feed says; raises SourceUnreadable (column_duplicate)."""
    spans = list(_spans(told))
    names = name_columns([name for name, _, _ in spans], 1, file)
    columns = tuple(
        FixedColumn(name, start, stop) for name, (_, start, stop) in zip(names, spans, strict=True)
    )
    width = max(column.stop for column in columns)
    last = max(columns, key=lambda column: column.stop)
    least = last.start if told.get("ragged", False) else width
    return Layout(columns, width, least, tuple(_gaps(columns)))


def _spans(told: Format) -> Iterator[tuple[str, int, int]]:
    at = 0
    for name, width in told.get("widths", {}).items():
        yield name, at, at + width
        at += width
    for column in told.get("columns", ()):
        start = column["start"] - 1
        yield column["name"], start, start + column["width"]


def _gaps(columns: Sequence[FixedColumn]) -> Iterator[tuple[int, int]]:
    at = 0
    for column in sorted(columns, key=lambda column: column.start):
        if column.start > at:
            yield at, column.start
        at = max(at, column.stop)
