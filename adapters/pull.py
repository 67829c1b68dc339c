"""Pull a feed's delivery, and read it as raw batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import polars as pl

from adapters.artefact import Artefact, Store
from adapters.feed import Feed
from adapters.format_csv import read_csv
from adapters.format_json import read_json
from adapters.format_jsonl import read_jsonl
from adapters.format_xlsx import read_xlsx
from adapters.occurrence import with_occurrence
from adapters.source_file import fetch_file
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue, issues_frame

TRANSPORTS: dict[str, Callable[[Feed, Store], Artefact]] = {"file": fetch_file}
FORMATS: dict[str, Callable[[Feed, Artefact], Iterator[Batch]]] = {
    "csv": read_csv,
    "json": read_json,
    "jsonl": read_jsonl,
    "xlsx": read_xlsx,
}


def pull(feed: Feed, store: Store) -> Artefact:
    """Fetch the feed's present delivery and keep it.

    Raises SourceUnavailable (file_missing) and Misdeclared (secret_missing).
    """
    return TRANSPORTS[feed.source.kind](feed, store)


def read(feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    """The delivery as raw batches of about 4 MB, at least one (which may have no rows).

    Every batch has the same columns: `_line` and the source's, all text. For JSON `_line` is the
    place of the item in its list, from 1, for workbooks the row of the sheet. Raises SourceUnreadable as the format does, and
    column_missing where the feed maps a column that the file doesn't have.
    """
    batches = FORMATS[feed.format.kind](feed, artefact)
    first = next(batches)
    columns = [name for name in first.rows.columns if name != LINE]
    absent = _find_absent(feed, columns, artefact.name)
    told = _tell_unknown(feed, columns)
    first = Batch(first.rows, pl.concat([told, first.issues]), first.unreadable)
    filled = _fill(chain([first], batches), absent)
    yield from with_occurrence(feed, _tell_header_only(filled))


def _find_absent(feed: Feed, columns: list[str], file: str) -> list[str]:
    """Optional columns that the delivery lacks; any other one is a reason to stop."""
    absent = [name for name in feed.columns if name not in columns]
    rules = [rule for rule in feed.fields.values() if not rule.optional]
    needed = {name for rule in rules for name in rule.columns}
    stop = [name for name in absent if name in needed]
    if stop:
        params = {"found": "、".join(columns)}
        issue = Issue("column_missing", value="、".join(stop), file=file, params=params)
        raise SourceUnreadable(issue)
    return absent


def _tell_unknown(feed: Feed, columns: list[str]) -> pl.DataFrame:
    known = {*feed.columns, *feed.ignore}
    return issues_frame([Issue("column_unknown", value=n) for n in columns if n not in known])


def _fill(batches: Iterator[Batch], absent: list[str]) -> Iterator[Batch]:
    empty = [pl.lit(None, pl.String).alias(name) for name in absent]
    for batch in batches:
        rows = batch.rows.with_columns(empty) if absent else batch.rows
        yield Batch(rows, batch.issues, batch.unreadable)


def _tell_header_only(batches: Iterator[Batch]) -> Iterator[Batch]:
    rows = 0
    for batch in batches:
        rows += batch.rows.height + batch.unreadable
        yield batch
    if not rows:
        yield Batch(batch.rows, issues_frame([Issue("header_only")]))
