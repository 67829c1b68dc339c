"""Corrected rows as a delivery: only those that somebody changed, through the same checks.

They come in a workbook, or from a form of the console: the same way for both.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
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
from exchange_schemas.sealed import HIDDEN
from hub import runs
from hub.corrected_rows import read_rows
from hub.corrections import Correction
from hub.delivery import Delivery
from hub.drift import load_profile
from hub.quarantine import RejectedRow, rows
from hub.quarantine_book import NUMBER, CorrectedRow, number_of, shown
from hub.sealed_columns import WHOLE_ROW, closed_columns


def take_corrected(delivery: Delivery, path: Path) -> None:
    """Make the changed rows of a workbook, or of a form (`corrected_rows`), the delivery.

    Taking the same ones again changes nothing: rows that became records stand in quarantine no
    more and are passed over. Raises Misdeclared: correction_foreign, correction_column,
    correction_row; Refused (correction_none) where nothing is left to take.
    """
    name, found = read_rows(path)
    if name != delivery.feed.name:
        raise Misdeclared(Issue("correction_foreign", file=path.name))
    with delivery.engine.connect() as connection:
        rejected = {number_of(row): row for row in rows(connection, name, corrected=True)}
        waiting = {number_of(row) for row in rows(connection, name)}
        profile = load_profile(connection, runs.feed_id(connection, name))
    order = list(profile or {})
    closed = closed_columns(delivery.feed, delivery.standard)
    made = [
        _correction(row, rejected, delivery.feed, order, closed, path.name)
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
    closed: Collection[str],
    file: str,
) -> Correction | None:
    """What was corrected in the row; None where nothing was. Hidden cells stay as they were."""
    before = rejected.get(row.number)
    if before is None:
        words = {"column": NUMBER}
        raise Misdeclared(Issue("correction_row", file=file, value=row.number, params=words))
    told = {name: shown(cell) for name, cell in before.cells.items()} if row.part else {}
    given = {**told, **row.cells}
    absent = [name for name in before.cells if name not in given]
    if absent:
        raise Misdeclared(Issue("correction_column", file=file, value=absent[0]))
    after = {
        name: cell if given[name] in _unchanged(name, cell, closed) else given[name]
        for name, cell in before.cells.items()
    }
    if after == before.cells:
        return None
    if list(after) == [WHOLE_ROW] and order:
        after = _split(after[WHOLE_ROW] or "", feed, order)
    return Correction(before.run_id, before.place, before.content, after)


def _unchanged(name: str, cell: str | None, closed: Collection[str]) -> tuple[str, ...]:
    """How a cell comes back that nobody touched."""
    return (shown(cell), HIDDEN) if name in closed else (shown(cell),)


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
