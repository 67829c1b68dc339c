"""Which alerts follow from prices that aren't what they were: corrected, or taken back, since they were issued."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, func, select

from hub.tables import dataset, revision

ALERTS, PRICES = "price_alert", "price_monitoring"
_PART = 10_000  # numbers or keys that are asked for at one time


def corrected(connection: Connection, alerts: pl.DataFrame, prices: pl.LazyFrame) -> pl.Series:
    """Of `alerts` (alert_no, observations: keys of prices) the numbers of those of which a price is another
    one now, or gone. `prices` has `_key` and `_seq` of what there is.

    Runs are counted in the order in which they came, whatever a clock said: a price that a later run than
    the alert's said is another one.
    """
    asked = alerts.select("alert_no", _key="observations").explode("_key").drop_nulls()
    keys = asked.select("_key").unique().lazy()
    found = asked.join(prices.join(keys, on="_key", how="semi").collect(), on="_key", how="left")
    issued = _runs(connection, ALERTS, revision.c.key, alerts["alert_no"].to_list())
    said = _runs(connection, PRICES, revision.c.seq, found["_seq"].drop_nulls().unique().to_list())
    told = found.with_columns(
        issued=pl.col("alert_no").replace_strict(issued, default=None, return_dtype=pl.Int64),
        said=pl.col("_seq").replace_strict(said, default=None, return_dtype=pl.Int64),
    )
    other = pl.col("said").is_null() | (pl.col("said") > pl.col("issued"))
    return told.filter(other)["alert_no"].unique()


def _runs(
    connection: Connection, name: str, column: ColumnElement[Any], values: list[Any]
) -> dict[Any, int]:
    """key or seq of a dataset → the run that said it first."""
    mine = select(dataset.c.id).where(dataset.c.name == name).scalar_subquery()
    found: dict[Any, int] = {}
    for at in range(0, len(values), _PART):
        query = (
            select(column, func.min(revision.c.run_id))
            .where(revision.c.dataset_id == mine, column.in_(values[at : at + _PART]))
            .group_by(column)
        )
        found |= {row[0]: int(row[1]) for row in connection.execute(query)}
    return found
