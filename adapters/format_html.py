"""HTML pages to batches: a table of rows, or a page that is one record.

Pages are read as browsers do where they are built wrongly, and strictly where their bytes are wrong.
Nothing of a page is executed, and nothing that it names is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from adapters.artefact import Artefact
from adapters.feed import Feed
from adapters.opener import read_blocks
from adapters.page_record import ALTERNATE, records
from adapters.page_rows import TableRows
from adapters.page_table import find_table
from adapters.page_tree import page_tree
from adapters.reader import Reader
from adapters.text import ENCODING
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.issue import Issue, issues_frame

BLOCK = 1 << 20


def read_html(feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    """The page's rows as raw batches; `_line` is where the row, or the record's element, starts.

    Raises SourceUnreadable: file_empty, html_encoding, bytes_invalid, byte_nul, archive_damaged,
    format_invalid, html_table_missing, html_table_several, header_empty, column_duplicate,
    html_side_by_side; Misdeclared: page_path_invalid.
    """
    page = page_tree(read_blocks(artefact, BLOCK), feed.format.get("encoding"), artefact.name)
    if "record" in feed.format.options:
        yield _records(feed, artefact, page)
    else:
        yield from TableRows(find_table(page, feed.format, artefact.name), feed).batches()


def _records(feed: Feed, artefact: Artefact, page: object) -> Batch:
    told = feed.format.get("record")
    found = list(records(page, told, artefact.name))
    kept = [(line, cells) for line, cells in found if cells]
    wrong = [Issue("html_record_missing", line) for line, cells in found if not cells]
    # a page without any of them has no columns to be checked
    names = dict.fromkeys(name for _, cells in kept for name in cells)
    columns = list(names or dict.fromkeys(feed.columns))
    data = {_column(name): [cells.get(name) for _, cells in kept] for name in columns}
    schema = {LINE: pl.Int64, **dict.fromkeys(data, pl.String)}
    rows = pl.DataFrame({LINE: [line for line, _ in kept], **data}, schema=schema)
    return Batch(rows, issues_frame(wrong), len(wrong))


def _column(name: str) -> str:
    return f"#{LINE}" if name == LINE else name  # a batch has its own


_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT, "minItems": 1}
_PATHS = {"type": "object", "minProperties": 1, "additionalProperties": _TEXT}
_HAVING = {
    "type": "object",
    "properties": {"having": _TEXTS},
    "required": ["having"],
    "additionalProperties": False,
}
_RECORD = {
    "type": "object",
    "properties": {
        "pairs": {"enum": [True, ALTERNATE]},
        "within": _TEXT,
        "fields": _PATHS,
        "each": _TEXT,
        "lists": _TEXTS,
    },
    "anyOf": [{"required": ["pairs"]}, {"required": ["fields"]}],
    "additionalProperties": False,
}
_NOT_WITH_RECORD = {"enum": ["nothing, because record is given"]}
READER = Reader(
    read_html,
    {
        "properties": {
            "encoding": ENCODING,
            "table": {"anyOf": [{"type": "integer", "minimum": 1}, _HAVING]},
            "header_row": {"type": "integer", "minimum": 1},
            "header_rows": {"type": "integer", "minimum": 1, "maximum": 5},
            "side_by_side": {"type": "integer", "minimum": 2, "maximum": 10},
            "links": {"anyOf": [{"type": "boolean"}, _TEXTS]},
            "also": _PATHS,
            "record": _RECORD,
        },
        "dependentSchemas": {
            "record": {
                "properties": dict.fromkeys(
                    ("table", "header_row", "header_rows", "side_by_side", "links", "also"),
                    _NOT_WITH_RECORD,
                )
            }
        },
    },
    hostile=True,
)
