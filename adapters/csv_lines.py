"""On which line of the file every row of a CSV stands."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

BREAK = r"\r\n|\n|\r"
_LAST_CONTROL = 13  # carriage return: below it and at it stand all line ends


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that isn't as long as the header.

    `ordinal` counts the file's rows after the header from 1, `breaks` the line ends inside its
    cells, `cells` how many it has; `text` is the row as written, cut to 500 characters.
    """

    ordinal: int
    cells: int
    breaks: int
    text: str


@dataclass(slots=True)
class LineCounter:
    """Follows a file through its batches: `line` and `ordinal` are those of the next row.

    `last_line` is that of the last row passed, right or wrong.
    """

    line: int
    ordinal: int = 1
    last_line: int = 1
    wrong: list[WrongRow] = field(default_factory=list)  # met by the parser, not yet passed

    def pass_rows(
        self, rows: pa.RecordBatch, frame: pl.DataFrame
    ) -> tuple[NDArray[np.int64], list[tuple[int, WrongRow]]]:
        """Lines of the batch's rows, and the wrong rows among them with their lines.

        `frame` is the batch as Polars. Wrong rows after the batch's last row wait for the next.
        """
        ordinals = self._ordinals(rows.num_rows)
        last = int(ordinals[-1]) if len(ordinals) else self.ordinal - 1
        passed = [row for row in self.wrong if row.ordinal <= last]
        breaks = np.zeros(last - self.ordinal + 1, dtype=np.int64)
        breaks[ordinals - self.ordinal] = _breaks(rows, frame)
        for row in passed:
            breaks[row.ordinal - self.ordinal] = row.breaks
        # a row starts after as many lines as rows before it, and line ends inside them
        starts = self.line + np.arange(len(breaks)) + np.cumsum(breaks) - breaks
        placed = [(int(starts[row.ordinal - self.ordinal]), row) for row in passed]
        lines = starts[ordinals - self.ordinal]
        self.last_line = int(starts[-1]) if len(starts) else self.last_line
        self.line += len(breaks) + int(breaks.sum())
        self.ordinal = last + 1
        self.wrong = self.wrong[len(passed) :]
        return lines, placed

    def pass_rest(self) -> list[tuple[int, WrongRow]]:
        """The wrong rows at the end of the file, with their lines."""
        placed = []
        for row in self.wrong:
            placed.append((self.line, row))
            self.last_line = self.line
            self.line += 1 + row.breaks
            self.ordinal = row.ordinal + 1
        self.wrong = []
        return placed

    def _ordinals(self, count: int) -> NDArray[np.int64]:
        """Ordinals of the next `count` right rows: those that wrong rows don't have."""
        room = np.arange(self.ordinal, self.ordinal + count + len(self.wrong))
        wrong = np.array([row.ordinal for row in self.wrong], dtype=np.int64)
        return np.setdiff1d(room, wrong, assume_unique=True)[:count]


def _breaks(rows: pa.RecordBatch, frame: pl.DataFrame) -> NDArray[np.int64] | int:
    """Line ends inside the cells of each row; looked for only where the batch has any."""
    if not _has_control(rows):
        return 0
    counts = frame.select(
        pl.sum_horizontal(pl.all().str.count_matches(BREAK)).cast(pl.Int64).alias("breaks")
    )
    return counts["breaks"].to_numpy()


def _has_control(rows: pa.RecordBatch) -> bool:
    """Whether any cell may have a line end: the least byte of the columns tells it at 25 GB/s."""
    texts = (column.buffers()[2] for column in rows.columns)
    filled = (np.frombuffer(text, np.uint8) for text in texts if text is not None and text.size)
    return any(int(text.min()) <= _LAST_CONTROL for text in filled)
