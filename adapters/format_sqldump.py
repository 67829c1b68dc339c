"""SQL dumps to batches: the rows that INSERT and COPY would put into one table.

The dump is read and never executed. What would change those rows in another way (an UPDATE, a value
that has to be computed) is refused, because a reader that passed over it would be wrong in silence.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from adapters.artefact import Artefact
from adapters.dump_rows import DumpRows, Row
from adapters.dump_values import MYSQL, POSTGRESQL, SQLITE
from adapters.feed import Feed
from adapters.opener import read_blocks
from adapters.reader import Reader
from adapters.text import ENCODING, utf8_blocks
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.issue import Issue, issues_frame

BLOCK = 1 << 20
ROWS, CELLS = 20_000, 1_000_000  # per batch: whichever comes first


def read_sqldump(feed: Feed, artefact: Artefact, block: int = BLOCK) -> Iterator[Batch]:
    """The table's rows as raw batches; `_line` is where a row starts.

    Raises SourceUnreadable: bytes_invalid, byte_nul, archive_damaged, column_duplicate,
    sql_table_missing, sql_table_several, sql_unreadable, sql_statement, sql_columns_differ.
    """
    blocks = utf8_blocks(read_blocks(artefact, block), feed.format.encoding, artefact.name)
    told = feed.format
    found = DumpRows(told.get("table"), told.get("dialect"), blocks, artefact.name)
    held: list[Row] = []
    for row in found:
        held.append(row)
        if len(held) >= min(ROWS, CELLS // (len(found.columns) + 1) + 1):
            yield _batch(held, found)
            held = []
    yield _batch(held, found)


def _batch(held: list[Row], found: DumpRows) -> Batch:
    wrong: list[Issue] = []
    wrong, found.wrong = found.wrong, wrong
    cells = (
        zip(*(values for _, values in held), strict=True) if held else [()] * len(found.columns)
    )
    data = dict(zip(found.columns, map(list, cells), strict=True))
    schema = {LINE: pl.Int64, **dict.fromkeys(found.columns, pl.String)}
    rows = pl.DataFrame({LINE: [line for line, _ in held], **data}, schema=schema)
    return Batch(rows, issues_frame(wrong), len(wrong))


READER = Reader(
    read_sqldump,
    {
        "required": ["table", "dialect"],
        "properties": {
            "table": {"type": "string", "minLength": 1},
            "dialect": {"enum": [MYSQL, POSTGRESQL, SQLITE]},
            "encoding": ENCODING,
        },
    },
)
