"""A Parquet file that frames are put into one after another, by Polars' own writer.

Polars takes its rows from a source that it pulls; so it runs in a thread of its own and pulls what
was put. Measured against pyarrow's ParquetWriter: a third of its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import Full, Queue
from types import TracebackType

import polars as pl
from polars.io.plugins import register_io_source

from publisher.formats.parquet import ROWS, Compression

WAITING = 2  # frames that may wait for the writer, to bound memory
_LOOK = 0.1  # seconds after which a writer that takes nothing is looked after


class ParquetStream:
    """Frames of `schema` as one file at `path`, or an object that Polars is told of by `options`; raises what
    Polars does, when put or at the end."""

    def __init__(
        self,
        path: Path | str,
        schema: pl.Schema,
        compression: Compression,
        options: dict[str, str] | None = None,
    ) -> None:
        self._frames: Queue[pl.DataFrame | None] = Queue(WAITING)
        source = register_io_source(self._pull, schema=schema, is_pure=True)
        write = partial(
            source.sink_parquet, path, row_group_size=ROWS, storage_options=options, **compression
        )
        self._pool = ThreadPoolExecutor(1, "parquet")
        self._written: Future[object] = self._pool.submit(write)

    def put(self, frame: pl.DataFrame | None) -> None:
        """The next rows; None: there are no more."""
        while not self._written.done():
            try:
                return self._frames.put(frame, timeout=_LOOK)
            except Full:
                continue
        self._written.result()
        return None

    def _pull(
        self,
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        while (frame := self._frames.get()) is not None:
            yield frame if with_columns is None else frame.select(with_columns)

    def __enter__(self) -> ParquetStream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.put(None)
            self._written.result()
        except Exception:
            if error is None:
                raise
        finally:
            self._pool.shutdown()
