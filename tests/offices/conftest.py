"""A site on each database, and the records that a dataset has now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from hub.analysis import columns, computing
from hub.analysis.analyses import find
from tests.analysis.conftest import Place, place

__all__ = ["Place", "place"]
DAY = date(2026, 11, 30)
Computed = Callable[..., pl.DataFrame]


@pytest.fixture
def computed(place: Place) -> Computed:
    """Computes an analysis for a day and gives the records of a dataset; `counts` are of the last."""

    def compute(name: str, dataset: str, day: date = DAY) -> pl.DataFrame:
        done = computing.compute(place.site, place.engine, [find(name)], day=day)
        counts = done[name][dataset]
        assert counts["rejected"] == 0, counts
        with place.engine.connect() as connection:
            rows = columns.scan(place.site, connection, place.catalogue.get(dataset)).collect()
        return rows.with_columns(
            _changed=pl.lit(counts["added"] + counts["changed"] + counts["gone"])
        )

    return compute
