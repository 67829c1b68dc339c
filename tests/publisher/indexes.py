"""Small indexes for tests: rows by what they say, their index, and what a scan of them would find."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from exchange_schemas.standard import Roles, Standard
from publisher.bigrams import folded, words_of
from publisher.index import Index
from publisher.index_build import build_index
from publisher.index_store import Reading, open_sqlite
from publisher.query import EVERYTHING, Filters
from tests.publisher.samples import field, standard

SEARCHED = ("name", "code", "document", "parties", "product", "batch")
SHAPE: dict[str, Any] = {
    "record_id": pl.String,
    **dict.fromkeys((*SEARCHED[:3], "date", "department", "county"), pl.String),
    "parties": pl.List(pl.String),
    "kind": pl.List(pl.String),
    "product": pl.String,
    "batch": pl.String,
    "published_on": pl.String,
}
STANDARD: Standard = standard(
    *(
        field(name, name, "list" if dtype == pl.List(pl.String) else "string")
        for name, dtype in SHAPE.items()
        if name not in ("record_id", "published_on")
    ),
    roles=Roles(
        name="name", code="code", document="document", date="date", department="department",
        county="county", kind="kind", product="product", batch="batch", parties=("parties",),
    ),
    dataset="indexed",
)  # fmt: skip

Row = dict[str, Any]


def frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as a release has them; `record_id` is given where a row has none."""
    named = [{"record_id": f"r{n:04}", **row} for n, row in enumerate(rows)]
    return pl.DataFrame(named, schema=SHAPE)


def ordered(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in the order of a release."""
    return rows.sort("date", "record_id", descending=[True, False], nulls_last=True)


def write(path: Path, rows: pl.DataFrame) -> Path:
    """The index of the rows."""
    build_index(path, STANDARD, ordered(rows).iter_slices(1_000))
    return path


def reading(path: Path) -> AbstractContextManager[Reading]:
    """One reading of the index."""
    return open_sqlite(path)


def read(path: Path) -> Index:
    """The index at `path`."""
    return Index(lambda: reading(path))


def ids(index: Index, words: str, filters: Filters = EVERYTHING) -> list[str]:
    """What is found, in order."""
    rows = np.flatnonzero(index.matching(words, filters)).tolist()
    return [one.record_id for one in index.found(rows)]


def scan(rows: pl.DataFrame, words: str) -> list[str]:
    """What a scan of the folded texts for each word finds, in the order of a release."""
    lists = [name for name in SEARCHED if SHAPE[name] == pl.List(pl.String)]
    texts = [folded(pl.col(name)) for name in SEARCHED if name not in lists]
    texts += [
        pl.col(name).list.eval(folded(pl.element())).list.join("\n", ignore_nulls=True)
        for name in lists
    ]
    told = ordered(rows)
    for word in words_of(words):
        has = (text.str.contains(word, literal=True).fill_null(value=False) for text in texts)
        told = told.filter(pl.any_horizontal(has))
    return told["record_id"].to_list()
