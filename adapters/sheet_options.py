"""Where on a sheet the table stands, as a feed says it; the same for every kind of workbook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.feed import Format
from adapters.sheet import LAST_COLUMN, LAST_ROW, column_number

BLANK = "blank"  # what `until` says for: the first blank row

_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})?:([A-Z]{1,3})([0-9]{1,7})?")
_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
_TEXTS: Mapping[str, Any] = {"type": "array", "items": _TEXT, "minItems": 1}

#: JSON Schema of the options of every format that is a workbook.
SHEET_OPTIONS: Mapping[str, Any] = {
    "properties": {
        "sheet": _TEXT,
        "sheets": {"anyOf": [_TEXT, _TEXTS]},
        "header_row": {"type": "integer", "minimum": 1, "maximum": LAST_ROW},
        "header": {
            "type": "object",
            "properties": {"contains": _TEXTS},
            "required": ["contains"],
            "additionalProperties": False,
        },
        "header_rows": {"type": "integer", "minimum": 1, "maximum": 5},
        "range": {"type": "string", "pattern": f"^{_RANGE.pattern}$"},
        "table": {
            "type": "object",
            "properties": {"after": _TEXT},
            "required": ["after"],
            "additionalProperties": False,
        },
        "until": {"anyOf": [_TEXT, _TEXTS]},
        "fill_merged": {"type": "boolean"},
    },
    # what excludes each other: {} is what must be, and nothing is both
    "dependentSchemas": {
        "sheet": {"properties": {"sheets": {"enum": ["nothing, because sheet is given"]}}},
        "header": {"properties": {"header_row": {"enum": ["nothing, because header is given"]}}},
        "table": {"properties": {"header_row": {"enum": ["nothing, because table is given"]}}},
    },
}


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Rows and columns count from 1. `header_row` is None where the header has to be looked for.

    The header is looked for below the row that has `after` in a cell; it is the first row there
    with any text, or within the first 25 the one with the cells of `contains`.
    """

    header_row: int | None
    contains: tuple[str, ...]
    header_rows: int
    top: int
    left: int
    bottom: int
    right: int
    after: str | None
    until: tuple[str, ...]
    until_blank: bool
    fill_merged: bool


def table_options(told: Format) -> TableOptions:
    """What the feed says; a table that is one of several on its sheet ends at a blank row."""
    top, left, bottom, right = _range(told.get("range"))
    contains = tuple(told.get("header", {}).get("contains", ()))
    after = told.get("table", {}).get("after")
    until = told.get("until", BLANK if after else ())
    ends = (until,) if isinstance(until, str) else tuple(until)
    return TableOptions(
        header_row=None if contains or after else told.get("header_row", top),
        contains=contains,
        header_rows=told.get("header_rows", 1),
        top=top,
        left=left,
        bottom=bottom,
        right=right,
        after=after,
        until=tuple(end for end in ends if end != BLANK),
        until_blank=BLANK in ends,
        fill_merged=told.get("fill_merged", False),
    )


def _range(written: str | None) -> tuple[int, int, int, int]:
    """First row, first column, last row, last column of `B3:K200`, `B3:K` or `B:K`."""
    found = _RANGE.fullmatch(written or "")
    if found is None:
        return 1, 1, LAST_ROW, LAST_COLUMN
    left, top, right, bottom = found.groups()
    return int(top or 1), column_number(left), int(bottom or LAST_ROW), column_number(right)
