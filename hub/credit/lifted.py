"""What is left out of the classes by a person's decision or by a repair, though the records say otherwise.

A frame with the columns of `LIFTED`: the record `key` of `dataset`, under `indicator` (null: any), on the days
from `begins` to before `ends` (null: for good), whoever the subject is: a record stays what it is where its
subject gets another id.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.credit_rules import CreditRules
from exchange_schemas.days import HERE
from hub.credit.tables import EXCLUDED, credit_appeal
from hub.states import REPAIRED
from hub.tables import dataset
from hub.tables_of_review import decision, disclosure

LIFTED = pl.Schema(
    {
        "dataset": pl.String, "key": pl.String, "indicator": pl.String, "begins": pl.Date, "ends": pl.Date,
    }
)  # fmt: skip


def lifted(connection: Connection, rules: CreditRules) -> pl.DataFrame:
    """All that is left out: contributions that an appeal took out, and records whose publication was ended by
    credit repair (信用修复管理办法: what is repaired isn't used for classing any more)."""
    rows = [*_appealed(connection), *_repaired(connection, rules)]
    return pl.DataFrame(rows, schema=LIFTED, orient="row").unique().sort(list(LIFTED))


def _appealed(connection: Connection) -> list[tuple[object, ...]]:
    table = credit_appeal
    query = select(
        table.c.dataset, table.c.key, table.c.indicator, table.c.excluded_from, table.c.excluded_until,
    ).where(table.c.state == EXCLUDED)  # fmt: skip
    return [
        (*row[:3], date.fromisoformat(row[3]), row[4] and date.fromisoformat(row[4]))
        for row in connection.execute(query)
    ]


def _repaired(connection: Connection, rules: CreditRules) -> list[tuple[object, ...]]:
    query = (
        select(dataset.c.name, disclosure.c.key, decision.c.decided_at)
        .join(disclosure, disclosure.c.dataset_id == dataset.c.id)
        .join(decision, decision.c.id == disclosure.c.decision_id)
        .where(disclosure.c.state == REPAIRED, dataset.c.name.in_(rules.datasets))
    )
    return [
        (row.name, row.key, None, _day(row.decided_at), None) for row in connection.execute(query)
    ]


def _day(instant: str) -> date:
    """The day in Maoming of an instant of the tables."""
    return datetime.fromisoformat(instant).astimezone(HERE).date()


def left(
    rules: CreditRules, facts: pl.LazyFrame, left_out: pl.DataFrame, day: date
) -> pl.LazyFrame:
    """`facts` without those that are left out on a day."""
    now = left_out.filter(
        pl.col("begins") <= day, pl.col("ends").is_null() | (pl.col("ends") > day)
    )
    if now.is_empty():
        return facts
    numbers = {one.id: number for number, one in enumerate(rules.indicators)}
    named = now.select(
        "dataset", "key",
        pl.col("indicator").replace_strict(numbers, default=None, return_dtype=pl.Int16).alias("_place"),
        pl.col("indicator").is_null().alias("_any"),
    )  # fmt: skip
    hit = facts.join(named.lazy(), on=["dataset", "key"]).filter(
        pl.col("place") >= 0,
        pl.col("_any") | (pl.col("_place") == pl.col("place")),
    )
    names = ["dataset", "key", "place"]
    return facts.join(hit.select(names), on=names, how="anti")
