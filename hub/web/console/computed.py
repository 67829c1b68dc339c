"""What analyses found, as a page reads it: the records that a dataset has now."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from hub.analysis import columns
from hub.web.console.console import Console


def records(console: Console, dataset: str) -> pl.DataFrame:
    """All fields of the dataset's records, `_key` and `_seq`."""
    return scan(console)(dataset).collect()


def scan(console: Console) -> Callable[[str], pl.LazyFrame]:
    """What gives the records of any dataset."""

    def found(dataset: str) -> pl.LazyFrame:
        with console.engine.connect() as connection:
            return columns.scan(console.site, connection, console.catalogue().get(dataset))

    return found
