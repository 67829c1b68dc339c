"""Cells of a fixed width in bytes, decoded a column at a time and never a row at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

#: JSON Schema of the option `encoding` where cells are counted in bytes: in these, no byte of a
#: character is a line end.
BYTE_ENCODING: dict[str, Any] = {"enum": ["utf-8", "gb18030", "gbk", "gb2312", "big5"]}

PADDING = " \0"
_SUPERSET = {"gbk": "gb18030", "gb2312": "gb18030"}  # as in `text.py`
_END = 0x0A

Bytes = NDArray[np.uint8]


def codec_of(encoding: str) -> str:
    """Python's name for it: exports that say GBK have characters of the later GB 18030."""
    return _SUPERSET.get(encoding, encoding)


def decode_cells(cells: Bytes, encoding: str) -> tuple[pl.Series, list[int]]:
    """The cells (a row each, a byte each column) as text without their padding, and which rows
    have bytes that aren't of this encoding: these stand in the text as �.
    """
    if not cells.size:
        return pl.Series([""], dtype=pl.String).new_from_index(0, len(cells)), []
    if (cells < 0x80).all():
        ends = np.arange(len(cells) + 1, dtype=np.int64) * cells.shape[1]
        return _texts(ends, np.ascontiguousarray(cells).tobytes()), []
    codec = codec_of(encoding)
    framed = np.full((len(cells), cells.shape[1] + 1), _END, dtype=np.uint8)
    framed[:, :-1] = cells
    try:
        text = np.frombuffer(framed.tobytes().decode(codec).encode(), dtype=np.uint8)
    except UnicodeDecodeError:
        return _one_by_one(cells, codec)
    ends = np.flatnonzero(text == _END)
    if len(ends) != len(cells):  # a cell has a line end of its own
        return _one_by_one(cells, codec)
    ends = np.concatenate([[0], ends - np.arange(len(ends))])
    return _texts(ends, text[text != _END].tobytes()), []


def _texts(ends: NDArray[np.int64], content: bytes) -> pl.Series:
    """Texts in UTF-8, one behind the other, cut where they end."""
    buffers = [
        None,
        pa.py_buffer(np.ascontiguousarray(ends, dtype=np.int64)),
        pa.py_buffer(content),
    ]
    array = pa.Array.from_buffers(pa.large_string(), len(ends) - 1, buffers)
    return pl.Series(array, dtype=pl.String).str.strip_chars(PADDING)


def _one_by_one(cells: Bytes, codec: str) -> tuple[pl.Series, list[int]]:
    """The slow way, for columns where something is wrong."""
    texts, wrong = [], []
    for row, cell in enumerate(cells):
        written = cell.tobytes()
        try:
            texts.append(written.decode(codec))
        except UnicodeDecodeError:
            texts.append(written.decode(codec, "replace"))
            wrong.append(row)
    return pl.Series([text.strip(PADDING) for text in texts], dtype=pl.String), wrong
