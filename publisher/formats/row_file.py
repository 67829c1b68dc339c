"""A text file of rows, written block by block; its size and digest are known at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol

import polars as pl

from exchange_schemas.signs import Signs
from exchange_schemas.standard import Field, Standard
from publisher.formats.block import Block

_PIECE = 1 << 18  # bytes: still near the processor when they are hashed after being written


class RowFormat(Protocol):
    """What a module of a text format has."""

    NAME: str
    SEPARATOR: bytes
    FOOT: bytes
    NO_ROWS: bytes

    def head(self, standard: Standard, fields: Mapping[str, Field]) -> bytes:
        """What stands before the rows."""

    def block(
        self,
        rows: pl.DataFrame,
        fields: Mapping[str, Field],
        lines: pl.Series,
        signs: Mapping[str, Signs] | None = None,
    ) -> Block:
        """The rows as they stand in the file; `lines` is their canonical JSON, `signs` are those of
        their texts, where they are known already."""


class RowFile:
    """One file of one format in `folder`, open for writing; raises OSError."""

    def __init__(self, folder: Path, form: RowFormat, head: bytes) -> None:
        self.name = form.NAME
        self._form = form
        self._file = (folder / form.NAME).open("wb")
        self._digest = hashlib.sha256()
        self._bytes = 0
        self._empty = True
        self._put(head)

    def append(self, block: Block) -> None:
        """The next rows; of none nothing is written."""
        if not block.lengths.len():
            return
        if not self._empty:
            self._put(self._form.SEPARATOR)
        self._empty = False
        for part in block.parts:
            self._put(part)

    def finish(self) -> tuple[int, str]:
        """Write the foot; returns bytes and hex SHA-256 of the file."""
        self._put(self._form.NO_ROWS if self._empty else self._form.FOOT)
        self._file.flush()
        return self._bytes, self._digest.hexdigest()

    def _put(self, data: bytes | memoryview) -> None:
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            self._file.write(piece)
            self._digest.update(piece)
        self._bytes += len(data)

    def __enter__(self) -> RowFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
