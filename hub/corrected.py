"""A corrected workbook as a delivery: only the rows that somebody changed, through the same checks."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson
import polars as pl

from adapters.artefact import Store
from adapters.delivered import Delivered, Told
from adapters.feed import Feed
from adapters.occurrence import with_occurrence
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import runs
from hub.corrections import Correction
from hub.delivery import Delivery
from hub.drift import load_profile
from hub.quarantine import RejectedRow, rows
from hub.quarantine_book import NUMBER, CorrectedRow, number_of, read_book, shown

WHOLE_ROW = "原文"  # the cell of a row that couldn't be split into cells


def take_corrected(delivery: Delivery, path: Path) -> None:
    """Make the workbook's changed rows the delivery.

    Taking the same workbook again changes nothing: rows that became records stand in quarantine no
    more and are passed over. Raises Misdeclared: correction_foreign, correction_column,
    correction_row; Refused (correction_none) where nothing is left to take.
    """
    name, found = read_book(path)
    if name != delivery.feed.name:
        raise Misdeclared(Issue("correction_foreign", file=path.name))
    with delivery.engine.connect() as connection:
        rejected = {number_of(row): row for row in rows(connection, name, corrected=True)}
        waiting = {number_of(row) for row in rows(connection, name)}
        profile = load_profile(connection, runs.feed_id(connection, name))
    order = list(profile or {})
    made = [
        _correction(row, rejected, delivery.feed, order, path.name)
        for row in found
        if row.number in waiting or row.number not in rejected
    ]
    changed = [one for one in made if one is not None]
    if not changed:
        raise Refused(Issue("correction_none", file=path.name))
    _deliver(delivery, changed, path)


def _correction(
    row: CorrectedRow,
    rejected: dict[str, RejectedRow],
    feed: Feed,
    order: Sequence[str],
    file: str,
) -> Correction | None:
    """What was corrected in the row; None where nothing was."""
    before = rejected.get(row.number)
    if before is None:
        words = {"column": NUMBER}
        raise Misdeclared(Issue("correction_row", file=file, value=row.number, params=words))
    absent = [name for name in before.cells if name not in row.cells]
    if absent:
        raise Misdeclared(Issue("correction_column", file=file, value=absent[0]))
    after = {
        name: cell if shown(cell) == row.cells[name] else row.cells[name]
        for name, cell in before.cells.items()
    }
    if after == before.cells:
        return None
    if list(after) == [WHOLE_ROW] and order:
        after = _split(after[WHOLE_ROW] or "", feed, order)
    return Correction(before.run_id, before.place, before.content, after)


def _split(text: str, feed: Feed, order: Sequence[str]) -> dict[str, str | None]:
    """The cells of a whole row, where they are as many as the feed's columns."""
    cells = next(csv.reader([text], delimiter=feed.format.get("delimiter", ",")), [])
    return dict(zip(order, cells, strict=True)) if len(cells) == len(order) else {WHOLE_ROW: text}


def _deliver(delivery: Delivery, changed: list[Correction], path: Path) -> None:
    lines = b"".join(orjson.dumps(dict(one.after)) + b"\n" for one in changed)
    store = Store(delivery.site.raw)
    artefact = store.keep(io.BytesIO(lines), f"{delivery.feed.name}-corrected.jsonl")
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = Told(path.name, path.name, {}, path.stat().st_size)
    delivery.take(Delivered(artefact, now, (told,)))
    delivery.reread = True
    delivery.corrected = changed
    delivery.batches = lambda: _batches(delivery.feed, changed)


def _batches(feed: Feed, changed: list[Correction]) -> Iterator[Batch]:
    names = list(dict.fromkeys([*feed.columns, *(name for one in changed for name in one.after)]))
    data = {name: [one.after.get(name) for one in changed] for name in names}
    frame = pl.DataFrame(data, schema=dict.fromkeys(names, pl.String))
    line = pl.Series(LINE, range(1, len(changed) + 1), dtype=pl.Int64)
    yield from with_occurrence(feed, iter([Batch(frame.insert_column(0, line))]))
