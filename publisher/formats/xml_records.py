"""records.xml: `records`, a `record` per line, whose elements are the fields by their names.

A missing value has no element, a list an element for each of its items; so an empty list can't be
told from a missing one. Carriage returns are character references, else a reader would drop them.
Characters that XML 1.0 forbids (most below U+0020, U+FFFE, U+FFFF) are written _x0000_ with their
number, and the underscore of a text that looks like that is _x005F_: ISO/IEC 29500-1, 22.9.2.19.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from exchange_schemas.pieces import Part, joined
from exchange_schemas.signs import CONTROL, Signs, signs_of_columns
from exchange_schemas.standard import Field, Standard
from publisher.formats.block import Block, block_of

NAME = "records.xml"
SEPARATOR = b"\n"
FOOT = b"\n</records>\n"
NO_ROWS = b"</records>\n"

_FORBIDDEN = [chr(n) for n in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)]
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "\r": "&#13;",
    **{char: f"_x{ord(char):04X}_" for char in _FORBIDDEN},
}
_SPECIAL = "[&<>\\x00-\\x08\\x0b-\\x1f\\x{fffe}\\x{ffff}]|_x[0-9A-Fa-f]{4}"
_SIGNS = ("&", "<", ">", "_", CONTROL)
_NO_CHARACTERS = "[\\x{fffe}\\x{ffff}]"
_LOOKS_ESCAPED = "_(x[0-9A-Fa-f]{4})"


def head(standard: Standard, fields: Mapping[str, Field]) -> bytes:
    """The declaration and the root's start tag."""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n<records>\n'


def block(
    rows: pl.DataFrame,
    fields: Mapping[str, Field],
    lines: pl.Series,
    signs: Mapping[str, Signs] | None = None,
) -> Block:
    """The rows as they stand in the file."""
    known = signs or signs_of_columns(rows)
    anywhere = bool(lines.str.contains(_NO_CHARACTERS).any())
    parts: list[Part] = ["<record>"]
    for name, field in fields.items():
        safe = field.kind in ("integer", "boolean") or not (
            anywhere or name not in known or known[name].any_of(_SIGNS)
        )
        parts += _element(field, safe, bool(rows[name].null_count()))
    text = joined([*parts, "</record>\n"])
    return block_of(rows.select(text).to_series(), SEPARATOR)


def _element(field: Field, safe: bool, nullable: bool) -> list[Part]:
    column = pl.col(field.name)
    tags = f"<{field.name}>", f"</{field.name}>"
    start, end = pl.lit(tags[0]), pl.lit(tags[1])
    if field.kind == "list":
        return [column.list.eval(start + escaped(pl.element()) + end).list.join("")]
    text = column.cast(pl.String) if safe else escaped(column)
    return [start + text + end] if nullable else [tags[0], text, tags[1]]


def escaped(text: pl.Expr) -> pl.Expr:
    """`text` as it stands between two tags."""
    looks = text.str.replace_all(_LOOKS_ESCAPED, "_x005F_$1")
    safe = looks.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    return pl.when(text.str.contains(_SPECIAL)).then(safe).otherwise(text)
