"""A digest of all rows of a table, the same on every database and in whatever order they come.

Each row is written in one way: of every column in order its kind, its length and its text (numbers in
decimal, bytes in hex). The SHA-256s of the rows are added up as four numbers of 64 bits, so that it
doesn't matter how a database sorts, and a row that is there twice counts twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import polars_hash as plh
from sqlalchemy import BigInteger, Boolean, Float, Integer, LargeBinary, Table

_LANES = 4


class TableDigest:
    """Takes a table's rows block by block."""

    def __init__(self) -> None:
        self.rows, self._sum = 0, np.zeros(_LANES, dtype=np.uint64)

    def take(self, frame: pl.DataFrame) -> None:
        """Some rows, with all of the table's columns."""
        if frame.is_empty():
            return
        line = pl.concat_str([_cell(name, kind) for name, kind in frame.schema.items()])
        hexes = frame.select(line.alias("line")).select(plh.col("line").chash.sha2_256())
        raw = bytes.fromhex("".join(hexes.to_series().to_list()))
        self._sum += (
            np.frombuffer(raw, dtype=">u8")
            .reshape(-1, _LANES)
            .astype(np.uint64)
            .sum(axis=0, dtype=np.uint64)
        )
        self.rows += frame.height

    @property
    def digest(self) -> str:
        """Of the rows taken, in hex."""
        return self._sum.astype(">u8").tobytes().hex()


def _cell(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    text = column.bin.encode("hex") if kind == pl.Binary else column.cast(pl.String)
    mark = "b" if kind == pl.Binary else "s" if kind == pl.String else "n"
    size = text.str.len_bytes().cast(pl.String)
    told = pl.concat_str(pl.lit(mark), size, pl.lit(":"), text)
    return pl.when(column.is_null()).then(pl.lit("-")).otherwise(told)


def schema_of(table: Table) -> dict[str, Any]:
    """The columns of a table as those of a frame."""
    return {column.name: _kind(column.type) for column in table.columns}


def _kind(type_: Any) -> Any:
    if isinstance(type_, Boolean):
        return pl.Boolean
    if isinstance(type_, Integer | BigInteger):
        return pl.Int64
    if isinstance(type_, Float):
        return pl.Float64
    return pl.Binary if isinstance(type_, LargeBinary) else pl.String
