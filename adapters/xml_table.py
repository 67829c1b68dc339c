"""Rows of cells as raw batches whose columns are the same throughout."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from pathlib import Path

import polars as pl

from adapters.feed import Feed
from adapters.xml_cells import MOST_SHAPES, Names, Texts
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue, issues_frame

ROWS = 20_000  # in a frame, or fewer with
CELLS = 1_000_000
LETTERS = 1 << 20
MOST_COLUMNS = 2_000
_BETWEEN = "\x1f"  # no text in XML can have it

Row = tuple[int, Names, Texts]  # line, columns, cells


@dataclass(slots=True)
class Table:
    """Rows on their way to frames; `columns` are those met so far, and only grow.

    A row is kept as one text, which Polars splits: many small texts would take it three times as
    long. A row is as long as the columns known when its shape was first met; what it lacks is null.
    """

    file: str
    columns: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)
    _orders: dict[Names, Callable[[Texts], Iterable[str]]] = field(default_factory=dict)

    def frames(self, rows: Iterable[Row]) -> Iterator[pl.DataFrame]:
        """The rows, about 4 MB in a frame; an empty cell is null.

        Raises SourceUnreadable (xml_too_large: more than 2,000 columns).
        """
        lines: list[int] = []
        joined: list[str] = []
        letters = 0
        shape: Names | None = None
        for line, names, texts in rows:
            if names is not shape:
                shape, ordered = names, self._order(names)
            lines.append(line)
            joined.append(_BETWEEN.join(ordered(texts)))
            letters += len(joined[-1])
            if len(lines) >= min(ROWS, CELLS // (len(self.columns) + 1)) or letters >= LETTERS:
                yield self._frame(lines, joined)
                lines, joined, letters = [], [], 0
        if lines:
            yield self._frame(lines, joined)

    def _order(self, names: Names) -> Callable[[Texts], Iterable[str]]:
        """What puts cells with these names into the order of `columns`."""
        found = self._orders.get(names)
        if found is None:
            self.columns += [name for name in names if name not in self._known]
            self._known.update(names)
            self._refuse_many()
            if len(self._orders) > MOST_SHAPES:
                self._orders.clear()
            found = self._orders[names] = _placing(names, self.columns)
        return found

    def _refuse_many(self) -> None:
        if len(self.columns) > MOST_COLUMNS:
            params = {
                "reason": f"the rows have more than {MOST_COLUMNS:,} different columns",
                "reason_zh": f"各行的列超过 {MOST_COLUMNS:,} 种",
            }
            raise SourceUnreadable(Issue("xml_too_large", file=self.file, params=params))

    def _frame(self, lines: list[int], joined: list[str]) -> pl.DataFrame:
        placed = pl.Series(LINE, lines, dtype=pl.Int64)
        if not self.columns:
            return placed.to_frame()
        split = pl.Series(joined).str.split_exact(_BETWEEN, len(self.columns) - 1).struct.unnest()
        split.columns = [f"#{LINE}" if name == LINE else name for name in self.columns]
        return split.select(pl.when(pl.all() != "").then(pl.all())).insert_column(0, placed)


def _placing(names: Names, columns: list[str]) -> Callable[[Texts], Iterable[str]]:
    if list(names) == columns[: len(names)]:
        return lambda texts: texts
    places = {name: place for place, name in enumerate(names)}
    picked = [places.get(name, len(names)) for name in columns]
    take = itemgetter(*picked, len(names))
    return lambda texts: take([*texts, ""])


def settled(found: Iterator[pl.DataFrame], feed: Feed) -> Iterator[Batch]:
    """The frames as batches that all have the columns of the first ones.

    First are those up to where every column that the feed maps has turned up; they wait in files.
    A column that turns up later is one that the feed doesn't map: it is told of, and left out.
    """
    columns: dict[str, None] = {LINE: None}
    with tempfile.TemporaryDirectory(prefix="hub-xml-") as folder:
        held: list[Callable[[], pl.DataFrame]] = []
        for frame in found:
            columns.update(dict.fromkeys(frame.columns))
            held.append(_held(frame, Path(folder) / f"{len(held)}.arrow"))
            if columns.keys() >= set(feed.columns):
                break
        same = {name: name for name in columns}
        for one in held:
            yield Batch(chosen(one(), same))
    for frame in found:
        late = [name for name in frame.columns if name not in columns]
        columns.update(dict.fromkeys(late))
        told = [Issue("column_unknown", value=name) for name in late if name not in feed.ignore]
        yield Batch(chosen(frame, same), issues_frame(told))


def _held(frame: pl.DataFrame, path: Path) -> Callable[[], pl.DataFrame]:
    frame.write_ipc(path)
    return partial(pl.read_ipc, path)


def empty_frame(columns: Iterable[str]) -> pl.DataFrame:
    """A raw frame without rows."""
    return pl.DataFrame(schema={LINE: pl.Int64, **dict.fromkeys(columns, pl.String)})


def chosen(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """The frame with these columns (name → that in `frame`), empty where it hasn't got them."""
    return frame.select(
        pl.col(there).alias(name)
        if there in frame.columns
        else pl.lit(None, pl.String).alias(name)
        for name, there in columns.items()
    )
