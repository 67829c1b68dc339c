"""Lines of a text, cut into columns: by bytes, or by characters."""

from __future__ import annotations

from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.byte_cells import PADDING, codec_of, decode_cells
from adapters.fixed_columns import FixedColumn

_LF, _CR, _BLANK = 0x0A, 0x0D, 0x20


class ByteRows:
    """Lines, each with its line end, in an encoding whose characters have no line end in them."""

    def __init__(self, text: bytes, encoding: str) -> None:
        self._encoding = encoding
        self._bytes = np.frombuffer(text, dtype=np.uint8)
        ends = np.flatnonzero(self._bytes == _LF)
        self._starts = np.concatenate([[0], ends[:-1] + 1])
        before = self._bytes[np.maximum(ends - 1, 0)]
        self.lengths: NDArray[np.int64] = (
            ends - self._starts - ((before == _CR) & (ends > self._starts))
        )
        stride = int(ends[0]) + 1  # of lines that are all of one length, as they should be
        self._stride = stride if (np.diff(ends, prepend=-1) == stride).all() else 0

    def cut(self, wanted: NDArray[np.intp], column: FixedColumn) -> tuple[pl.Series, list[int]]:
        """The column's texts, and which of them have bytes that aren't of the encoding."""
        if self._stride and len(wanted) == len(self._starts):
            rows = self._bytes.reshape(-1, self._stride)
            return decode_cells(rows[:, column.start : column.stop], self._encoding)
        places = self._starts[wanted, None] + np.arange(column.start, column.stop)
        cells = self._bytes.take(places, mode="clip")
        if (
            self.lengths[wanted] < column.stop
        ).any():  # a ragged row: what is behind its end is the next one's
            beyond = self.lengths[wanted, None] <= np.arange(column.start, column.stop)
            cells = np.where(beyond, np.uint8(_BLANK), cells)
        return decode_cells(cells, self._encoding)

    def written(self, row: int) -> str:
        """The whole row; a byte that isn't of the encoding is �."""
        start, length = int(self._starts[row]), int(self.lengths[row])
        return (
            self._bytes[start : start + length]
            .tobytes()
            .decode(codec_of(self._encoding), "replace")
        )


class CharacterRows:
    """Lines in UTF-8, each with its line end."""

    def __init__(self, text: bytes) -> None:
        whole = pl.Series([text[:-1]], dtype=pl.Binary).cast(pl.String)
        self._lines = whole.str.split("\n").explode().str.strip_suffix("\r")
        self.lengths = cast(
            NDArray[np.int64], self._lines.str.len_chars().cast(pl.Int64).to_numpy()
        )

    def cut(self, wanted: NDArray[np.intp], column: FixedColumn) -> tuple[pl.Series, list[int]]:
        """The column's texts; all of them are well encoded."""
        lines = self._lines if len(wanted) == len(self._lines) else self._lines.gather(wanted)
        width = column.stop - column.start
        return lines.str.slice(column.start, width).str.strip_chars(PADDING), []

    def written(self, row: int) -> str:
        """The whole row."""
        return str(self._lines[row])
