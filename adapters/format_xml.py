"""XML to batches: the elements at a path are rows, what is in them are columns.

The file is read once and in constant memory, however large it is, and nothing that it names is
opened. Where the feed doesn't say the columns, they are all those that occur.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from adapters.artefact import Artefact
from adapters.feed import Feed
from adapters.reader import Reader
from adapters.text import ENCODING
from adapters.xml_cells import Cells
from adapters.xml_opening import marked, xml_blocks
from adapters.xml_outer import UP, outer_of
from adapters.xml_path import CELL, ROWS, RowPath
from adapters.xml_rows import RowStream
from adapters.xml_table import Row, Table, chosen, empty_frame, settled
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue, empty_issues, issues_frame

SHOWN = 20  # names in one message


def read_xml(feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    """The file's rows as raw batches; `_line` is where the row's element starts.

    Raises SourceUnreadable: file_empty, xml_encoding, bytes_invalid, byte_nul, archive_damaged,
    xml_doctype, xml_invalid, xml_too_large, xml_place_missing.
    """
    found = _Rows(feed, artefact)
    if feed.format.get("columns"):
        yield from _declared(feed, found)
    else:
        yield from settled(Table(found.file).frames(found), feed)
        if not found.count:  # no rows, so no columns to be checked
            yield Batch(empty_frame(feed.columns), found.issues())


def _declared(feed: Feed, found: _Rows) -> Iterator[Batch]:
    """Batches with the columns of `columns:`; what else the rows have is told once."""
    columns = {name: column_of(path) for name, path in feed.format.get("columns").items()}
    taken, left = {LINE: LINE, **columns}, dict[str, None]()
    for frame in Table(found.file).frames(found):
        left.update(dict.fromkeys(c for c in frame.columns if c not in taken.values()))
        yield Batch(chosen(frame, taken))
    issues = found.issues()
    if left:
        names = "、".join([*left][:SHOWN]) + ("…" if len(left) > SHOWN else "")
        issues = pl.concat([issues, issues_frame([Issue("xml_left_out", value=names)])])
    yield Batch(empty_frame(columns), issues)


def column_of(path: str) -> str:
    """The name that the cell at this path (`xml_path.CELL`) has without `columns:`."""
    if path.startswith(UP):
        return path
    return path.removesuffix("/text()").replace("/", ".")


@dataclass(slots=True)
class _Rows:
    """The rows of a file; whether there were any is known after the last."""

    feed: Feed
    artefact: Artefact
    count: int = field(init=False, default=0)

    @property
    def file(self) -> str:
        """The name of the file, for messages."""
        return self.artefact.name

    def __iter__(self) -> Iterator[Row]:
        """Line, columns and cells of each row; raises as `read_xml`."""
        told = self.feed.format
        spaces = told.get("namespaces", {})
        path = RowPath(told.get("rows"), spaces)
        cells = Cells(spaces, frozenset(told.get("lists", ())))
        outer = outer_of(told.get("columns", {}).values(), cells)
        blocks = marked(xml_blocks(self.feed, self.artefact), self.file)
        for rows in RowStream(path, self.file, outer.keep).elements(blocks):
            self.count += len(rows)
            plain = cells.plain(rows)
            for row in rows:
                yield row.sourceline, *outer.join(row, *cells.of(row, plain))
        if not self.count and not path.met:
            params = {"expected": path.told}
            raise SourceUnreadable(Issue("xml_place_missing", file=self.file, params=params))

    def issues(self) -> pl.DataFrame:
        """What is to be told of the file as a whole, after the last row."""
        if self.count:
            return empty_issues()
        return issues_frame([Issue("xml_rows_missing", value=self.feed.format.get("rows"))])


_PATHS = {"type": "string", "pattern": CELL}
READER = Reader(
    read_xml,
    {
        "required": ["rows"],
        "properties": {
            "rows": {"type": "string", "pattern": ROWS},
            "columns": {"type": "object", "minProperties": 1, "additionalProperties": _PATHS},
            "lists": {"type": "array", "items": {"type": "string", "minLength": 1}},
            "namespaces": {
                "type": "object",
                "additionalProperties": {"type": "string", "minLength": 1},
            },
            "encoding": ENCODING,
        },
    },
    hostile=True,
)
