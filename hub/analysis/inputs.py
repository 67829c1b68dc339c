"""What an analysis is given: the records of datasets as columns, the day, and what it read the last time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl
from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from hub import ledger
from hub.analysis import columns
from hub.progress import Progress, Silent
from hub.site import Site


@dataclass(frozen=True, slots=True)
class Result:
    """What one dataset is to say from now on.

    `rows` has fields of the standard (others are left out of the record). Where `gone` is None they are
    all records that there are; else only those that were computed anew, and `gone` the keys of what is
    no more.
    """

    dataset: str
    rows: pl.DataFrame
    gone: pl.Series | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """`day` is the one that is computed for; `known` says up to which entry of each ledger the last
    computing read, and is empty for the first."""

    site: Site
    engine: Engine
    catalogue: Catalogue
    day: date = field(default_factory=today)
    known: Mapping[str, int] = field(default_factory=dict)
    progress: Progress = field(default_factory=Silent)

    def scan(self, dataset: str) -> pl.LazyFrame:
        """The records that the dataset has now: all fields of its current standard, `_key` and `_seq`."""
        with self.engine.connect() as connection:
            return columns.scan(self.site, connection, self.catalogue.get(dataset))

    def frame(self, dataset: str, *fields: str) -> pl.DataFrame:
        """Some fields of these records, and `_key`."""
        found: pl.DataFrame = self.scan(dataset).select("_key", *fields).collect()
        return found

    def changed(self, dataset: str) -> tuple[pl.DataFrame, pl.Series]:
        """(records that are new or others since the last computing, as `scan` gives them; keys that are
        gone)."""
        after = self.known.get(dataset, 0)
        if not after:
            return self.scan(dataset).collect(), pl.Series("_key", [], pl.String)
        with self.engine.connect() as connection:
            return columns.changed(connection, self.catalogue.get(dataset), after)

    def seqs(self, datasets: Iterable[str]) -> dict[str, int]:
        """How far each ledger is now."""
        with self.engine.connect() as connection:
            return {name: ledger.head_seq(connection, name) for name in datasets}

    def erased(self, dataset: str) -> int:
        """The last erasure of its content, a number that grows; 0 where nothing was erased."""
        with self.engine.connect() as connection:
            return columns.last_erasure(connection, dataset)


Compute = Callable[[Inputs], Iterable[Result]]
