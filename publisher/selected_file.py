"""Chosen records as a file of a release's own formats, made while it is sent.

It has all fields, and its rows are byte for byte those of the release's file: a line of JSON Lines
still has the digest that the release committed itself to.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from exchange_schemas.standard import Field, Standard
from publisher.columns import RECORD_ID, RECORD_ID_FIELD, SALT, SALT_FIELD
from publisher.contents import SLICE, contents_of
from publisher.formats import canonical_csv, excel_csv, json_lines
from publisher.formats.row_file import RowFormat
from publisher.index import Flags
from publisher.manifest import Release
from publisher.selection import public_fields

FORMATS: dict[str, RowFormat] = {
    form.NAME: form for form in (excel_csv, canonical_csv, json_lines)
}
ROWS = 10_000  # that are made into text at a time: some MB


def selected_file(
    form: RowFormat, release: Release, standard: Standard, chosen: Flags
) -> Iterator[bytes]:
    """The bytes of the file with the rows at the places that are `chosen` (`tables.chosen`).

    Raises OSError or PolarsError where the release is taken back meanwhile: the file is cut off then.
    """
    fields = _fields(release, standard)
    yield form.head(standard, fields)
    empty = True
    for rows in _slices(release, chosen):
        block = form.block(rows, fields, json_lines.texts(rows, fields))
        yield bytes(block.data) if empty else form.SEPARATOR + bytes(block.data)
        empty = False
    yield form.NO_ROWS if empty else form.FOOT


def _slices(release: Release, chosen: Flags) -> Iterator[pl.DataFrame]:
    """The chosen rows with all columns, at most `ROWS` at a time; what has none isn't read."""
    contents = contents_of(release.path)
    for first in range(0, len(chosen), SLICE):
        wanted = chosen[first : first + SLICE]
        if wanted.any():
            part = contents.part(first, SLICE).filter(pl.Series(wanted))
            yield from part.iter_slices(ROWS)


def _fields(release: Release, standard: Standard) -> dict[str, Field]:
    """The columns of the release, in its order."""
    known = {RECORD_ID: RECORD_ID_FIELD, **public_fields(standard), SALT: SALT_FIELD}
    return {name: known[name] for name in contents_of(release.path).columns}
