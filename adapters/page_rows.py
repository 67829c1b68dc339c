"""The rows of a page's table as raw batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import polars as pl

from adapters.feed import Feed
from adapters.page_grid import GridCell, GridRow
from adapters.page_path import texts_at
from adapters.page_table import PageTable
from adapters.page_text import as_cell, links_of
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.issue import Issue, issues_frame

ROWS, CELLS = 20_000, 1_000_000  # per batch: whichever comes first
LINK = "#href"  # behind a column's name: where the links in its cells lead
SHOWN = 500  # characters of a wrong row that are kept

Record = list[str | None]  # the texts of one record, behind its line


@dataclass(slots=True)
class TableRows:
    """`wrong` and the lines of rows that were passed over wait for the next batch."""

    table: PageTable
    feed: Feed
    links: tuple[str, ...] = field(init=False)
    wrong: list[Issue] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    spanning: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        told = self.feed.format.get("links", False)
        self.links = tuple(told) if isinstance(told, list) else self._linked() if told else ()

    def batches(self) -> Iterator[Batch]:
        """The records, up to 20,000 in a batch; what was passed over is told with the last."""
        records = self._records()
        width = len(self._columns) + 1
        while held := list(islice(records, max(1, min(ROWS, CELLS // width)))):
            yield self._batch(held)
        last = self._batch([])
        yield Batch(last.rows, pl.concat([last.issues, issues_frame([*self._passed_over()])]),
                    last.unreadable)  # fmt: skip

    @property
    def _columns(self) -> list[str]:
        also = self.feed.format.get("also", {})
        return [*self.table.columns, *(name + LINK for name in self.links), *also]

    def _batch(self, held: list[tuple[int, Record]]) -> Batch:
        schema = {LINE: pl.Int64, **dict.fromkeys(self._columns, pl.String)}
        lines = [line for line, _ in held]
        cells: Iterable[Iterable[str | None]] = (
            zip(*(record for _, record in held), strict=True)
            if held
            else [[]] * len(self._columns)
        )
        data = dict(zip(self._columns, map(list, cells), strict=True))
        wrong, self.wrong = self.wrong, []
        return Batch(
            pl.DataFrame({LINE: lines, **data}, schema=schema), issues_frame(wrong), len(wrong)
        )

    def _records(self) -> Iterator[tuple[int, Record]]:
        width, beside = len(self.table.columns), self.feed.format.get("side_by_side", 1)
        for row in islice(iter(self.table.grid), self.table.skip, None):
            if row.group == "tfoot" or row.spans(width * beside):
                self.spanning.append((row.line, next(filter(None, row.texts), "")))
                continue
            cells = row.cells
            if not any(cell and cell.text for cell in cells):
                self.blank.append(row.line)
            elif len(cells) != width * beside and (beside == 1 or len(cells) % width):
                self._tell_wrong(row, width * beside)
            else:
                for start in range(0, len(cells), width):
                    part = cells[start : start + width]
                    if any(cell and cell.text for cell in part):
                        yield row.line, self._record(row, part)

    def _record(self, row: GridRow, cells: list[GridCell | None]) -> Record:
        record: Record = [cell.text or None if cell else None for cell in cells]
        for name in self.links:
            place = self.table.columns.index(name) if name in self.table.columns else -1
            cell = cells[place] if place >= 0 else None
            record.append(as_cell(links_of(cell.element)) if cell else None)
        for path in self.feed.format.get("also", {}).values():
            record.append(as_cell(texts_at(path, row.element)))
        return record

    def _tell_wrong(self, row: GridRow, width: int) -> None:
        params = {"found": str(len(row.cells)), "expected": str(width)}
        shown = " | ".join(row.texts)[:SHOWN]
        self.wrong.append(Issue("row_length", row.line, value=shown, params=params))

    def _linked(self) -> tuple[str, ...]:
        """The columns with a link in any row, and those whose links the feed takes."""
        columns = self.table.columns
        named = {*self.feed.columns, *self.feed.ignore}
        found = {place for place, name in enumerate(columns) if name + LINK in named}
        for row in islice(iter(self.table.grid), self.table.skip, None):
            for cell in row.own:
                if cell.element.find(".//a[@href]") is not None and cell.width == 1:
                    found.add(cell.first % len(columns))
        return tuple(columns[place] for place in sorted(found) if place < len(columns))

    def _passed_over(self) -> Iterator[Issue]:
        if self.blank:
            yield Issue("row_blank", self.blank[0], value=str(len(self.blank)))
        if self.spanning:
            line, text = self.spanning[0]
            count = {"found": str(len(self.spanning))}
            yield Issue("html_row_spanning", line, value=text[:100], params=count)
        hidden = self.table.grid.hidden
        if hidden:
            yield Issue("html_row_hidden", hidden[0], value=str(len(hidden)))
