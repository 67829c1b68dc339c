"""A view of any size kept in memory, compressed, until it is put in order."""

from __future__ import annotations

from io import BytesIO

import polars as pl


class PackedView:
    """Frames with the same columns, put one after the other, and read as often as is needed."""

    def __init__(self, schema: pl.Schema) -> None:
        self.schema = schema
        self._parts: list[bytes] = []

    def append(self, frame: pl.DataFrame) -> None:
        """Put further rows."""
        rows = frame.select(self.schema.names()).cast(self.schema)
        part = BytesIO()
        rows.write_parquet(part, compression="lz4")
        self._parts.append(part.getvalue())

    def scan(self) -> pl.LazyFrame:
        """All rows, in the order in which they were put."""
        if not self._parts:
            return pl.LazyFrame(schema=self.schema)
        return pl.scan_parquet(self._parts)
